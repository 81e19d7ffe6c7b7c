import { type AlertStore, type FeedStore, LANES } from '@weir/model'
import type { Report } from '@weir/runtime'
import type { Api } from '../api.ts'
import type { ApiContext } from '../context.ts'
import { READERS } from '../guard.ts'
import { REFUSED, text } from './reply-schemas.ts'

/** `GET /metrics`: every counter and gauge, in the Prometheus text format. */
export function getMetrics(api: Api, { store, report }: ApiContext): void {
  const schema = {
    summary: 'Metrics in the Prometheus text format',
    response: { 200: text('Metrics'), ...REFUSED },
  }
  api.get('/metrics', { schema, config: { access: READERS } }, async (_request, reply) => {
    await gaugeFeed(store, report)
    await gaugeBooks(store, report)
    const metrics = await report.registry.metrics()
    return reply.type(report.registry.contentType).send(metrics)
  })
}

/** How far the lanes reach, and how far everyone is; asked of the store as it is scraped, those alone that are still there. */
async function gaugeFeed(store: FeedStore, report: Report): Promise<void> {
  const [heads, forwarders] = [await store.heads(), await store.forwarders()]
  for (const name of ['feed_spooled', 'feed_delivered']) report.clearGauge(name)
  for (const lane of LANES) {
    report.gauge('feed_head', { lane }, heads[lane].seq)
    for (const { name: forwarder, spooled, delivered } of forwarders) {
      report.gauge('feed_spooled', { forwarder, lane }, spooled[lane])
      for (const [output, marks] of Object.entries(delivered))
        report.gauge('feed_delivered', { forwarder, output, lane }, marks[lane])
    }
  }
}

/** What the operator's filters took, over all the life of the store. */
async function gaugeBooks(store: AlertStore, report: Report): Promise<void> {
  for (const { source, droppedBy } of await store.books())
    for (const [filter, records] of Object.entries(droppedBy))
      report.gauge('records_dropped', { source, filter }, records)
}
