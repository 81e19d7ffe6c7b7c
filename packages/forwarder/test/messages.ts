import type { Message, Output } from '../src/outputs/output.ts'
import type { Entry } from '../src/spool/entry.ts'
import { makeAlert } from './support/alert.ts'

/** Alerts of these ids in an output's own form, as its worker would hand them over. */
export function messagesOf(output: Pick<Output, 'encode'>, ids: readonly string[]): Message[] {
  return ids.map((id) => ({ entry: { id, revision: 1 } as Entry, bytes: output.encode(makeAlert({ id })) }))
}
