import { gzipSync } from 'node:zlib'
import { type Sqs, startSqs } from '@weir/emulator'
import { systemClock } from '@weir/runtime'
import { afterAll, beforeAll, expect } from 'vitest'
import { until } from '../e2e/until.ts'
import { type Source, TestAggregator } from './aggregator.ts'
import { type FaultTable, testFaults } from './faults.ts'
import { type S3Strike, startS3, type TestS3 } from './s3.ts'

let s3: TestS3
let sqs: Sqs
let nextQueue = 0
const QUEUES = Array.from({ length: 16 }, (_, n) => `queue${n}`)

beforeAll(async () => {
  s3 = await startS3()
  const queues = QUEUES.map((name) => ({ name, visibilitySeconds: 30, receivesMax: 100 }))
  sqs = await startSqs(queues, systemClock)
})
afterAll(async () => {
  await s3.stop()
  await sqs.stop()
})

/** A bucket with a way to read it, and an aggregator that does. */
interface Reading {
  readonly weir: TestAggregator
  put(body: Uint8Array): Promise<void>
  /** The last object told of again, where the way in can tell. */
  again(): Promise<void>
  /** What a reader that died had received comes again. */
  revive(): void
  /** Befalls what finds objects: the queue, or listings. */
  strikeFinding(kind: S3Strike['kind'], times: number): void
  strikeReading(kind: S3Strike['kind'], times: number): void
}

const DAY = new Date().toISOString().slice(0, 10)
const FOLDER = `AWSLogs/111122223333/CloudTrail/eu-west-1/${DAY.replaceAll('-', '/')}/`

function keyOf(n: number): string {
  const name = `111122223333_CloudTrail_eu-west-1_${DAY.replaceAll('-', '')}T0000Z_${String(n).padStart(16, '0')}`
  return `${FOLDER}${name}.json.gz`
}

async function byQueue(): Promise<Reading> {
  const bucket = await s3.bucket()
  const name = QUEUES[nextQueue++]!
  const from = { kind: 'queue', url: sqs.queueUrl(name), endpoint: sqs.url }
  const weir = await TestAggregator.start([{ ...SOURCE, endpoint: s3.endpoint, from, visibility: '2s' }])
  let objects = 0
  const tell = (key: string): void => {
    sqs.queue(name).send(JSON.stringify({ s3Bucket: bucket, s3ObjectKey: [key] }))
  }
  return {
    weir,
    async put(body) {
      const key = keyOf(objects++)
      await s3.put(bucket, key, body)
      tell(key)
    },
    again: async () => tell(keyOf(objects - 1)),
    revive: () => sqs.queue(name).showAll(),
    strikeFinding: (kind, times) => sqs.strike({ kind, times, action: 'ReceiveMessage' }),
    strikeReading: (kind, times) => s3.strike({ path: `GET /${bucket}/AWSLogs`, kind, times }),
  }
}

async function byListing(): Promise<Reading> {
  const bucket = await s3.bucket()
  const often = { pollEvery: '100ms', recheckEvery: '1s', discoverEvery: '100ms' }
  const from = { kind: 'listing', bucket }
  const weir = await TestAggregator.start([{ ...SOURCE, endpoint: s3.endpoint, from, ...often }])
  let objects = 0
  return {
    weir,
    put: (body) => s3.put(bucket, keyOf(objects++), body),
    again: async () => undefined,
    revive: () => undefined,
    strikeFinding: (kind, times) => s3.strike({ path: `GET /${bucket}/?`, kind, times }),
    strikeReading: (kind, times) => s3.strike({ path: `GET /${bucket}/AWSLogs`, kind, times }),
  }
}

const SOURCE = { type: 's3', name: 'trail', region: 'eu-west-1' }

function trail(from: number, to: number, at = `${DAY}T00:00:00Z`): Buffer {
  const one = (n: number): object => ({
    eventID: `e${n}`,
    eventTime: at,
    eventSource: 'iam.amazonaws.com',
    eventName: 'ListUsers',
    pad: String(n).repeat(50),
  })
  return gzipSync(JSON.stringify({ Records: Array.from({ length: to - from }, (_, n) => one(from + n)) }))
}

function booksOf({ read, normalized, duplicates, quarantined }: Source): object {
  return { read, normalized, duplicates, quarantined }
}

async function untilRead(weir: TestAggregator, records: number): Promise<Source> {
  return weir.until(`${records} records are read`, 'trail', ({ read }) => read >= records)
}

/** Resolves with the books once this many are read and the source says that it has caught up. */
async function settled({ weir }: Reading, records: number): Promise<object> {
  const source = await weir.until(
    `${records} records are read and nothing waits`,
    'trail',
    ({ read, partitions }) => read >= records && partitions[0]?.state === 'caught-up',
  )
  return booksOf(source)
}

