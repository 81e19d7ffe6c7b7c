import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { appendedPlaces, blobFilePlaces } from './places/blobs.ts'
import { eventHubPlaces } from './places/event-hubs.ts'
import { filePlaces } from './places/files.ts'
import { graphPlaces } from './places/graph.ts'
import { iamPlaces } from './places/iam.ts'
import { inboxPlaces } from './places/inbox.ts'
import { o365Places } from './places/o365.ts'
import type { Places } from './places/place.ts'
import { s3ListingPlaces, s3QueuePlaces } from './places/s3.ts'
import { syslogPlaces } from './places/syslog.ts'
import { Recorder } from './recorder.ts'

function records(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, n) => `{"n":${from + n},"pad":"${'p'.repeat(300)}"}`)
}

/** The records delivered, in order. */
function read(recorder: Recorder): string[] {
  return recorder.messages.flatMap(({ bytes }) => Buffer.from(bytes).toString().split('\n').filter(Boolean))
}

describe.each([
  ['blobs', appendedPlaces],
  ['blobs of any layout', blobFilePlaces],
  ['event hubs', eventHubPlaces],
  ['files', filePlaces],
  ['graph', graphPlaces],
  ['an IAM credential report', iamPlaces],
  ['o365', o365Places],
  ['pushed records', inboxPlaces],
  ['S3 by a queue', s3QueuePlaces],
  ['S3 by listing', s3ListingPlaces],
  ['syslog over TCP', syslogPlaces],
] as const)('a source of %s', (_, open) => {
  let places: Places
  beforeAll(async () => {
    places = await open()
  })
  afterAll(() => places.close())
  const place = () => places.place()

  test('names its partitions first, delivers every record once and in order, then says that it is caught up', async () => {
    const { write, source } = await place()
    await write(records(0, 500))
    const recorder = new Recorder().start(source())
    await recorder.until(({ states }) => states.some(({ state }) => state === 'caught-up'))
    await recorder.stop()
    expect(read(recorder)).toEqual(records(0, 500))
    const kinds = recorder.signals.filter(({ kind }) => kind !== 'batch').map(({ kind }) => kind)
    expect([recorder.signals[0]?.kind, kinds[0]]).toEqual(['partitions', 'partitions'])
    const lastBatch = recorder.signals.findLastIndex(
      (signal) => signal.kind === 'batch' && signal.messages.length > 0,
    )
    const caughtUp = recorder.signals.findIndex(
      (signal) => signal.kind === 'state' && signal.state === 'caught-up',
    )
    expect(caughtUp).toBeGreaterThan(lastBatch)
  })

  test('says of every signal its name and a partition that it has announced, and of every message its own place', async () => {
    const { write, source } = await place()
    await write(records(0, 100))
    const recorder = new Recorder().start(source())
    await recorder.until(({ states }) => states.some(({ state }) => state === 'caught-up'))
    await recorder.stop()
    const announced = recorder.partitions.flatMap(({ partitions }) => partitions)
    for (const signal of recorder.signals) {
      expect(signal.source).toBe('source')
      if (signal.kind !== 'partitions') expect(announced).toContain(signal.partition)
      if (signal.kind === 'batch')
        expect(signal.cursors.every(({ source: name }) => name === 'source')).toBe(true)
    }
    const places = recorder.messages.map(({ at }) => at)
    expect(new Set(places).size).toBe(places.length)
    for (const { arrival } of recorder.messages)
      expect(Math.abs(arrival - Date.now())).toBeLessThan(3_600_000)
  })

  test('goes on behind what was committed, and delivers again what was not', async () => {
    const { write, source } = await place()
    await write(records(0, 100))
    const first = new Recorder().start(source())
    await first.until((recorder) => read(recorder).length === 100)
    first.hold()
    await first.stop()
    await write(records(100, 200))
    const lost = new Recorder(first.cursors)
    lost.hold()
    lost.start(source())
    await lost.until((recorder) => read(recorder).length === 100)
    await lost.stop()
    const again = new Recorder(lost.cursors).start(source())
    await again.until((recorder) => read(recorder).length === 100)
    await again.stop()
    expect([read(lost), read(again)]).toEqual([records(100, 200), records(100, 200)])
  })

  test('reads no more than its bound while nothing is committed, and all of it once it is', async () => {
    const { write, source } = await place()
    await write(records(0, 500))
    const recorder = new Recorder()
    recorder.hold()
    recorder.start(source(10_000))
    await recorder.until(({ text }) => text.length > 1_000)
    expect(recorder.text.length).toBeLessThanOrEqual(10_000)
    recorder.release()
    await recorder.until((each) => read(each).length === 500)
    await recorder.stop()
    expect(recorder.text.length).toBeGreaterThan(150_000)
  })

  test('stops when it is told to, also while it waits for a commit', async () => {
    const { write, source, takenMax = 0 } = await place()
    await write(records(0, 500))
    const recorder = new Recorder()
    recorder.hold()
    recorder.start(source(10_000))
    await recorder.until(({ text }) => text.length > 1_000)
    await recorder.stop()
    expect(recorder.text.length).toBeLessThanOrEqual(10_000 + takenMax)
  })
})
