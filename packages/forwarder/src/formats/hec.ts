import type { AlertV1 } from '@weir/contract'
import { alertAs, type JsonFormat } from './json-format.ts'

export interface HecMeta {
  readonly host: string
  readonly sourcetype: string
  readonly index?: string | undefined
  readonly format?: JsonFormat
}

/**
 * An alert as an object for the HTTP Event Collector, in bytes. Its time is the last member's, in seconds.
 */
export function hecEvent(alert: AlertV1, { host, sourcetype, index, format = 'ecs' }: HecMeta): Buffer {
  const { id, revision, kind, severity, status } = alert.weir.alert
  const rest = {
    host,
    source: 'weir',
    sourcetype,
    index,
    event: alertAs(alert, format),
    fields: { alert_id: id, revision: String(revision), kind, severity, status, rule: alert.rule.id },
  }
  return Buffer.from(`{"time":${seconds(alert['@timestamp'])},${JSON.stringify(rest).slice(1)}`, 'utf8')
}

/** Decimal, milliseconds always written out, never an exponent. */
function seconds(time: string): string {
  return (Date.parse(time) / 1000).toFixed(3)
}
