import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { EVENT_HUBS_BOUNDS, eventHubsSource } from '@weir/ingest'
import { createReport, systemClock } from '@weir/runtime'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startEventHubs, type TestEventHubs } from './event-hubs.ts'
import { Recorder } from './recorder.ts'

const STOPPED = new URL('./event-hubs-stopped.ts', import.meta.url).pathname

let hubs: TestEventHubs
/** The process of a test that failed before it stopped it must not outlive it. */
let started: ChildProcess | undefined

beforeEach(async () => {
  hubs = await startEventHubs(['logs:3', 'more:1'])
})
afterEach(async () => {
  started?.kill('SIGKILL')
  signalService('SIGCONT')
  await hubs.stop()
})

function signalService(signal: 'SIGSTOP' | 'SIGCONT'): void {
  try {
    process.kill(hubs.pid, signal)
  } catch {
    // It was killed by its test.
  }
}

/** A process of its own that reads hubs until it is told to stop. */
class ReadingProcess {
  readonly #child: ChildProcess
  readonly #lines: string[] = []
  readonly #said: () => Promise<unknown>

  constructor(...names: readonly string[]) {
    const args = [STOPPED, hubs.connectionString, ...names]
    this.#child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    started = this.#child
    const lines = createInterface({ input: this.#child.stdout! })
    lines.on('line', (line) => this.#lines.push(line))
    this.#said = () => once(lines, 'line')
  }

  async until(line: string): Promise<void> {
    while (!this.#lines.includes(line)) await this.#said()
  }

  /** What it had left behind when it was done; resolves only when it ends by itself. */
  async stop(): Promise<string | undefined> {
    this.#child.stdin!.end()
    await once(this.#child, 'close')
    return this.#lines.at(-1)
  }
}

/** A fault that must be there before the process asks, since it asks but once. */
const proofUnanswered = (): Promise<unknown> =>
  hubs.control('POST', '/faults', { point: 'put-token', action: 'never-reply', times: 1 })

const MOMENTS: readonly (readonly [
  string,
  readonly string[],
  (child: ReadingProcess) => Promise<unknown>,
  (() => Promise<unknown>)?,
])[] = [
  ['all is well', ['logs', 'more'], (child) => child.until('caught-up')],
  ['a hub is not there', ['nowhere', 'more'], (child) => child.until('cut-off')],
  [
    'connections have dropped',
    ['logs', 'more'],
    async (child) => {
      await child.until('caught-up')
      await hubs.control('POST', '/drop-connections', {})
      await child.until('cut-off')
    },
  ],
  [
    'the service has frozen',
    ['logs', 'more'],
    async (child) => {
      await child.until('caught-up')
      signalService('SIGSTOP')
    },
  ],
  [
    'a question is not answered',
    ['logs', 'more'],
    async () => {
      await hubs.control('POST', '/faults', { point: 'management', action: 'never-reply', times: 1 })
      while (await waits('management'));
    },
  ],
  [
    'a proof is not answered',
    ['logs', 'more'],
    async () => {
      while (await waits('put-token'));
    },
    proofUnanswered,
  ],
  [
    'the service is gone',
    ['logs', 'more'],
    async (child) => {
      await child.until('caught-up')
      await hubs.kill()
      await child.until('cut-off')
    },
  ],
]

/** True while a fault is still to strike. */
async function waits(point: string): Promise<boolean> {
  return (await hubs.state()).faults.some((fault) => fault.point === point)
}

test.each(MOMENTS.map(([when, names, act, before]) => ({ when, names, act, before })))(
  'stopped when $when: no timer and no socket is left, and the process ends',
  async ({ names, act, before }) => {
    await before?.()
    const child = new ReadingProcess(...names)
    await act(child)
    expect(await child.stop()).toBe('left: nothing')
  },
)

test('an outage is one warning, however many partitions and attempts; the next one warns again', async () => {
  const warnings: { reason: string }[] = []
  const report = createReport('warn', { write: (line) => void warnings.push(JSON.parse(line)) })
  const auth = { kind: 'emulator', connectionString: hubs.connectionString } as const
  const where = { hubs: ['logs'], consumerGroup: '$Default', transport: 'amqp', start: 'earliest' } as const
  const bounds = { ...EVENT_HUBS_BOUNDS, statusMs: 50, retryMsFirst: 5 }
  const deps = { clock: systemClock, report, random: Math.random }
  const recorder = new Recorder().start(eventHubsSource({ ...bounds, name: 'hubs', auth, ...where }, deps))
  const refused = { point: 'attach', action: 'refuse', condition: 'com.microsoft:server-busy', times: 9 }
  const partitions = ['logs/0', 'logs/1', 'logs/2']
  const all = (state: 'caught-up' | 'cut-off') =>
    Promise.all(partitions.map((each) => recorder.next(state, each)))
  await all('caught-up')
  for (let outage = 0; outage < 2; outage++) {
    await hubs.control('POST', '/faults', refused)
    const cut = all('cut-off')
    await hubs.control('POST', '/detach', { hub: 'logs', condition: 'com.microsoft:server-busy' })
    await cut
    await all('caught-up')
  }
  await recorder.stop()
  const attempts = recorder.states.filter(({ state }) => state === 'cut-off').length
  expect(attempts).toBeGreaterThanOrEqual(2 * (3 + 9))
  const busy = 'com.microsoft:server-busy: A fault that was asked for.'
  expect(warnings.map(({ reason }) => reason)).toEqual([busy, busy])
})
