import type { Lane, Severity } from '@weir/contract'

/** What a page brought: an alert as the aggregator stored it. */
export interface FeedAlert {
  readonly seq: number
  readonly id: string
  readonly revision: number
  readonly kind: 'detection' | 'health'
  readonly severity: Severity
  /** Of what the revision says; null where a spool of version 1 had none. */
  readonly digest: string | null
  /** The stored line, byte for byte, without its newline. */
  readonly line: Buffer
}

/** A line that the chain vouches for and this version cannot read: a newer aggregator's, say. */
export interface Unreadable {
  readonly seq: number
  readonly line: Buffer
  readonly reason: string
}

/** A spooled alert. `position` orders entries over epochs, in which sequence numbers begin anew. */
export interface Entry extends FeedAlert {
  readonly position: number
  readonly aggregator: string
  readonly lane: Lane
  readonly epoch: string
}

/** Where a lane stands: the last sequence number and the chain there. */
export interface Point {
  readonly seq: number
  readonly chain: string
}

/** An entry that a receiver will never take, and why. */
export interface Refusal {
  readonly entry: Entry
  readonly reason: string
}

/** Tells alerts apart: two aggregators may give the same id. */
export function alertKey({ aggregator, id }: Pick<Entry, 'aggregator' | 'id'>): string {
  return `${aggregator} ${id}`
}