async function struck(place: Reading, strike: (place: Reading) => void, word: string): Promise<void> {
  await place.put(trail(0, 10))
  await settled(place, 10)
  strike(place)
  await place.put(trail(10, 20))
  await place.put(trail(20, 30))
  expect(await settled(place, 30)).toEqual({ read: 30, normalized: 30, duplicates: 0, quarantined: 0 })
  await until(`the log says ${word}`, async () => place.weir.log.includes(word))
  await place.weir.stop()
}

function table(start: () => Promise<Reading>): FaultTable {
  return {
    'first run': async () => {
      const place = await start()
      await place.put(trail(0, 10))
      await place.put(trail(10, 20))
      expect(await settled(place, 20)).toEqual({ read: 20, normalized: 20, duplicates: 0, quarantined: 0 })
      await place.weir.stop()
    },
    restart: async () => {
      const place = await start()
      await place.put(trail(0, 10))
      await settled(place, 10)
      await place.put(trail(10, 20))
      await place.weir.killAndRestart()
      place.revive()
      await place.again()
      expect(await settled(place, 20)).toEqual({ read: 20, normalized: 20, duplicates: 0, quarantined: 0 })
      await place.weir.stop()
    },
    'kill -9': async () => {
      const place = await start()
      const [objects, each] = [60, 500]
      for (let n = 0; n < objects; n++) await place.put(trail(n * each, (n + 1) * each))
      for (const share of [0.1, 0.4, 0.7]) {
        await untilRead(place.weir, share * objects * each)
        await place.weir.killAndRestart()
        place.revive()
      }
      await place.again()
      const all = objects * each
      expect(await settled(place, all)).toEqual({ read: all, normalized: all, duplicates: 0, quarantined: 0 })
      await place.weir.stop()
    },
    'token expired': async () => {
      await struck(await start(), (place) => place.strikeFinding('expired-token', 1), 'ExpiredToken')
      await struck(await start(), (place) => place.strikeReading('expired-token', 1), 'ExpiredToken')
    },
    throttled: async () => {
      await struck(await start(), (place) => place.strikeFinding('throttled', 4), 'source_cut_off')
      await struck(await start(), (place) => place.strikeReading('throttled', 6), 'SlowDown')
    },
    'network cut mid-page': async () => {
      await struck(await start(), (place) => place.strikeFinding('cut', 4), 'source_cut_off')
      await struck(await start(), (place) => place.strikeReading('cut', 2), 'source_cut_off')
    },
    'truncated body': async () => {
      const place = await start()
      const whole = trail(0, 1_000)
      await place.put(whole.subarray(0, whole.length / 2))
      await place.put(trail(1_000, 1_010))
      const source = await place.weir.until(
        'both are read',
        'trail',
        ({ quarantined, normalized, partitions }) =>
          quarantined === 1 && normalized > 10 && partitions[0]?.state === 'caught-up',
      )
      await place.weir.killAndRestart()
      place.revive()
      await place.put(trail(1_010, 1_020))
      const { read, normalized } = source
      const more = { read: read + 10, normalized: normalized + 10, duplicates: 0, quarantined: 1 }
      expect([await settled(place, read + 10), read]).toEqual([more, normalized + 1])
      await place.weir.stop()
    },
    'clock skew': async () => {
      const place = await start()
      await place.put(trail(0, 1, '2099-01-01T00:00:00Z'))
      await place.put(trail(1, 2))
      await settled(place, 2)
      const source = await untilRead(place.weir, 2)
      expect(Date.parse(source.partitions[0]!.clock!)).toBeLessThan(Date.parse('2098-01-01T00:00:00Z'))
      await place.weir.stop()
    },
    duplicates: async () => {
      const place = await start()
      await place.put(trail(0, 10))
      await place.again()
      await settled(place, 10)
      await place.put(trail(0, 20))
      expect(await settled(place, 30)).toEqual({ read: 30, normalized: 20, duplicates: 10, quarantined: 0 })
      await place.weir.stop()
    },
    'poison record': async () => {
      const place = await start()
      await place.put(gzipSync('{"Records":[{"eventID":"a"},{"eventID":oops oops},{"eventID":"b"}]}'))
      await place.put(Buffer.from('no record at all'))
      await place.put(trail(0, 10))
      expect(await settled(place, 14)).toEqual({ read: 14, normalized: 12, duplicates: 0, quarantined: 2 })
      await place.weir.stop()
    },
  }
}

testFaults('a source of S3 by a queue', table(byQueue))
testFaults('a source of S3 by listing', table(byListing))
