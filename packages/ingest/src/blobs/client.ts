import { BlobServiceClient, type StoragePipelineOptions } from '@azure/storage-blob'
import { isLoopback, partsOf, refuseConnectionString } from '../connection-string.ts'
import { credentialOf } from '../credential.ts'
import type { BlobConfig } from './config.ts'

/** Few and short: what lasts longer is retried by the source, which says so meanwhile. */
const OPTIONS: StoragePipelineOptions = {
  retryOptions: { maxTries: 3, retryDelayInMs: 200, maxRetryDelayInMs: 2_000, tryTimeoutInMs: 60_000 },
}

/** Throws `WeirError` CONFIG_INVALID for a connection string to anything but Azurite on loopback. */
export function blobService({ name, auth }: BlobConfig): BlobServiceClient {
  if (auth.kind === 'entra') return new BlobServiceClient(auth.accountUrl, credentialOf(auth), OPTIONS)
  if (!leadsToAzurite(auth.connectionString))
    throw refuseConnectionString(name, 'the connection string does not lead to Azurite on this machine')
  return BlobServiceClient.fromConnectionString(auth.connectionString, OPTIONS)
}

function leadsToAzurite(connectionString: string): boolean {
  const parts = partsOf(connectionString)
  if (parts.get('usedevelopmentstorage') === 'true') return !parts.has('developmentstorageproxyuri')
  const endpoint = parts.get('blobendpoint')
  return endpoint !== undefined && URL.canParse(endpoint) && isLoopback(new URL(endpoint).hostname)
}
