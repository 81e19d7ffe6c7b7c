import { alertLine } from '@weir/contract'
import { messageOf } from '@weir/runtime'
import { digestOf } from './digest.ts'
import type { FeedAlert } from './entry.ts'

/** A stored line as this version reads it, or why it cannot. `value` is what its JSON says, when that is known. */
export function readAlert(
  line: Buffer,
  value: unknown = parse(line),
): { readonly alert: FeedAlert } | { readonly reason: string } {
  const read = alertLine.safeParse(value)
  if (!read.success)
    return {
      reason: read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '),
    }
  const { seq, alert } = read.data
  const { id, revision, kind, severity } = alert.weir.alert
  return { alert: { seq, id, revision, kind, severity, digest: digestOf(alert.weir.alert), line } }
}

/** What the line's JSON says; of one that is none, why. */
export function parse(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString('utf8'))
  } catch (error) {
    return messageOf(error)
  }
}
