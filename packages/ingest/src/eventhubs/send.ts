import { EventHubProducerClient } from '@azure/event-hubs'
import { type Clock, WeirError } from '@weir/runtime'
import { within } from '../within.ts'
import type { EventHubsConfig } from './config.ts'
import { type Endpoint, endpointOf } from './endpoint.ts'

const GOODBYE_MS_MAX = 1_000

/**
 * Sends one message to a hub, to whichever partition the service chooses, as the source's identity; needs the role
 * Azure Event Hubs Data Sender. Nothing that reads ever does. Throws `WeirError` SOURCE_UNREACHABLE.
 */
export async function sendToHub(
  config: EventHubsConfig,
  hub: string,
  body: Uint8Array,
  clock: Clock,
): Promise<void> {
  const endpoint = endpointOf(config, clock)
  const producer = producerOf(endpoint, hub)
  try {
    await within(clock, config.answerMsMax, `sending to hub ${hub}`, producer.sendBatch([{ body }]))
  } catch (cause) {
    const message = `cannot send to hub ${hub} at ${endpoint.host}; it takes the role Azure Event Hubs Data Sender`
    throw new WeirError('SOURCE_UNREACHABLE', message, { cause })
  } finally {
    await within(clock, GOODBYE_MS_MAX, 'closing', producer.close()).catch(() => undefined)
  }
}

function producerOf({ host, port, proof, webSocket }: Endpoint, hub: string): EventHubProducerClient {
  // Who typed the command tries again.
  const retryOptions = { maxRetries: 0 }
  if (typeof proof === 'string') return new EventHubProducerClient(proof, hub, { retryOptions })
  return new EventHubProducerClient(host, hub, proof, {
    retryOptions,
    customEndpointAddress: `sb://${host}:${port}`,
    ...(webSocket === undefined ? {} : { webSocketOptions: { webSocket } }),
  })
}
