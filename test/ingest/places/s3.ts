import { type Sqs, startSqs } from '@weir/emulator'
import { S3_BOUNDS, type S3Config, s3Source } from '@weir/ingest'
import type { EventSource } from '@weir/model'
import { systemClock } from '@weir/runtime'
import { startS3, type TestS3 } from '../s3.ts'
import { deps, type Place, type Places } from './place.ts'

const QUEUES = Array.from({ length: 8 }, (_, n) => `queue${n}`)

/** Buckets whose objects a queue tells of. */
export async function s3QueuePlaces(): Promise<Places> {
  const s3 = await startS3()
  const sqs = await startSqs(
    QUEUES.map((name) => ({ name, visibilitySeconds: 30 })),
    systemClock,
  )
  let next = 0
  return {
    place: () => byQueue(s3, sqs, QUEUES[next++]!),
    async close() {
      await s3.stop()
      await sqs.stop()
    },
  }
}

/** Buckets whose days are listed. */
export async function s3ListingPlaces(): Promise<Places> {
  const s3 = await startS3()
  return { place: () => byListing(s3), close: () => s3.stop() }
}

async function byQueue(s3: TestS3, sqs: Sqs, queue: string): Promise<Place> {
  const bucket = await s3.bucket()
  const url = sqs.queueUrl(queue)
  let objects = 0
  return {
    async write(lines) {
      const key = `logs/${objects++}.jsonl`
      await s3.put(bucket, key, lines.map((line) => `${line}\n`).join(''))
      sqs.queue(queue).send(JSON.stringify({ s3Bucket: bucket, s3ObjectKey: [key] }))
    },
    source(bytesInFlightMax) {
      // What a reader before this one had received comes again.
      sqs.queue(queue).showAll()
      return sourceOf(s3, { kind: 'queue', url, endpoint: sqs.url }, bytesInFlightMax)
    },
  }
}

async function byListing(s3: TestS3): Promise<Place> {
  const bucket = await s3.bucket()
  const folder = `logs/${new Date().toISOString().slice(0, 10).replaceAll('-', '/')}/`
  const days = 'logs/{yyyy}/{mm}/{dd}/'
  let objects = 0
  return {
    write: (lines) =>
      s3.put(bucket, `${folder}${objects++}.jsonl`, lines.map((line) => `${line}\n`).join('')),
    source: (bytesInFlightMax) =>
      sourceOf(s3, { kind: 'listing', bucket, service: '', days }, bytesInFlightMax),
  }
}

function sourceOf(
  s3: TestS3,
  from: S3Config['from'],
  bytesInFlightMax = S3_BOUNDS.bytesInFlightMax,
): EventSource {
  const bounds = { ...S3_BOUNDS, chunkBytes: 1_000, pollMs: 20, bytesInFlightMax }
  const place = { region: 'eu-west-1' }
  return s3Source({ ...bounds, name: 'source', place, endpoint: s3.endpoint, from }, deps)
}
