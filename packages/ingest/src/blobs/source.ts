import type { EventSource, SourceContext } from '@weir/model'
import { ByteBudget } from '../byte-budget.ts'
import type { SourceDeps } from '../deps.ts'
import { Pace } from '../pace.ts'
import { blobService } from './client.ts'
import type { BlobConfig } from './config.ts'
import { ContainerReader } from './container.ts'
import { Slots } from './slots.ts'

/**
 * Reads diagnostic and flow logs as the platform writes them to blobs; a partition is a container. It only
 * reads, so the role Storage Blob Data Reader is enough.
 *
 * Requests: for lines two reads a resource and poll, for flow logs two listings; every `recheckMs` one listing
 * a resource and day of `hoursBack`; every `discoverMs` one listing a folder above the years.
 *
 * Throws `WeirError` CONFIG_INVALID for a connection string to anything but Azurite on loopback.
 */
export function blobSource(config: BlobConfig, deps: SourceDeps): EventSource {
  const service = blobService(config)
  return {
    name: config.name,
    async run(context: SourceContext): Promise<void> {
      const partitions = config.containers.map(({ container }) => container)
      await context.deliver({ kind: 'partitions', source: config.name, partitions })
      const pace = new Pace(deps.clock, config.listingsPerSecondMax)
      const slots = new Slots(config.parallelMax)
      const budget = new ByteBudget(config.bytesInFlightMax)
      const readers = config.containers.map((container) => {
        const shared = { config, container, report: deps.report, slots, budget }
        return new ContainerReader(
          service.getContainerClient(container.container),
          context,
          deps,
          pace,
          shared,
        )
      })
      await Promise.all(readers.map((reader) => reader.run()))
    },
  }
}
