import type { EventSource, SourceContext } from '@weir/model'
import { ByteBudget } from '../byte-budget.ts'
import { credentialOf } from '../credential.ts'
import type { SourceDeps } from '../deps.ts'
import { Pace } from '../pace.ts'
import type { O365Config } from './config.ts'
import { ContentReader } from './content-reader.ts'
import { Feed } from './feed.ts'
import { o365Client } from './reading.ts'

/**
 * Reads the unified audit log by the Office 365 Management Activity API; a partition is a content type. It
 * subscribes to what is configured and never ends a subscription. Throws `WeirError` CONFIG_INVALID for an
 * identity or a root that cannot be.
 */
export function o365Source(config: O365Config, deps: SourceDeps): EventSource {
  const credential = credentialOf(config.auth)
  // A root that cannot be is told before anything runs.
  o365Client(config, deps, credential)
  return {
    name: config.name,
    async run(context: SourceContext): Promise<void> {
      const { contentTypes } = config
      await context.deliver({ kind: 'partitions', source: config.name, partitions: contentTypes })
      const client = o365Client(config, deps, credential)
      const budget = new ByteBudget(config.bytesInFlightMax)
      const pace = new Pace(deps.clock, config.requestsPerSecondMax)
      const reading = { config, deps, client, feed: new Feed(config), budget, pace }
      try {
        await Promise.all(contentTypes.map((type) => new ContentReader(reading, type, context).run()))
      } finally {
        await client.close()
      }
    },
  }
}
