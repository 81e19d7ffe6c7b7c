import type { Alert } from '@weir/model'

/** One revision as the feed stores it and the wire carries it, without a newline; `at` is epoch milliseconds. */
export function feedLine(seq: number, at: number, alert: Alert): Buffer {
  return Buffer.from(JSON.stringify({ seq, at: new Date(at).toISOString(), alert }))
}
