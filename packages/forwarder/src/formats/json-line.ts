import type { AlertV1 } from '@weir/contract'
import { alertAs, type JsonFormat } from './json-format.ts'

/** An alert as a line of JSON, line feed included. */
export function jsonLine(alert: AlertV1, format: JsonFormat = 'ecs'): Buffer {
  return Buffer.from(`${JSON.stringify(alertAs(alert, format))}\n`, 'utf8')
}
