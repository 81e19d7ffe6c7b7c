import { createHash } from 'node:crypto'
import type { AlertV1 } from '@weir/contract'
import { VERSION } from '../version.ts'

/** An aggregator from which nothing comes, in the words of the catalogue of health alerts. */
const LINK_DOWN = {
  code: 'link-down',
  name: 'Aggregator cannot be reached',
  severity: 'critical',
  remedy:
    'Look at the VPN and at the aggregator; the log of the forwarder says why (`link_failed`). Alerts are kept in the cloud until `feedBytesMax`, and come when the link is back.',
} as const

/** The alert of an outage that stands; its id stays the same until it is over. `since` and `now` are epoch milliseconds. */
export function linkDown(aggregator: string, since: number, reason: string, now: number): AlertV1 {
  const [first, at] = [since, now].map((ms) => new Date(ms).toISOString()) as [string, string]
  const { code, name, severity, remedy } = LINK_DOWN
  const id = createHash('sha256').update(`${code}\n${aggregator}\n${since}`).digest('hex').slice(0, 32)
  const seconds = Math.round((now - since) / 1000)
  return {
    '@timestamp': at,
    ecs: { version: '8.17.0' },
    message: `${name}: ${aggregator}. Nothing came for ${seconds} s: ${reason || 'no answer'}`,
    event: {
      kind: 'alert',
      id,
      dataset: 'weir.health',
      module: 'weir',
      provider: 'weir',
      severity: 10,
      created: at,
      start: first,
      end: at,
    },
    rule: { id: `weir.health.${code}`, name, category: 'health' },
    tags: ['health'],
    observer: { vendor: 'Weir', product: 'Weir', version: VERSION },
    weir: {
      alert: {
        id,
        revision: 1,
        kind: 'health',
        status: 'open',
        severity,
        count: 1,
        first,
        last: at,
        group: { code, subject: aggregator },
        events: [],
        late_by_ms: 0,
      },
      remedy,
    },
  }
}

/** The same when it is over. */
export function linkUp(down: AlertV1, now: number): AlertV1 {
  const at = new Date(now).toISOString()
  const { alert } = down.weir
  const over = { ...alert, revision: alert.revision + 1, status: 'closed', last: at } as const
  return {
    ...down,
    '@timestamp': at,
    event: { ...down.event, end: at },
    weir: { ...down.weir, alert: over },
  }
}
