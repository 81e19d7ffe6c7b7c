import type { BlobServiceClient } from '@azure/storage-blob'
import type { QueueClient } from '@azure/storage-queue'
import type { Clock } from '@weir/runtime'
import { credentialOf, type EntraIdentity } from '../credential.ts'
import { ANSWER_MS_MAX, CREDENTIAL_REMEDY, look, type SourceCheck } from '../look.ts'
import { blobService } from './client.ts'
import type { BlobConfig } from './config.ts'
import { blobFailure } from './failure.ts'
import { blobQueue } from './queue.ts'

const STORAGE_SCOPE = 'https://storage.azure.com/.default'
const REMEDY =
  'look at the account, the name of the container, the role Storage Blob Data Reader and port 443'

const QUEUE_REMEDY =
  'look at notify.queueUrl and at the role Storage Queue Data Message Processor on that queue'

/** Asks for a token, then lists one entry of every container and looks at one message of the queue. */
export async function checkBlobs(config: BlobConfig, clock: Clock): Promise<SourceCheck[]> {
  const credential = await look(`${config.name} credential`, CREDENTIAL_REMEDY, clock, () =>
    storageToken(config.auth),
  )
  if (!credential.ok) return [credential]
  const service = blobService(config)
  const containers = config.containers.map(({ container }) => {
    const find = () => listOnce(service, container)
    const name = `${config.name} container ${container}`
    return look(name, REMEDY, clock, find, (error) => blobFailure(error).reason)
  })
  const queue = checkQueue(config, clock)
  return [credential, ...(await Promise.all([...containers, ...queue]))]
}

function checkQueue(config: BlobConfig, clock: Clock): Promise<SourceCheck>[] {
  const queue = blobQueue(config)
  if (queue === undefined) return []
  const find = () => peekOnce(queue)
  const name = `${config.name} queue ${queue.name}`
  return [look(name, QUEUE_REMEDY, clock, find, (error) => blobFailure(error).reason)]
}

async function peekOnce(queue: QueueClient): Promise<string> {
  const abortSignal = AbortSignal.timeout(ANSWER_MS_MAX)
  const { peekedMessageItems } = await queue.peekMessages({ abortSignal })
  const waits = peekedMessageItems.length > 0
  return waits ? 'can be read; messages wait' : 'can be read; no message waits'
}

async function storageToken(auth: BlobConfig['auth']): Promise<string> {
  if (auth.kind === 'emulator') return 'the key of the local emulator'
  const identity: EntraIdentity = auth
  await credentialOf(identity).getToken(STORAGE_SCOPE)
  return 'a token was given'
}

async function listOnce(service: BlobServiceClient, container: string): Promise<string> {
  const abortSignal = AbortSignal.timeout(ANSWER_MS_MAX)
  const listing = service.getContainerClient(container).listBlobsByHierarchy('/', { abortSignal })
  for await (const page of listing.byPage({ maxPageSize: 1 })) {
    const { blobPrefixes, blobItems } = page.segment
    const empty = (blobPrefixes ?? []).length + blobItems.length === 0
    return empty ? 'can be listed; it is empty' : 'can be listed'
  }
  return 'can be listed; it is empty'
}
