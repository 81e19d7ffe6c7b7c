import type { RawBatch, SourceSignal } from '@weir/model'
import { createReport, type Report, systemClock, WeirError } from '@weir/runtime'
import { expect, test } from 'vitest'
import { INBOX_BOUNDS, type Inbox, inboxSource } from '../src/index.ts'

interface Run {
  readonly inbox: Inbox
  readonly batches: RawBatch[]
  readonly signals: SourceSignal[]
  readonly ended: Promise<void>
  readonly report: Report
  stop(): void
}

function start(
  bytesInFlightMax = 100,
  cursors: ReadonlyMap<string, string> = new Map(),
  bounds: Partial<typeof INBOX_BOUNDS> = {},
): Run {
  const config = { ...INBOX_BOUNDS, name: 'push', bytesInFlightMax, ...bounds }
  const report = createReport('silent')
  const inbox = inboxSource(config, { clock: systemClock, report })
  const stop = new AbortController()
  const batches: RawBatch[] = []
  const signals: SourceSignal[] = []
  const deliver = async (signal: SourceSignal): Promise<void> => {
    signals.push(signal)
    if (signal.kind === 'batch') batches.push(signal)
  }
  const ended = inbox.run({ cursors, deliver, signal: stop.signal })
  return { inbox, batches, signals, ended, report, stop: () => stop.abort() }
}

function settled(promise: Promise<unknown>): Promise<'now' | 'later'> {
  return Promise.race([
    promise.then(() => 'now' as const),
    new Promise<'later'>((r) => setImmediate(r, 'later')),
  ])
}

test('a push is answered when it is committed, not before', async () => {
  const { inbox, batches, ended, stop } = start()
  const pushed = inbox.push({ pieces: [Buffer.from('{"a":1}')], dataset: 'azure.signinlogs' })
  expect(await settled(pushed)).toBe('later')
  expect(batches[0]?.messages[0]).toMatchObject({ dataset: 'azure.signinlogs' })
  batches[0]?.committed?.()
  expect(await settled(pushed)).toBe('now')
  stop()
  await ended
})

test('pushes beyond the bound wait until others are committed', async () => {
  const { inbox, batches, ended, stop } = start(10)
  const first = inbox.push({ pieces: [Buffer.alloc(8)] })
  const second = inbox.push({ pieces: [Buffer.alloc(8)] })
  expect([await settled(second), batches.length]).toEqual(['later', 1])
  batches[0]?.committed?.()
  await first
  expect([await settled(second), batches.length]).toEqual(['later', 2])
  batches[1]?.committed?.()
  await second
  stop()
  await ended
})

test('every push has a place of its own', async () => {
  const { inbox, batches, ended, stop } = start()
  const pushes = ['a', 'b', 'c'].map((text) => inbox.push({ pieces: [Buffer.from(text)] }))
  await settled(pushes[2]!)
  for (const batch of batches) batch.committed?.()
  await Promise.all(pushes)
  expect(new Set(batches.map(({ messages }) => messages[0]?.at)).size).toBe(3)
  stop()
  await ended
})

test('pushes not committed when the source stops are refused, those waiting too, and those that come later', async () => {
  const { inbox, ended, stop } = start(10)
  const pushes = [inbox.push({ pieces: [Buffer.alloc(8)] }), inbox.push({ pieces: [Buffer.alloc(8)] })]
  for (const push of pushes) push.catch(() => undefined)
  stop()
  await ended
  for (const push of [...pushes, inbox.push({ pieces: [Buffer.alloc(1)] })])
    await expect(push).rejects.toBeInstanceOf(WeirError)
})

test('while nothing is on its way it is caught up; while something is, it does not say so', async () => {
  const { inbox, signals, ended, stop } = start()
  await settled(ended)
  expect(signals.map(({ kind }) => kind)).toEqual(['partitions', 'state'])
  const pushed = inbox.push({ pieces: [Buffer.from('x')] })
  pushed.catch(() => undefined)
  stop()
  await ended
  expect(signals.filter(({ kind }) => kind === 'state')).toHaveLength(1)
})

/** What a store would hold after these batches. */
function cursorsOf(batches: readonly RawBatch[]): Map<string, string> {
  const cursors = new Map<string, string>()
  for (const { key, value } of batches.flatMap((batch) => batch.cursors)) {
    if (value === '') cursors.delete(key)
    else cursors.set(key, value)
  }
  return cursors
}

/** Pushes one key after the other, each committed at once; says of each what it was taken for. */
async function pushAll({ inbox, batches }: Run, keys: readonly string[]): Promise<string[]> {
  const answers: string[] = []
  for (const key of keys) {
    const pushed = inbox.push({ pieces: [Buffer.from(key)], key })
    await settled(pushed)
    batches.at(-1)?.committed?.()
    answers.push(await pushed)
  }
  return answers
}

test('a repeat is known by its key, also after a restart, and its records count as duplicates', async () => {
  const first = start()
  expect(await pushAll(first, ['a', 'b', 'a'])).toEqual(['new', 'new', 'repeated'])
  expect(first.batches.map(({ messages }) => messages[0]?.repeated)).toEqual([undefined, undefined, true])
  first.stop()
  const second = start(100, cursorsOf(first.batches))
  expect(await pushAll(second, ['b', 'c'])).toEqual(['repeated', 'new'])
  second.stop()
})

test('a repeat of a push that was never committed is new', async () => {
  const first = start()
  const lost = first.inbox.push({ pieces: [Buffer.from('a')], key: 'a' })
  lost.catch(() => undefined)
  await settled(lost)
  first.stop()
  await first.ended
  await expect(lost).rejects.toBeInstanceOf(WeirError)
  const second = start()
  expect(await pushAll(second, ['a'])).toEqual(['new'])
  second.stop()
})

test('a repeat that comes while the first is on its way waits for that', async () => {
  const { inbox, batches, stop } = start()
  const pushes = [0, 1, 2].map(() => inbox.push({ pieces: [Buffer.from('a')], key: 'a' }))
  await settled(pushes[2]!)
  expect(batches).toHaveLength(1)
  batches[0]?.committed?.()
  await settled(pushes[2]!)
  for (const batch of batches.slice(1)) batch.committed?.()
  expect(await Promise.all(pushes)).toEqual(['new', 'repeated', 'repeated'])
  stop()
})

test('no more than so many pushes are remembered, the youngest, and none for longer than told', async () => {
  const keys = Array.from({ length: 10 }, (_, n) => `k${n}`)
  const few = start(100, new Map(), { rememberedPushesMax: 3 })
  await pushAll(few, keys)
  expect([...cursorsOf(few.batches).keys()]).toEqual(['k7', 'k8', 'k9'])
  expect(await few.report.registry.metrics()).toContain('weir_push_forgotten_early_total{source="push"} 7')
  few.stop()
  const old = String(Date.now() - 2 * INBOX_BOUNDS.rememberMs)
  const stale = start(100, new Map(keys.map((key) => [key, old])))
  expect(await pushAll(stale, ['k3'])).toEqual(['new'])
  const gone = stale.batches[0]!.cursors.filter(({ value }) => value === '').map(({ key }) => key)
  expect(gone).toEqual(keys.filter((key) => key !== 'k3'))
  stale.stop()
})
