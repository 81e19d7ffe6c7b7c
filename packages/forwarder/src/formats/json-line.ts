import type { AlertV1 } from '@weir/contract'

/** An alert as a line of JSON, line feed included. */
export function jsonLine(alert: AlertV1): Buffer {
  return Buffer.from(`${JSON.stringify(alert)}\n`, 'utf8')
}
