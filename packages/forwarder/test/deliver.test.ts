import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createReport, systemClock } from '@weir/runtime'
import { afterEach, expect, test, vi } from 'vitest'
import { deliver } from '../src/deliver.ts'
import { LIMITS } from '../src/limits.ts'
import { OutputStates } from '../src/output-state.ts'
import type { Message, Output } from '../src/outputs/output.ts'
import type { Refusal } from '../src/spool/entry.ts'
import { readAlert } from '../src/spool/read-alert.ts'
import { Spool } from '../src/spool/spool.ts'
import { makeAlert } from './support/alert.ts'

const opened: (() => Promise<unknown> | unknown)[] = []

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

test('so many batches go out before the first one is acknowledged, and no more', async () => {
  const { output, ship } = delivering({ sendsMax: 3 })
  ship('bulk', 'a 1', 'b 1', 'c 1', 'd 1', 'e 1')
  await vi.waitFor(() => expect(output.sent).toEqual(['a 1', 'b 1', 'c 1']))
  output.sends[0]!.resolve([])
  await vi.waitFor(() => expect(output.sent).toEqual(['a 1', 'b 1', 'c 1', 'd 1']))
})

test('one at a time where an output does not say otherwise', async () => {
  const { output, ship } = delivering({})
  ship('bulk', 'a 1', 'b 1')
  await vi.waitFor(() => expect(output.sent).toEqual(['a 1']))
  output.sends[0]!.resolve([])
  await vi.waitFor(() => expect(output.sent).toEqual(['a 1', 'b 1']))
})

test('what is urgent goes out while bulk batches are on their way', async () => {
  const { output, ship } = delivering({ sendsMax: 3 })
  ship('bulk', 'a 1')
  await vi.waitFor(() => expect(output.sent).toEqual(['a 1']))
  ship('urgent', 'u 1')
  await vi.waitFor(() => expect(output.sent).toEqual(['a 1', 'u 1']))
})

test('the mark waits for the oldest batch, and those acknowledged behind a failed one are not sent again', async () => {
  const { output, ship, delivered } = delivering({ sendsMax: 3 })
  ship('bulk', 'a 1', 'b 1', 'c 1')
  await vi.waitFor(() => expect(output.sends).toHaveLength(3))
  output.sends[1]!.resolve([])
  output.sends[2]!.resolve([])
  expect(delivered()).toBe(0)
  output.sends[0]!.reject(new Error('gone'))
  await vi.waitFor(() => expect(output.sent).toEqual(['a 1', 'b 1', 'c 1', 'a 1']))
  expect(delivered()).toBe(0)
  output.sends[3]!.resolve([])
  await vi.waitFor(() => expect(delivered()).toBe(3))
  expect(output.sent).toHaveLength(4)
})

test('a revision that is on its way is not sent once more, and an older one not behind it', async () => {
  const { output, ship, delivered } = delivering({ sendsMax: 4 })
  ship('urgent', 'a 2')
  await vi.waitFor(() => expect(output.sent).toEqual(['a 2']))
  ship('bulk', 'a 1', 'a 2', 'b 1')
  await vi.waitFor(() => expect(output.sent).toEqual(['a 2', 'b 1']))
  for (const { resolve } of output.sends) resolve([])
  await vi.waitFor(() => expect(delivered()).toBe(3))
})

test('an entry that is refused beside others on their way is set aside once', async () => {
  const { output, ship, spool, delivered } = delivering({ sendsMax: 2 })
  ship('bulk', 'a 1', 'b 1')
  await vi.waitFor(() => expect(output.sends).toHaveLength(2))
  output.sends[1]!.resolve([{ entry: output.sends[1]!.messages[0]!.entry, reason: 'no' }])
  output.sends[0]!.reject(new Error('gone'))
  await vi.waitFor(() => expect(output.sent).toEqual(['a 1', 'b 1', 'a 1', 'b 1']))
  output.sends[2]!.resolve([])
  output.sends[3]!.resolve([{ entry: output.sends[3]!.messages[0]!.entry, reason: 'no' }])
  await vi.waitFor(() => expect(delivered()).toBe(2))
  expect(spool.quarantine.list().map(({ id }) => id)).toEqual(['b'])
})

