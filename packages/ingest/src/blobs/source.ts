import type { EventSource, SourceContext } from '@weir/model'
import { ByteBudget } from '../byte-budget.ts'
import type { SourceDeps } from '../deps.ts'
import { Pace } from '../pace.ts'
import { Slots } from '../slots.ts'
import { blobService } from './client.ts'
import type { BlobConfig } from './config.ts'
import { ContainerReader } from './container.ts'
import { layoutOf } from './layout.ts'
import { Notices } from './notices.ts'
import { blobQueue } from './queue.ts'
import { blobRefetch } from './refetch.ts'

/**
 * Reads logs from blobs, each container in its way; a partition is a container. Of blobs it only reads, so the role
 * Storage Blob Data Reader is enough; messages of its queue it deletes.
 *
 * Requests: for lines that are appended two reads a resource and poll, for others two listings; every `recheckMs` one
 * listing a resource and day of `hoursBack`; every `discoverMs` one listing a folder above the years; for files without
 * a date in their names one listing for 5,000 blobs a poll.
 *
 * Throws `WeirError` CONFIG_INVALID for a connection string to anything but Azurite on loopback, and for a pattern
 * whose days could not be listed.
 */
export function blobSource(config: BlobConfig, deps: SourceDeps): EventSource {
  const service = blobService(config)
  const queue = blobQueue(config)
  for (const container of config.containers) layoutOf(container)
  return {
    name: config.name,
    async run(context: SourceContext): Promise<void> {
      const partitions = config.containers.map(({ container }) => container)
      await context.deliver({ kind: 'partitions', source: config.name, partitions })
      const pace = new Pace(deps.clock, config.listingsPerSecondMax)
      const slots = new Slots(config.parallelMax)
      const streams = new Slots(config.streamsMax)
      const budget = new ByteBudget(config.bytesInFlightMax)
      const readers = config.containers.map((container) => {
        const shared = { config, container, report: deps.report, slots, pace, streams, budget }
        return new ContainerReader(service.getContainerClient(container.container), context, deps, shared)
      })
      const running = readers.map((reader) => reader.run())
      if (queue !== undefined)
        running.push(new Notices(config, deps, queue, service.accountName, readers, context.signal).run())
      await Promise.all(running)
    },
    refetch: (signal) => blobRefetch(config, deps, service, signal),
  }
}
