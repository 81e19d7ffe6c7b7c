import type { BlobServiceClient } from '@azure/storage-blob'
import { type Clock, messageOf } from '@weir/runtime'
import { blobService } from './blobs/client.ts'
import type { BlobConfig } from './blobs/config.ts'
import { blobFailure } from './blobs/failure.ts'
import { credentialOf, type EntraIdentity } from './credential.ts'
import type { EventHubsConfig } from './eventhubs/config.ts'
import { endpointOf } from './eventhubs/endpoint.ts'
import { hubFailure } from './eventhubs/failure.ts'
import { HubMetadata } from './eventhubs/metadata.ts'
import { filesOf } from './files/inputs.ts'
import type { FileConfig } from './files/source.ts'
import { within } from './within.ts'

/** One thing of a source that was looked at: a credential, a hub, a container, a path. */
export type SourceCheck =
  | { readonly name: string; readonly ok: true; readonly detail: string }
  | { readonly name: string; readonly ok: false; readonly detail: string; readonly remedy: string }

export type CheckedSource =
  | { readonly type: 'event-hubs'; readonly config: EventHubsConfig }
  | { readonly type: 'blobs'; readonly config: BlobConfig }
  | { readonly type: 'files'; readonly config: Pick<FileConfig, 'name' | 'inputs'> }

/** A question without answer for so long has failed; a credential may ask several places in turn. */
const ANSWER_MS_MAX = 20_000
const STORAGE_SCOPE = 'https://storage.azure.com/.default'

const REMEDIES = {
  credential:
    'give this machine the identity that the configuration names; with "default", signing in with az login is enough',
  hub: 'look at the namespace, the name of the hub, the role Azure Event Hubs Data Receiver and port 5671, or set transport to "websocket" for port 443',
  container: 'look at the account, the name of the container, the role Storage Blob Data Reader and port 443',
  path: 'look at the path and at who may read it',
} as const

/** Asks a source for as little as shows that it could be read; nothing is consumed and no position moves. */
export async function checkSource(source: CheckedSource, clock: Clock): Promise<SourceCheck[]> {
  switch (source.type) {
    case 'event-hubs':
      return checkHubs(source.config, clock)
    case 'blobs':
      return checkContainers(source.config, clock)
    case 'files':
      return [await check(source.config.name, 'path', clock, () => listFiles(source.config.inputs))]
    default:
      return source satisfies never
  }
}

async function checkHubs(config: EventHubsConfig, clock: Clock): Promise<SourceCheck[]> {
  let endpoint: ReturnType<typeof endpointOf>
  const credential = await check(`${config.name} credential`, 'credential', clock, async () => {
    endpoint = endpointOf(config, clock)
    await endpoint.token(endpoint.audience)
    return 'a token was given'
  })
  if (!credential.ok) return [credential]
  const hubs = config.hubs.map((hub) =>
    check(`${config.name} hub ${hub}`, 'hub', clock, () =>
      countPartitions(new HubMetadata(endpoint, hub, clock, config.answerMsMax)),
    ),
  )
  return [credential, ...(await Promise.all(hubs))]
}

async function countPartitions(metadata: HubMetadata): Promise<string> {
  try {
    return `${(await metadata.partitionIds()).length} partitions`
  } finally {
    await metadata.close()
  }
}

async function checkContainers(config: BlobConfig, clock: Clock): Promise<SourceCheck[]> {
  const credential = await check(`${config.name} credential`, 'credential', clock, () =>
    storageToken(config.auth),
  )
  if (!credential.ok) return [credential]
  const service = blobService(config)
  const containers = config.containers.map(({ container }) =>
    check(`${config.name} container ${container}`, 'container', clock, () => listOnce(service, container)),
  )
  return [credential, ...(await Promise.all(containers))]
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

async function listFiles(inputs: readonly string[]): Promise<string> {
  return `${(await filesOf(inputs)).length} files`
}

async function check(
  name: string,
  kind: keyof typeof REMEDIES,
  clock: Clock,
  look: () => Promise<string>,
): Promise<SourceCheck> {
  try {
    return { name, ok: true, detail: await within(clock, ANSWER_MS_MAX, name, look()) }
  } catch (error) {
    return { name, ok: false, detail: reasonOf(error, kind), remedy: REMEDIES[kind] }
  }
}

function reasonOf(error: unknown, kind: keyof typeof REMEDIES): string {
  if (kind === 'container') return blobFailure(error).reason
  return kind === 'hub' ? hubFailure(error).reason : messageOf(error)
}
