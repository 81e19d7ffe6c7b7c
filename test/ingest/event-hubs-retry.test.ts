import { EventHubConsumerClient, type Subscription } from '@azure/event-hubs'
import { EVENT_HUBS_BOUNDS, type EventHubsConfig, eventHubsSource } from '@weir/ingest'
import { createReport, systemClock } from '@weir/runtime'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startEventHubs, type TestEventHubs } from './event-hubs.ts'
import { Recorder } from './recorder.ts'

let hubs: TestEventHubs
let running: Recorder[] = []
let pauses: number[] = []

beforeAll(async () => {
  hubs = await startEventHubs(['one:1'])
})
afterAll(() => hubs.stop())
beforeEach(async () => {
  await hubs.restartEmpty()
  pauses = []
})
afterEach(async () => {
  for (const recorder of running) await recorder.stop()
  running = []
})

/** With the pauses of the defaults, the longest that chance may choose. */
function read(change: Partial<EventHubsConfig> = {}): Recorder {
  const auth = { kind: 'emulator', connectionString: hubs.connectionString } as const
  const where = { hubs: ['one'], consumerGroup: 'weir', transport: 'amqp', start: 'earliest' } as const
  const report = createReport('debug', { write: (line) => note(JSON.parse(line)) })
  const deps = { clock: systemClock, report, random: () => 0 }
  const config = { ...EVENT_HUBS_BOUNDS, statusMs: 50, name: 'hubs', auth, ...where, ...change }
  const recorder = new Recorder().start(eventHubsSource(config, deps))
  running.push(recorder)
  return recorder
}

function note({ happening, pauseMs }: { happening: string; pauseMs: number }): void {
  if (happening === 'source_cut_off') pauses.push(pauseMs)
}

function fault(rule: object): Promise<unknown> {
  return hubs.control('POST', '/faults', rule)
}

function detach(condition?: string): Promise<unknown> {
  return hubs.control('POST', '/detach', { hub: 'one', condition })
}

async function refuseToken(): Promise<void> {
  await fault({ point: 'put-token', action: 'refuse', condition: 'amqp:unauthorized-access' })
  await hubs.control('POST', '/drop-connections', {})
}

/** What a source was away for, by the pauses it chose: no clock that the machine's load could move. */
describe('after one fault nobody waits for two seconds', () => {
  test.each<[string, number, () => Promise<unknown>]>([
    ['the server is busy', 1, () => detach('com.microsoft:server-busy')],
    ['the receiver is detached by force', 1, () => detach('amqp:link:detach-forced')],
    ['the connection drops', 2, () => hubs.control('POST', '/drop-connections', {})],
    ['a reader with an epoch steals the partition and goes', 1, () => detach('amqp:link:stolen')],
    ['a token is refused', 3, refuseToken],
  ])('%s: at most %i tries', async (_, triesMax, strike) => {
    const recorder = read()
    await recorder.next('caught-up', 'one/0')
    await strike()
    await hubs.send('one', '0', ['{"n":1}'])
    await recorder.until(({ messages }) => messages.length === 1)
    expect(pauses.length).toBeGreaterThan(0)
    expect(pauses.length).toBeLessThanOrEqual(triesMax)
    expect(pauses.reduce((sum, pause) => sum + pause, 0)).toBeLessThan(2_000)
  })
})

/** Readers of somebody else's, in our consumer group. */
class Others {
  readonly #clients: EventHubConsumerClient[] = []
  readonly #subscriptions: Subscription[] = []

  /** @param ownerLevel the epoch that each claims; without one they share. */
  async attach(readers: number, ownerLevel?: number): Promise<void> {
    for (let n = 0; n < readers; n++) {
      const client = new EventHubConsumerClient('weir', hubs.connectionString, 'one')
      this.#clients.push(client)
      const nothing = { processEvents: async () => undefined, processError: async () => undefined }
      const options = ownerLevel === undefined ? {} : { ownerLevel }
      this.#subscriptions.push(client.subscribe('0', nothing, { maxWaitTimeInSeconds: 1, ...options }))
    }
    const theirs = ownerLevel ?? null
    for (;;) {
      const { receivers } = await hubs.state()
      if (receivers.filter(({ epoch }) => epoch === theirs).length >= readers) return
    }
  }

  async leave(): Promise<void> {
    await Promise.all(this.#subscriptions.map((each) => each.close()))
    await Promise.all(this.#clients.map((each) => each.close()))
  }
}

describe('another reader of the consumer group', () => {
  test('with an epoch is told as such, fought ever less often, and outlived', async () => {
    const others = new Others()
    const recorder = read({ hopelessRetryMs: 400 })
    await recorder.next('caught-up', 'one/0')
    const cut = recorder.next('cut-off', 'one/0')
    await others.attach(1, 7)
    expect(await cut).toMatchObject({ code: 'reader-evicted' })
    for (let n = 0; n < 3; n++) await recorder.next('cut-off', 'one/0')
    await others.leave()
    await hubs.send('one', '0', ['{"n":1}'])
    await recorder.until(({ messages }) => messages.length === 1)
    expect((await recorder.next('caught-up', 'one/0')).code).toBeUndefined()
    expect((await cut).reason).toMatch(/^Consumer group weir of hub one: .*epoch 7.*group of its own/)
    expect(pauses.slice(0, 4)).toEqual([200, 400, 400, 400])
  })

  test('is one too many when five are there already: told, waited for, and read on', async () => {
    const others = new Others()
    await others.attach(5)
    const recorder = read({ hopelessRetryMs: 400 })
    const cut = await recorder.next('cut-off', 'one/0')
    expect(cut.code).toBe('reader-evicted')
    expect(cut.reason).toMatch(/^Consumer group weir of hub one: .*five readers.*group of its own/)
    await others.leave()
    await recorder.next('caught-up', 'one/0')
  })

  test('is not blamed for another quota', async () => {
    const condition = 'amqp:resource-limit-exceeded'
    await fault({ point: 'attach', match: { group: 'weir' }, action: 'refuse', condition })
    const cut = await read().next('cut-off', 'one/0')
    expect([cut.code, cut.reason]).toEqual([undefined, expect.not.stringContaining('five readers')])
  })
})
