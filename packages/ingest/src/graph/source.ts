import type { EventSource, SourceContext } from '@weir/model'
import { ByteBudget } from '../byte-budget.ts'
import { credentialOf } from '../credential.ts'
import type { SourceDeps } from '../deps.ts'
import { Pace } from '../pace.ts'
import type { GraphConfig } from './config.ts'
import { type GraphReading, graphClient } from './reading.ts'
import { StreamReader } from './stream-reader.ts'
import { streamsOf } from './streams.ts'

/**
 * Reads sign-ins, directory audits and security alerts from Microsoft Graph; a partition is a stream. It only
 * reads. Throws `WeirError` CONFIG_INVALID for an identity or a root that cannot be.
 */
export function graphSource(config: GraphConfig, deps: SourceDeps): EventSource {
  const credential = credentialOf(config.auth)
  // A root that cannot be is told before anything runs.
  graphClient(config, deps, credential)
  return {
    name: config.name,
    async run(context: SourceContext): Promise<void> {
      const streams = streamsOf(config)
      const partitions = streams.map(({ name }) => name)
      await context.deliver({ kind: 'partitions', source: config.name, partitions })
      const client = graphClient(config, deps, credential)
      const reading: GraphReading = {
        config,
        deps,
        client,
        budget: new ByteBudget(config.bytesInFlightMax),
        paces: {
          reports: new Pace(deps.clock, config.reportsPerSecondMax),
          alerts: new Pace(deps.clock, config.alertsPerSecondMax),
        },
      }
      try {
        await Promise.all(streams.map((stream) => new StreamReader(reading, stream, context).run()))
      } finally {
        await client.close()
      }
    },
  }
}
