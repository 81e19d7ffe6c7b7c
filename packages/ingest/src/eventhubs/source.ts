import type { EventSource, SourceContext } from '@weir/model'
import { aborted, messageOf } from '@weir/runtime'
import type { SourceDeps } from '../deps.ts'
import { Pace } from '../pace.ts'
import { type EventHubsConfig, startOf } from './config.ts'
import { CreditPool } from './credit-pool.ts'
import { type Endpoint, endpointOf } from './endpoint.ts'
import { HubReader } from './hub-reader.ts'
import { HubMetadata } from './metadata.ts'
import { Outages } from './outages.ts'
import { type HubReading, MESSAGE_OVERHEAD_BYTES } from './partition-reader.ts'
import { hubRefetch } from './refetch.ts'
import { SharedService } from './shared-service.ts'

/**
 * Reads every partition of its hubs; a partition is `<hub>/<partition id>`. Positions are those of the store
 * alone: no checkpoint store is read or written. Needs the role Azure Event Hubs Data Receiver.
 *
 * Who does what: the Azure SDK proves who we are and tells what a hub consists of and how far its partitions
 * are, one connection for each hub. The messages come through a receiver of our own, one connection for all
 * partitions, because the SDK's asks for more with every call and does not count what it has asked for already:
 * behind a consumer that stalls, its memory grows as long as messages come. Ours gives credit for as many
 * messages as there is room for, and takes its tokens from the same credential.
 *
 * Throws `WeirError` CONFIG_INVALID for a connection string to anything but a local emulator, or a start that
 * is no time.
 */
export function eventHubsSource(config: EventHubsConfig, deps: SourceDeps): EventSource {
  const endpoint = endpointOf(config, deps.clock)
  startOf(config)
  return {
    name: config.name,
    run: (context) => run(config, deps, endpoint, context),
    refetch: (signal) => hubRefetch(config, deps, endpoint, signal),
  }
}

async function run(
  config: EventHubsConfig,
  deps: SourceDeps,
  endpoint: Endpoint,
  context: SourceContext,
): Promise<void> {
  const { clock, report } = deps
  const receivers = new SharedService(endpoint, clock, config.answerMsMax, context.signal)
  const credits = new CreditPool(config.bytesInFlightMax, config.messageBytesMax + MESSAGE_OVERHEAD_BYTES)
  const outages = new Outages(report, config.name)
  const shared = { config, deps, context, credits, outages, service: () => receivers.get() }
  const announce = async (): Promise<void> => {
    const partitions = hubs.flatMap((hub) => hub.partitions)
    await context.deliver({ kind: 'partitions', source: config.name, partitions })
  }
  const readings = config.hubs.map((hub) => {
    const metadata = new HubMetadata(endpoint, hub, clock, config.answerMsMax)
    return { ...shared, hub, metadata }
  })
  const hubs = readings.map((reading) => new HubReader(reading, announce))
  const closed = aborted(context.signal).then(() =>
    Promise.all([receivers.close(), ...readings.map(({ metadata }) => metadata.close())]),
  )
  const failures = await Promise.all(hubs.map((hub) => hub.find().catch((error: unknown) => error)))
  await announce()
  const pace = new Pace(clock, config.questionsPerSecondMax)
  const telling = hubs.map((hub, n) => tellStates(readings[n]!, hub, pace))
  await Promise.all([...hubs.map((hub, n) => hub.run(failures[n])), ...telling, closed])
}

/** Asks partition after partition of a hub how far it is, again and again, at the pace that the service allows. */
async function tellStates({ config, deps, context }: HubReading, hub: HubReader, pace: Pace): Promise<void> {
  const { signal } = context
  while (!signal.aborted) {
    for (const reader of hub.readers.filter(({ attached }) => attached)) {
      try {
        await pace.turn(signal)
        await reader.tell()
      } catch (error) {
        if (signal.aborted) return
        // The state stays as old as it is, which the watermark waits for; a reader that is cut off says so itself.
        const details = { source: config.name, partition: reader.key, reason: messageOf(error) }
        deps.report.event('debug', 'status_failed', details, ['source'])
      }
    }
    await deps.clock.sleep(config.statusMs, signal)
  }
}
