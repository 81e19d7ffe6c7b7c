import { EVENT_HUBS_BOUNDS, eventHubsSource } from '@weir/ingest'
import type { EventSource, MessagePlace, RawMessage, Refetched } from '@weir/model'
import { unwrap } from '@weir/normalize'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startEventHubs, type TestEventHubs } from './event-hubs.ts'
import { appendedPlaces, blobFilePlaces } from './places/blobs.ts'
import { eventHubPlaces } from './places/event-hubs.ts'
import { filePlaces } from './places/files.ts'
import { deps, type Places } from './places/place.ts'
import { s3ListingPlaces, s3QueuePlaces } from './places/s3.ts'
import { Recorder } from './recorder.ts'

function records(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, n) => `{"n":${from + n},"pad":"${'p'.repeat(300)}"}`)
}

interface Delivered extends MessagePlace {
  readonly message: RawMessage
}

/** What a source delivers until it is caught up, each message with its place. */
async function delivered(source: EventSource): Promise<Delivered[]> {
  const recorder = new Recorder().start(source)
  await recorder.until(({ states }) => states.some(({ state }) => state === 'caught-up'))
  await recorder.stop()
  return recorder.batches.flatMap(({ partition, messages }) =>
    messages.map((message) => ({ partition, at: message.at, message })),
  )
}

async function refetched(source: EventSource, places: readonly MessagePlace[]): Promise<Refetched[]> {
  const over = new AbortController()
  try {
    const all: Refetched[] = []
    for await (const each of source.refetch!(over.signal)(places)) all.push(each)
    return all
  } finally {
    over.abort()
  }
}

/** The first records of a message, byte for byte; more may follow those that the line had. */
function recordsOf({ bytes, format }: RawMessage, most = Number.POSITIVE_INFINITY): string[] {
  const read = unwrap(bytes, format)
  expect(read.quarantined).toEqual([])
  return read.records.slice(0, most).map((_, index) => Buffer.from(read.bytesOf(index)).toString())
}

describe.each([
  ['blobs', appendedPlaces],
  ['blobs of any layout', blobFilePlaces],
  ['event hubs', eventHubPlaces],
  ['files', filePlaces],
  ['S3 by a queue', s3QueuePlaces],
  ['S3 by listing', s3ListingPlaces],
] as const)('a source of %s', (_, open) => {
  let places: Places
  beforeAll(async () => {
    places = await open()
  })
  afterAll(() => places.close())

  test('gives every message again by its place, in whatever order it is asked, also when more has come', async () => {
    const { write, source } = await places.place()
    await write(records(0, 200))
    const first = await delivered(source())
    await write(records(200, 260))
    const again = await refetched(source(), first.toReversed())
    const found = new Map(again.map((each) => [`${each.partition} ${each.at}`, each]))
    expect(found.size).toBe(first.length)
    for (const { partition, at, message } of first) {
      const one = found.get(`${partition} ${at}`)!
      if ('gone' in one) throw new Error(`${at} is gone: ${one.gone}`)
      const want = recordsOf(message)
      expect(recordsOf(one.message, want.length)).toEqual(want)
    }
  })

  test('says of a place that never was that nothing is there', async () => {
    const { write, source } = await places.place()
    await write(records(0, 3))
    const [one] = await delivered(source())
    const at = one!.at.replace(/\d+$/, '987654321')
    expect(await refetched(source(), [{ partition: one!.partition, at }])).toEqual([
      { partition: one!.partition, at, gone: 'not-found' },
    ])
  })

  test('lets go when it is no longer wanted', async () => {
    const { write, source } = await places.place()
    await write(records(0, 200))
    const all = await delivered(source())
    const over = new AbortController()
    for await (const _one of source().refetch!(over.signal)(all)) break
    over.abort()
  })
})

describe('a hub', () => {
  let hubs: TestEventHubs
  beforeAll(async () => {
    hubs = await startEventHubs(['logs:2'])
  })
  afterAll(() => hubs.stop())

  function source(): EventSource {
    const auth = { kind: 'emulator', connectionString: hubs.connectionString } as const
    const where = { hubs: ['logs'], consumerGroup: 'weir', transport: 'amqp', start: 'earliest' } as const
    return eventHubsSource({ ...EVENT_HUBS_BOUNDS, name: 'hub', auth, ...where }, deps)
  }

  test('gives few of many messages without reading those between, of several partitions, and tells what retention took', async () => {
    await Promise.all(['0', '1'].map((partition) => hubs.send('logs', partition, records(0, 1_000))))
    await hubs.control('POST', '/retain', { hub: 'logs', partition: '1', from: 2 })
    const wanted = ['0', '1'].flatMap((partition) =>
      [999, 0, 1, 600, 2, 1_000].map((n) => ({ partition: `logs/${partition}`, at: String(n) })),
    )
    const found = await refetched(source(), wanted)
    const told = found.map((each) => {
      if ('gone' in each) return [each.partition, Number(each.at), each.gone]
      expect(Buffer.from(each.message.bytes).toString()).toBe(records(0, 1_000)[Number(each.at)])
      return [each.partition, Number(each.at), 'there']
    })
    expect(told.sort()).toEqual(
      [
        ...[0, 1, 2, 600, 999].map((n) => ['logs/0', n, 'there']),
        ['logs/0', 1_000, 'not-found'],
        ...[0, 1].map((n) => ['logs/1', n, 'retention']),
        ...[2, 600, 999].map((n) => ['logs/1', n, 'there']),
        ['logs/1', 1_000, 'not-found'],
      ].sort(),
    )
  })

  test('that does not answer is told as such, and not waited for longer than it may take', async () => {
    await hubs.kill()
    await expect(refetched(source(), [{ partition: 'logs/0', at: '1' }])).rejects.toThrow()
    await hubs.restart()
    expect(await refetched(source(), [{ partition: 'logs/0', at: '1' }])).toMatchObject([{ at: '1' }])
  })
})
