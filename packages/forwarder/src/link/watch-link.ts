import { type Clock, messageOf, type Report } from '@weir/runtime'
import type { Limits } from '../limits.ts'
import type { Feed } from '../spool/feed.ts'
import { linkDown, linkUp } from './link-alert.ts'
import type { LinkState } from './link-state.ts'

interface WatchParts {
  readonly feed: Pick<Feed, 'aggregator' | 'outage' | 'own'>
  readonly link: Pick<LinkState, 'deafSince' | 'lastFailure' | 'whole'>
  readonly clock: Clock
  readonly report: Report
  readonly limits: Limits
}

/**
 * Until the signal aborts: an aggregator from which nothing came for `linkDownMs` is an alert of our own, into our own
 * outputs, since nobody else can tell the SIEM that it is blind; it is closed when both lanes are answered again.
 */
export async function watchLink(parts: WatchParts, signal: AbortSignal): Promise<void> {
  const { clock, report, feed, limits } = parts
  while (!signal.aborted) {
    try {
      look(parts)
    } catch (error) {
      report.event('error', 'spool_failed', { aggregator: feed.aggregator, reason: messageOf(error) })
    }
    await clock.sleep(limits.linkLookMs, signal)
  }
}

function look({ feed, link, clock, report, limits }: WatchParts): void {
  const { aggregator, outage } = feed
  const [now, since] = [clock.now(), link.deafSince]
  if (outage === undefined && now - since >= limits.linkDownMs) {
    const failure = link.lastFailure
    report.event('error', 'link_down', { aggregator, reason: failure })
    feed.own(linkDown(aggregator, since, failure, now), true)
  } else if (outage !== undefined && link.whole) {
    report.event('info', 'link_up', { aggregator })
    feed.own(linkUp(outage, now), false)
  }
}
