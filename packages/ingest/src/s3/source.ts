import type { EventSource, SourceContext } from '@weir/model'
import { loadAws } from '../aws/load.ts'
import { clientOptions } from '../aws/place.ts'
import type { SourceDeps } from '../deps.ts'
import type { S3Config } from './config.ts'
import type { SqsService } from './hand.ts'
import { ListingReader } from './listing-reader.ts'
import type { S3Service } from './object.ts'
import { ObjectReader } from './object-reader.ts'
import { QueueReader, queueName } from './queue-reader.ts'
import { s3Refetch } from './refetch.ts'

/**
 * Reads the objects of buckets in S3, as a queue tells of them or as listings find them; the partition is the queue
 * or the bucket. Messages of the queue are deleted once all that they tell of is on disk; buckets are only read.
 *
 * Throws `WeirError` CONFIG_INVALID for an endpoint that is not on this machine, and rejects with it where the
 * packages of AWS are not installed.
 */
export function s3Source(config: S3Config, deps: SourceDeps): EventSource {
  const { name, from } = config
  checkEndpoints(config)
  return {
    name,
    async run(context: SourceContext): Promise<void> {
      const s3 = await openS3(config)
      const partition = from.kind === 'queue' ? queueName(from.url) : from.bucket
      await context.deliver({ kind: 'partitions', source: name, partitions: [partition] })
      const objects = new ObjectReader(config, deps, s3, context, partition)
      try {
        if (from.kind === 'listing') await new ListingReader(config, from, deps, context, s3, objects).run()
        else await readQueue(config, deps, context, objects)
      } finally {
        s3.client.destroy()
      }
    },
    refetch: (signal) => s3Refetch(config, () => openS3(config), signal),
  }
}

async function readQueue(
  config: S3Config,
  deps: SourceDeps,
  context: SourceContext,
  objects: ObjectReader,
): Promise<void> {
  if (config.from.kind !== 'queue') return
  const sqs = await openSqs(config)
  try {
    await new QueueReader(config, config.from, deps, context, sqs, objects).run()
  } finally {
    sqs.client.destroy()
  }
}

export async function openS3({ name, place, endpoint }: S3Config): Promise<S3Service> {
  const sdk = await loadAws(name, '@aws-sdk/client-s3')
  // Stand-ins have no names for their buckets.
  const options = { ...clientOptions(name, place, endpoint), forcePathStyle: endpoint !== undefined }
  return { sdk, client: new sdk.S3Client(options) }
}

export async function openSqs({ name, place, from }: S3Config): Promise<SqsService> {
  const sdk = await loadAws(name, '@aws-sdk/client-sqs')
  const endpoint = from.kind === 'queue' ? from.endpoint : undefined
  return { sdk, client: new sdk.SQSClient(clientOptions(name, place, endpoint)) }
}

function checkEndpoints({ name, place, endpoint, from }: S3Config): void {
  clientOptions(name, place, endpoint)
  if (from.kind === 'queue') clientOptions(name, place, from.endpoint)
}
