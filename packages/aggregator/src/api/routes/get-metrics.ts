import { type AlertStore, type FeedStore, LANES } from '@weir/model'
import type { Report } from '@weir/runtime'
import type { Api } from '../api.ts'
import type { ApiContext } from '../context.ts'
import type { Feed } from '../feed/feed.ts'
import { READERS } from '../guard.ts'
import { REFUSED, text } from './reply-schemas.ts'

/** `GET /metrics`: every counter and gauge, in the Prometheus text format. */
export function getMetrics(api: Api, context: ApiContext, feed: Feed): void {
  const { store, report } = context
  const alertBytes = new Map<string, number>()
  const schema = {
    summary: 'Metrics in the Prometheus text format',
    response: { 200: text('Metrics'), ...REFUSED },
  }
  api.get('/metrics', { schema, config: { access: READERS } }, async (_request, reply) => {
    await gaugeFeed(store, report)
    await gaugeBooks(store, report)
    await gaugeBudgets(context, feed)
    await countAlerts(store, report, alertBytes)
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

/** What each forwarder may be sent today, and what waits for it. */
async function gaugeBudgets({ store, report, forwarders }: ApiContext, feed: Feed): Promise<void> {
  const spooled = new Map((await store.forwarders()).map((each) => [each.name, each.spooled]))
  for (const forwarder of forwarders) {
    const [{ name }, allowance] = [forwarder, feed.allowance(forwarder)]
    const budget = await allowance.budget()
    if (budget !== undefined) report.gauge('link_budget_left_bytes', { forwarder: name }, budget.bytesLeft)
    for (const lane of LANES) {
      const waiting = await allowance.waiting(lane, spooled.get(name)?.[lane] ?? 0)
      const entries = waiting.reduce((sum, each) => sum + each.entries, 0)
      report.gauge('feed_waiting', { forwarder: name, lane }, entries)
    }
  }
}

/** Over all the life of the store: a restart of the process does not set them back. */
async function countAlerts(store: AlertStore, report: Report, counted: Map<string, number>): Promise<void> {
  for (const { rule, alertBytes } of await store.ledger()) {
    report.count('alert_bytes', { rule }, alertBytes - (counted.get(rule) ?? 0))
    counted.set(rule, alertBytes)
  }
}
