import type { AlertV1 } from '@weir/contract'
import { fit, type Sparing, type SparingText } from './fit.ts'

/** Members that ECS has and an alert can do without, the least important first. */
const OPTIONAL = ['related', 'user_agent', 'tags', 'threat', 'cloud', 'destination'] as const

const SPARED: Sparing<AlertV1> = {
  parts: [
    (alert) => withAlert(alert, { events: [] }),
    ({ rule: { description: _1, reference: _2, ...rule }, ...alert }) => ({ ...alert, rule }),
    ({ weir: { remedy: _, ...weir }, ...alert }) => ({ ...alert, weir }),
    ...OPTIONAL.map((key) => (alert: AlertV1) => without(alert, key)),
    (alert) => withAlert(alert, { group: {} }),
    (alert) => without(alert, 'user'),
    (alert) => without(alert, 'source'),
    ({ event: { category: _1, type: _2, action: _3, ...event }, ...alert }) => ({ ...alert, event }),
  ],
  texts: [
    text(
      ({ message }) => message,
      (alert, message) => ({ ...alert, message }),
    ),
    text(
      ({ rule }) => rule.name,
      (alert, name) => ({ ...alert, rule: { ...alert.rule, name } }),
    ),
  ],
}

/**
 * An alert as JSON in one line, without a line end, at most `bytesMax` bytes of UTF-8. One that is too long
 * gives up members that it can do without, then text, says `weir.alert.truncated: true`, and is an alert still.
 * Throws a RangeError when even its ids do not fit.
 */
export function boundedJson(alert: AlertV1, bytesMax: number): string {
  const whole = JSON.stringify(alert)
  if (Buffer.byteLength(whole) <= bytesMax) return whole
  return fit(withAlert(alert, { truncated: true }), SPARED, (one) => JSON.stringify(one), bytesMax)
}

function withAlert(
  alert: AlertV1,
  part: Partial<AlertV1['weir']['alert']> | { readonly truncated: true },
): AlertV1 {
  return { ...alert, weir: { ...alert.weir, alert: { ...alert.weir.alert, ...part } } }
}

function without(alert: AlertV1, key: (typeof OPTIONAL)[number] | 'user' | 'source'): AlertV1 {
  const { [key]: _, ...rest } = alert
  return rest as AlertV1
}

function text(
  read: SparingText<AlertV1>['read'],
  write: SparingText<AlertV1>['write'],
): SparingText<AlertV1> {
  return { read, write }
}
