import type { Clock } from '@weir/runtime'
import { awsFailure } from '../aws/failure.ts'
import { MISSING_REMEDY } from '../aws/load.ts'
import { AWS_CREDENTIAL_REMEDY, lookAtCredential } from '../aws/look-at-credential.ts'
import { ANSWER_MS_MAX, look, type SourceCheck } from '../look.ts'
import type { ListingWay, QueueWay, S3Config } from './config.ts'
import type { SqsService } from './hand.ts'
import type { S3Service } from './object.ts'
import { queueName } from './queue-reader.ts'
import { openS3, openSqs } from './source.ts'

/** Resolves the credential, then lists one entry of the bucket or asks for the queue's attributes; receives nothing. */
export async function checkS3(config: S3Config, clock: Clock): Promise<readonly SourceCheck[]> {
  const { name, from } = config
  const open = async () => ({ s3: await openS3(config), sqs: await openSqs(config) })
  const opened = await open().catch((error: unknown) => error)
  if (!isOpen(opened))
    return [await look(`${name} packages`, MISSING_REMEDY, clock, () => Promise.reject(opened))]
  const { s3, sqs } = opened
  const credential = await look(
    `${name} credential`,
    AWS_CREDENTIAL_REMEDY,
    clock,
    () => lookAtCredential(s3.client),
    (error) => awsFailure(error).reason,
  )
  if (!credential.ok) return [credential]
  return [
    credential,
    from.kind === 'queue' ? await queue(name, from, sqs, clock) : await bucket(name, from, s3, clock),
  ]
}

function isOpen(value: unknown): value is { readonly s3: S3Service; readonly sqs: SqsService } {
  return typeof value === 'object' && value !== null && 's3' in value
}

function queue(
  name: string,
  { url }: QueueWay,
  { sdk, client }: SqsService,
  clock: Clock,
): Promise<SourceCheck> {
  const command = new sdk.GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] })
  const find = async (): Promise<string> => {
    const { Attributes = {} } = await client.send(command, {
      abortSignal: AbortSignal.timeout(ANSWER_MS_MAX),
    })
    const { ApproximateNumberOfMessages: waiting = '0', RedrivePolicy } = Attributes
    return `${waiting} messages wait; ${redrive(RedrivePolicy)}`
  }
  const remedy =
    'look at the address of the queue, the region, port 443, and the permissions sqs:GetQueueAttributes, sqs:ReceiveMessage, sqs:DeleteMessage and sqs:ChangeMessageVisibility'
  return look(
    `${name} queue ${queueName(url)}`,
    remedy,
    clock,
    find,
    (error) => awsFailure(error, 'sqs:GetQueueAttributes').reason,
  )
}

function redrive(policy: string | undefined): string {
  if (policy === undefined)
    return 'it has no queue for dead letters: a message that cannot be read comes again until it expires'
  const { maxReceiveCount } = JSON.parse(policy) as { readonly maxReceiveCount?: number | string }
  return `after ${maxReceiveCount} tries one goes to the dead letters`
}

function bucket(
  name: string,
  { bucket: Bucket, prefix = '', days }: ListingWay,
  { sdk, client }: S3Service,
  clock: Clock,
): Promise<SourceCheck> {
  const Prefix = days === undefined ? `${prefix}AWSLogs/` : days.slice(0, days.indexOf('{'))
  const command = new sdk.ListObjectsV2Command({ Bucket, Prefix, Delimiter: '/', MaxKeys: 1 })
  const find = async (): Promise<string> => {
    const answer = await client.send(command, { abortSignal: AbortSignal.timeout(ANSWER_MS_MAX) })
    const entries = (answer.Contents?.length ?? 0) + (answer.CommonPrefixes?.length ?? 0)
    return entries === 0 ? `can be listed; nothing is below ${Prefix}` : 'can be listed'
  }
  const remedy =
    'look at the name of the bucket, the region, port 443, and the permissions s3:ListBucket and s3:GetObject'
  return look(
    `${name} bucket ${Bucket}`,
    remedy,
    clock,
    find,
    (error) => awsFailure(error, 's3:ListBucket').reason,
  )
}
