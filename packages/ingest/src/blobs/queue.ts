import { QueueClient, type StoragePipelineOptions, StorageSharedKeyCredential } from '@azure/storage-queue'
import { isLoopback, partsOf, refuseConnectionString } from '../connection-string.ts'
import { credentialOf } from '../credential.ts'
import type { BlobConfig } from './config.ts'

/** Few and short, as for blobs. */
const OPTIONS: StoragePipelineOptions = {
  retryOptions: { maxTries: 3, retryDelayInMs: 200, maxRetryDelayInMs: 2_000, tryTimeoutInMs: 60_000 },
}

/** The queue that a source is told of blobs by; `undefined` without one. Throws `WeirError` CONFIG_INVALID. */
export function blobQueue({ name, auth, notify }: BlobConfig): QueueClient | undefined {
  if (notify === undefined) return undefined
  if (auth.kind === 'entra') return new QueueClient(notify.queueUrl, credentialOf(auth), OPTIONS)
  const parts = partsOf(auth.connectionString)
  const account = parts.get('accountname')
  const key = parts.get('accountkey')
  if (!URL.canParse(notify.queueUrl) || !isLoopback(new URL(notify.queueUrl).hostname))
    throw refuseConnectionString(name, 'notify.queueUrl does not lead to Azurite on this machine')
  if (account === undefined || key === undefined)
    throw refuseConnectionString(
      name,
      'with notify, the connection string has to say AccountName and AccountKey',
    )
  return new QueueClient(notify.queueUrl, new StorageSharedKeyCredential(account, key), OPTIONS)
}
