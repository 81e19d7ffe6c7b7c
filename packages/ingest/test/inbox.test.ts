import type { RawBatch, SourceSignal } from '@weir/model'
import { systemClock, WeirError } from '@weir/runtime'
import { expect, test } from 'vitest'
import { INBOX_BOUNDS, type Inbox, inboxSource } from '../src/index.ts'

interface Run {
  readonly inbox: Inbox
  readonly batches: RawBatch[]
  readonly signals: SourceSignal[]
  readonly ended: Promise<void>
  stop(): void
}

function start(bytesInFlightMax = 100): Run {
  const inbox = inboxSource({ ...INBOX_BOUNDS, name: 'push', bytesInFlightMax }, { clock: systemClock })
  const stop = new AbortController()
  const batches: RawBatch[] = []
  const signals: SourceSignal[] = []
  const deliver = async (signal: SourceSignal): Promise<void> => {
    signals.push(signal)
    if (signal.kind === 'batch') batches.push(signal)
  }
  const ended = inbox.run({ cursors: new Map(), deliver, signal: stop.signal })
  return { inbox, batches, signals, ended, stop: () => stop.abort() }
}

function settled(promise: Promise<void>): Promise<'now' | 'later'> {
  return Promise.race([
    promise.then(() => 'now' as const),
    new Promise<'later'>((r) => setImmediate(r, 'later')),
  ])
}

test('a push is answered when it is committed, not before', async () => {
  const { inbox, batches, ended, stop } = start()
  const pushed = inbox.push(Buffer.from('{"a":1}'), 'azure.signinlogs')
  expect(await settled(pushed)).toBe('later')
  expect(batches[0]?.messages[0]).toMatchObject({ dataset: 'azure.signinlogs' })
  batches[0]?.committed?.()
  expect(await settled(pushed)).toBe('now')
  stop()
  await ended
})

test('pushes beyond the bound wait until others are committed', async () => {
  const { inbox, batches, ended, stop } = start(10)
  const first = inbox.push(Buffer.alloc(8))
  const second = inbox.push(Buffer.alloc(8))
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
  const pushes = ['a', 'b', 'c'].map((text) => inbox.push(Buffer.from(text)))
  await settled(pushes[2]!)
  for (const batch of batches) batch.committed?.()
  await Promise.all(pushes)
  expect(new Set(batches.map(({ messages }) => messages[0]?.at)).size).toBe(3)
  stop()
  await ended
})

test('pushes not committed when the source stops are refused, those waiting too, and those that come later', async () => {
  const { inbox, ended, stop } = start(10)
  const pushes = [inbox.push(Buffer.alloc(8)), inbox.push(Buffer.alloc(8))]
  for (const push of pushes) push.catch(() => undefined)
  stop()
  await ended
  for (const push of [...pushes, inbox.push(Buffer.alloc(1))])
    await expect(push).rejects.toBeInstanceOf(WeirError)
})

test('while nothing is on its way it is caught up; while something is, it does not say so', async () => {
  const { inbox, signals, ended, stop } = start()
  await settled(ended)
  expect(signals.map(({ kind }) => kind)).toEqual(['partitions', 'state'])
  const pushed = inbox.push(Buffer.from('x'))
  pushed.catch(() => undefined)
  stop()
  await ended
  expect(signals.filter(({ kind }) => kind === 'state')).toHaveLength(1)
})
