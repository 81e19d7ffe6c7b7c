import type { Clock } from '@weir/runtime'
import { CREDENTIAL_REMEDY, look, type SourceCheck } from '../look.ts'
import type { EventHubsConfig } from './config.ts'
import { endpointOf } from './endpoint.ts'
import { hubFailure } from './failure.ts'
import { HubMetadata } from './metadata.ts'

const REMEDY =
  'look at the namespace, the name of the hub, the role Azure Event Hubs Data Receiver and port 5671, or set transport to "websocket" for port 443'

/** Asks for a token, then every hub for its partitions; nothing is consumed and no position moves. */
export async function checkEventHubs(config: EventHubsConfig, clock: Clock): Promise<SourceCheck[]> {
  let endpoint: ReturnType<typeof endpointOf>
  const credential = await look(`${config.name} credential`, CREDENTIAL_REMEDY, clock, async () => {
    endpoint = endpointOf(config, clock)
    await endpoint.token(endpoint.audience)
    return 'a token was given'
  })
  if (!credential.ok) return [credential]
  const hubs = config.hubs.map((hub) => {
    const metadata = () => new HubMetadata(endpoint, hub, clock, config.answerMsMax)
    const find = () => countPartitions(metadata())
    return look(`${config.name} hub ${hub}`, REMEDY, clock, find, (error) => hubFailure(error).reason)
  })
  return [credential, ...(await Promise.all(hubs))]
}

async function countPartitions(metadata: HubMetadata): Promise<string> {
  try {
    return `${(await metadata.hub()).partitionIds.length} partitions`
  } finally {
    await metadata.close()
  }
}
