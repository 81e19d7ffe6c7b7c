import type { Event, RawMessage } from '@weir/model'
import { classify, eventsOf, unwrap } from '@weir/normalize'

/** The events of one message, in order, and what of it could not be read. */
export function eventsIn(
  name: string,
  message: RawMessage,
): { readonly events: readonly Event[]; readonly unreadable: readonly string[] } {
  const { at, arrival, bytes, dataset: hint } = message
  const unwrapped = unwrap(bytes)
  const bytesOf = (n: number): Uint8Array => unwrapped.bytesOf(n)
  const origin = { source: 'cli', partition: name, at, arrival, bytesOf }
  const events: Event[] = []
  for (const [index, record] of unwrapped.records.entries())
    eventsOf(record, classify(record, hint), origin, index, events)
  const unreadable = unwrapped.quarantined.map(
    ({ reason, index }) => `${name}@${at} record ${index}: ${reason}`,
  )
  return { events, unreadable }
}