test('while it goes on, an output that failed once is not told as failing', async () => {
  const { output, ship, states } = delivering({ sendsMax: 2 })
  ship('bulk', 'a 1', 'b 1', 'c 1')
  await vi.waitFor(() => expect(output.sends).toHaveLength(2))
  output.sends[0]!.reject(new Error('gone'))
  output.sends[1]!.reject(new Error('gone'))
  await vi.waitFor(() => expect(output.sends).toHaveLength(4))
  expect(states.of('siem').reason).toBe('gone')
  output.sends[2]!.resolve([])
  await vi.waitFor(() => expect(output.sends).toHaveLength(5))
  expect(states.of('siem')).toMatchObject({ failingSince: 0, reason: '' })
})

test('what is acknowledged when we stop is known after the next start, whatever became of those before it', async () => {
  const { output, ship, spool, delivered, stop } = delivering({ sendsMax: 3, stopMs: 1 })
  ship('bulk', 'a 1', 'b 1', 'c 1')
  await vi.waitFor(() => expect(output.sends).toHaveLength(3))
  const [oldest, second, third] = output.sends
  second!.resolve([])
  third!.resolve([])
  const stopped = stop()
  await vi.waitFor(() => expect(output.signal!.aborted).toBe(true))
  oldest!.reject(new Error('stopped'))
  await stopped
  const last = (id: string) => spool.memory.last('siem', { aggregator: 'cloud', id })?.revision
  expect([last('a'), last('b'), last('c'), delivered()]).toEqual([undefined, 1, 1, 0])
})

/** Answers each `send` when the test says so. */
class Answering implements Output {
  readonly name = 'siem'
  readonly inDoubt = 0
  readonly batchEntriesMax = 1
  readonly sent: string[] = []
  readonly sends: (PromiseWithResolvers<readonly Refusal[]> & { readonly messages: readonly Message[] })[] =
    []
  signal: AbortSignal | undefined

  encode(): Buffer {
    return Buffer.from('x')
  }

  send(messages: readonly Message[], signal: AbortSignal): Promise<readonly Refusal[]> {
    this.signal = signal
    const answer = Promise.withResolvers<readonly Refusal[]>()
    this.sent.push(...messages.map(({ entry }) => `${entry.id} ${entry.revision}`))
    this.sends.push({ ...answer, messages })
    return answer.promise
  }

  async close(): Promise<void> {}
}

function delivering({
  stopMs = LIMITS.stopMs,
  ...extra
}: {
  readonly sendsMax?: number
  readonly stopMs?: number
}) {
  const limits = { ...LIMITS, outputRetryMs: { firstMs: 1, maxMs: 2 }, stopMs }
  const path = join(mkdtempSync(join(tmpdir(), 'weir-deliver-')), 'spool.sqlite')
  const bounds = {
    bytesMax: 1e6,
    whenFull: 'pause' as const,
    rememberMs: 1e6,
    rememberedEntriesMax: 1000,
    quarantineEntriesMax: 10,
  }
  const names = { aggregators: ['cloud'], outputs: ['siem'] }
  const spool = new Spool({ path, clock: systemClock, ...names, ...bounds })
  const feed = spool.feed('cloud')
  feed.begin({ epoch: 'e1', lanes: { urgent: { seq: 0, chain: '' }, bulk: { seq: 0, chain: '' } } })
  const output: Answering = Object.assign(new Answering(), extra)
  const states = new OutputStates(['siem'])
  const shape = { passes: () => true, of: <T>(alert: T): T => alert }
  const stopping = new AbortController()
  const parts = { clock: systemClock, report: createReport('silent'), random: Math.random, limits }
  const done = deliver({ ...parts, spool, output, shape, states }, stopping.signal)
  const stop = (): Promise<void> => {
    stopping.abort()
    return done
  }
  opened.push(async () => {
    stopping.abort()
    for (const { resolve } of output.sends) resolve([])
    await done
    spool.close()
  })
  const ship = (lane: 'urgent' | 'bulk', ...revisions: string[]): void => {
    for (const text of revisions) {
      const [id = '', revision] = text.split(' ')
      const seq = feed.standing()!.lanes[lane].seq + 1
      const alert = makeAlert({ id, revision: Number(revision) })
      const read = readAlert(Buffer.from(JSON.stringify({ seq, at: '2026-03-01T10:05:03.000Z', alert })))
      if ('alert' in read) feed.append(lane, [read.alert], [], { seq, chain: '' })
    }
  }
  return { output, spool, states, ship, stop, delivered: () => feed.delivered('siem', 'bulk') }
}
