import type { EventSource, SourceContext } from '@weir/model'
import { aborted, messageOf } from '@weir/runtime'
import type { SourceDeps } from '../deps.ts'
import { Pace } from '../pace.ts'
import { type EventHubsConfig, startOf } from './config.ts'
import { CreditPool } from './credit-pool.ts'
import { type Endpoint, endpointOf } from './endpoint.ts'
import { HubReader } from './hub-reader.ts'
import { MESSAGE_OVERHEAD_BYTES, type PartitionReading } from './partition-reader.ts'
import { SharedService } from './shared-service.ts'

/**
 * Reads every partition of its hubs over one connection; a partition is `<hub>/<partition id>`. Positions are
 * those of the store alone: no checkpoint store is read or written. Needs the role Azure Event Hubs Data
 * Receiver.
 *
 * Throws `WeirError` CONFIG_INVALID for a connection string to anything but a local emulator, or a start that
 * is no time.
 */
export function eventHubsSource(config: EventHubsConfig, deps: SourceDeps): EventSource {
  const endpoint = endpointOf(config, deps.clock)
  startOf(config)
  return { name: config.name, run: (context) => run(config, deps, endpoint, context) }
}

async function run(
  config: EventHubsConfig,
  deps: SourceDeps,
  endpoint: Endpoint,
  context: SourceContext,
): Promise<void> {
  const shared = new SharedService(endpoint, deps.clock, config.answerMsMax, context.signal)
  const credits = new CreditPool(config.bytesInFlightMax, config.messageBytesMax + MESSAGE_OVERHEAD_BYTES)
  const reading: PartitionReading = { config, deps, context, credits, service: () => shared.get() }
  const announce = async (): Promise<void> => {
    const partitions = hubs.flatMap((hub) => hub.partitions)
    await context.deliver({ kind: 'partitions', source: config.name, partitions })
  }
  const hubs = config.hubs.map((hub) => new HubReader(hub, reading, announce))
  const failures = await Promise.all(hubs.map((hub) => hub.find().catch((error: unknown) => error)))
  await announce()
  const readings = hubs.map((hub, n) => hub.run(failures[n]))
  const closed = aborted(context.signal).then(() => shared.close())
  await Promise.all([...readings, tellStates(reading, shared, hubs), closed])
}

/** Asks partition after partition how far it is, again and again, at the pace that the service allows. */
async function tellStates(
  { config, deps, context }: PartitionReading,
  shared: SharedService,
  hubs: readonly HubReader[],
): Promise<void> {
  const { signal } = context
  const pace = new Pace(deps.clock, config.questionsPerSecondMax)
  while (!signal.aborted) {
    try {
      for (const reader of hubs.flatMap((hub) => hub.readers)) {
        const service = shared.current
        if (service === undefined) break
        await pace.turn(signal)
        await reader.tell(service)
      }
    } catch (error) {
      // The readers say what it means for them; here it only ends the round.
      if (!signal.aborted)
        deps.report.event('debug', 'status_failed', { source: config.name, reason: messageOf(error) }, [
          'source',
        ])
    }
    await deps.clock.sleep(config.statusMs, signal)
  }
}
