import type { AlertKind, Lane, Severity } from './alert.ts'

/** What crossed the link in a day, by whose token came over the connection. Days are UTC, as `2026-03-01`. */
export interface LinkCount {
  readonly day: string
  /** A token's name; empty for connections over which none came. */
  readonly caller: string
  /** TCP payload both ways: TLS, headers and compression included. */
  readonly received: number
  readonly sent: number
  /** Of what was sent: bodies of pages of the feed before and after compression. */
  readonly feedBytes: number
  readonly feedPackedBytes: number
  /** Of what was sent: bodies of answers with evidence, compressed. */
  readonly evidenceBytes: number
  /** Connections that ended in an error or amid an answer. */
  readonly breaks: number
}

/** What a forwarder counted in a day on its own sockets, likewise. */
export interface OwnLinkCount {
  readonly day: string
  /** From the aggregator's side, as in `LinkCount`: what the forwarder sent is received here. */
  readonly received: number
  readonly sent: number
}

export interface LinkDay extends LinkCount {
  /** What the forwarder said of the day, if it said anything. */
  readonly own?: Omit<OwnLinkCount, 'day'>
}

export interface RawDay {
  readonly day: string
  readonly source: string
  /** Decompressed bytes read. */
  readonly rawBytes: number
  readonly records: number
}

/** Entries of one rule that have a line still. */
export interface WaitingAlerts {
  readonly rule: string
  readonly kind: AlertKind
  readonly severity: Severity
  readonly entries: number
  /** Of their lines, before compression. */
  readonly bytes: number
}

/** What is counted by day, and what waits to cross. */
export interface LedgerStore {
  /** Adds to the days' counts, all of it or nothing. */
  addLink(counts: readonly LinkCount[]): Promise<void>
  /** Keeps what a forwarder counted itself, in place of what it said before of the same days. */
  markOwnLink(forwarder: string, counts: readonly OwnLinkCount[]): Promise<void>
  /** Days from `from` to `to`, both included, by day and caller. */
  linkDays(from: string, to: string): Promise<readonly LinkDay[]>
  /** What was read, by day and source, likewise. */
  rawDays(from: string, to: string): Promise<readonly RawDay[]>
  /** Of the first entries after `after` that were neither superseded nor closed, up to `entriesMax`: how many, by rule. */
  waiting(lane: Lane, after: number, entriesMax: number): Promise<readonly WaitingAlerts[]>
}
