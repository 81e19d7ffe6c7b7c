import type { Alert, AlertKind, Lane, Severity } from './alert.ts'
import type { Quarantined } from './event.ts'
import type {
  CorrelationState,
  Episode,
  FindingStatus,
  PassedGroup,
  StoredMember,
  StoredSightings,
} from './finding.ts'
import type { LedgerStore } from './ledger.ts'
import type { Cursor } from './position.ts'
import type { PartitionClock } from './watermark.ts'

/**
 * Increments of one source's books, in records:
 * read = normalized + duplicates + dropped + quarantined. Events and bytes are counted beside.
 */
export interface Books {
  readonly source: string
  readonly read: number
  readonly normalized: number
  readonly duplicates: number
  readonly dropped: number
  /** The same by the name of the filter that took them. */
  readonly droppedBy: Readonly<Record<string, number>>
  readonly quarantined: number
  /** Normalized events; more than records where a record splits. */
  readonly events: number
  /** Decompressed bytes read. */
  readonly rawBytes: number
}

/** Increments of one rule's ledger. */
export interface RuleCount {
  readonly rule: string
  readonly matches: number
  /** Evaluations that threw, and compiled hits that the library took away, each counted as no match. */
  readonly errors: number
  /** Matches that correlation left out. */
  readonly skipped: number
}

/** The record behind a member, as the provider wrote it; kept once, whatever alerts it is part of. */
export interface Evidence {
  readonly identity: string
  readonly eventId: string
  readonly dataset: string
  readonly position: {
    readonly source: string
    readonly partition: string
    readonly at: string
    readonly index: number
  }
  readonly bytes: Uint8Array
  /** Lower-case hexadecimal. */
  readonly sha256: string
}

/** One revision of an alert to keep and, when `ship`, to put in the feed. */
export interface AlertRevision {
  readonly alert: Alert
  readonly severity: Severity
  readonly kind: AlertKind
  readonly ship: boolean
  /** An alert of a rule without correlation: its id says it all, so a second one is dropped. */
  readonly once: boolean
}

/** How a source delivers, kept so that a restart does not forget it. Times are epoch milliseconds. */
export interface SourceRhythm {
  readonly source: string
  /** When it last delivered something, by our clock. */
  readonly heard: number
  /** The first arrival that counted. */
  readonly since: number
  /** The latest arrival, as the service stamped it; 0 when none counted. */
  readonly arrival: number
  /** By whole days since 1970, UTC: how many quiet spells ended then, and the longest. */
  readonly days: readonly { readonly day: number; readonly longestMs: number; readonly spells: number }[]
}

/** A canary that came: a record of ours, planted at a source to be timed. Times are epoch milliseconds. */
export interface Canary {
  readonly id: string
  readonly source: string
  /** By the clock of who planted it. */
  readonly planted: number
  /** As the service that delivered it stamped it. */
  readonly arrived: number
  /** The alert that it made; absent where no rule that is loaded looks for it. */
  readonly alert?: string
}

/** A canary and how far its alert is. */
export interface CanaryStages extends Canary {
  readonly committed: number
  /** Where its alert stands in the feed; absent where it is not shipped. */
  readonly entry?: { readonly lane: Lane; readonly seq: number }
  /** When a forwarder had spooled it and, with `output`, when that output had acknowledged it. */
  readonly marks: readonly { readonly forwarder: string; readonly output?: string; readonly at: number }[]
}

/** All that one batch changes, in one transaction. */
export interface Commit {
  /** Wall clock, epoch milliseconds. */
  readonly at: number
  readonly cursors: readonly Cursor[]
  readonly clocks: readonly PartitionClock[]
  readonly books: readonly Books[]
  readonly quarantine: readonly Quarantined[]
  readonly ruleCounts: readonly RuleCount[]
  readonly members: readonly StoredMember[]
  readonly forgotten: readonly StoredMember[]
  /** Carried out after the members above are kept. */
  readonly passed: readonly PassedGroup[]
  readonly sightings: readonly StoredSightings[]
  readonly episodes: readonly Episode[]
  readonly alerts: readonly AlertRevision[]
  readonly evidence: readonly Evidence[]
  readonly rhythms: readonly SourceRhythm[]
  readonly canaries: readonly Canary[]
}

/** What the line needs to go on from the last commit. */
export interface LineState {
  /** By source, then by the source's own key. */
  readonly cursors: ReadonlyMap<string, ReadonlyMap<string, string>>
  readonly clocks: readonly PartitionClock[]
  readonly correlation: CorrelationState
  /** Health alerts still open. */
  readonly health: readonly Alert[]
  readonly rhythms: readonly SourceRhythm[]
}

/** What the pipeline asks of a store. A commit that rejects has changed nothing. */
export interface LineStore {
  load(): Promise<LineState>
  /** Resolves when the transaction is on disk. */
  commit(commit: Commit): Promise<void>
}

export interface AlertFilter {
  /** ISO 8601 or epoch milliseconds are settled at the edge; here epoch milliseconds of the last member's time. */
  readonly from?: number
  readonly to?: number
  readonly severity?: readonly Severity[]
  readonly rule?: string
  readonly kind?: AlertKind
  readonly status?: FindingStatus
  /** Any of the alert's related users, addresses or hosts, exactly. */
  readonly entity?: string
}

/** A page, newest change first; `next` continues it. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly next?: string
}

export interface SourceBooks extends Books {
  readonly lastCommit: number
}

export interface RuleLedger extends RuleCount {
  readonly alerts: number
  /** Alert revisions put in the feed, and the bytes of their lines before compression. */
  readonly revisions: number
  readonly alertBytes: number
  /** The same of what a rule in shadow mode would have put there. */
  readonly shadowAlerts: number
  readonly shadowRevisions: number
  readonly shadowBytes: number
}

/** What people read through the API. */
export interface AlertStore {
  alerts(filter: AlertFilter, limit: number, after?: string): Promise<Page<Alert>>
  alert(id: string): Promise<Alert | undefined>
  /** Records kept for an alert, by time of their events, one at a time: together they may be large. */
  evidence(id: string): AsyncIterable<Evidence>
  /** The alert and the episodes that are members of it, of which each has members of its own. */
  parts(id: string): Promise<readonly string[]>
  evidenceSize(id: string): Promise<EvidenceSize>
  /** Every member of an alert, by time, in pages. */
  members(id: string, limit: number, after?: string): Promise<Page<StoredMember>>
  books(): Promise<readonly SourceBooks[]>
  ledger(): Promise<readonly RuleLedger[]>
  clocks(): Promise<readonly PartitionClock[]>
  quarantine(limit: number, after?: string): Promise<Page<Quarantined>>
  /** The newest first. */
  canaries(limit: number): Promise<readonly CanaryStages[]>
}

/** One stored entry of a lane. */
export interface FeedEntry {
  readonly lane: Lane
  readonly seq: number
  /** The chain up to and including this entry, lower-case hexadecimal. */
  readonly chain: string
  readonly alertId: string
  readonly revision: number
  readonly rule: string
  readonly kind: AlertKind
  readonly severity: Severity
  /** What crosses the wire, without its newline; absent when `skip` says why it no longer does. */
  readonly line?: Uint8Array
  /** `superseded`: a higher revision follows in the same history. `closed`: retired at `feedBytesMax`. */
  readonly skip?: 'superseded' | 'closed'
}

/** Where a lane stands. `chain` is the hash up to and including `seq`, lower-case hexadecimal. */
export interface LaneHead {
  readonly lane: Lane
  readonly seq: number
  readonly chain: string
}

/** A registered forwarder and how far it is. */
export interface ForwarderState {
  readonly name: string
  /** Its live session; a new one takes over from the old. */
  readonly session?: string
  readonly lastSeen?: number
  /** Highest sequence number durably spooled, by lane. */
  readonly spooled: Readonly<Record<Lane, number>>
  /** Highest contiguous sequence number acknowledged, by output and lane. */
  readonly delivered: Readonly<Record<string, Readonly<Record<Lane, number>>>>
}

export interface FeedStore extends LedgerStore {
  /** Random name of this database's history. */
  epoch(): Promise<string>
  /** Begin a new epoch, after a cursor was presented that this history does not know. */
  renewEpoch(): Promise<string>
  heads(): Promise<Readonly<Record<Lane, LaneHead>>>
  /** The point before the oldest entry that is kept; where a new forwarder begins. */
  base(lane: Lane): Promise<LaneHead>
  /** The chain at a sequence number; `undefined` when it is not known (never written, or retired). */
  chainAt(lane: Lane, seq: number): Promise<string | undefined>
  /** Entries after `after`, oldest first, up to `bytesMax` of lines (at least one entry if there is any). */
  read(lane: Lane, after: number, bytesMax: number): Promise<readonly FeedEntry[]>
  forwarders(): Promise<readonly ForwarderState[]>
  /** A new live session; outputs that it no longer names stop holding the feed. */
  openSession(forwarder: string, session: string, outputs: readonly string[], at: number): Promise<void>
  mark(forwarder: string, marks: ForwarderMarks, at: number): Promise<void>
  /** Called after every commit that appended to a lane. */
  onAppend(listener: (lane: Lane) => void): () => void
}

export interface ForwarderMarks {
  readonly spooled?: Partial<Record<Lane, number>>
  readonly delivered?: Readonly<Record<string, Partial<Record<Lane, number>>>>
}

export type Role = 'reader' | 'forwarder' | 'admin'

/** A health alert as it is now, for one who is told by webhook. */
export interface HealthNotice {
  /** Orders notices; what was told is told by it. */
  readonly changed: number
  readonly alert: Alert
  /** It was told as raised. */
  readonly told: boolean
}

/** Who is told of health alerts beside the feed, and how far each of them is. */
export interface NoticeStore {
  /** Others are forgotten. Who is new is told of conditions that stand, and not of those that are over. */
  beginNotices(names: readonly string[]): Promise<void>
  /** What one has still to be told, oldest change first, each alert as it is now. */
  notices(name: string, limit: number): Promise<readonly HealthNotice[]>
  /** One was told of this, or needs not be. */
  noticed(name: string, notice: Pick<HealthNotice, 'changed' | 'alert'>): Promise<void>
}

/** What is kept, and for how long. */
export interface Retention {
  /** Registered forwarders: the only ones for which the feed is kept. */
  readonly forwarders: readonly string[]
  readonly alertDaysMax: number
  readonly quarantineDaysMax: number
  /** Days of the ledger: counts by day of what was read and of what crossed the link. */
  readonly ledgerDaysMax: number
  /** Bytes of the feed's lines kept for forwarders that have not delivered them. */
  readonly feedBytesMax: number
  /**
   * Entries without a line at the beginning of a lane. Beyond it they go, and a forwarder that stands before them
   * starts over behind them.
   */
  readonly feedTombstonesMax: number
  /** Bytes of the whole file; the oldest quarantined records go first, then closed alerts with their evidence. */
  readonly storeBytesMax: number
}

/** What retention removed; `feedClosed` counts entries that stand closed and that not every forwarder has passed. */
export interface Retired {
  readonly alerts: number
  readonly quarantine: number
  readonly feedEntries: number
  readonly feedClosed: number
  /** The same by rule, most first. */
  readonly feedClosedBy: readonly { readonly rule: string; readonly entries: number }[]
  /** What of these went only for `storeBytesMax`, before its time. */
  readonly bound: BoundRetired
}

export interface BoundRetired {
  readonly alerts: number
  readonly quarantine: number
  /** When the youngest of the alerts was first committed, epoch milliseconds. */
  readonly alertsUpTo?: number
  /** By how much the file is over its bound still: nothing is left that may go. */
  readonly bytesOver: number
}

export interface Store extends LineStore, AlertStore, AuditStore, FeedStore, NoticeStore {
  retire(policy: Retention, now: number): Promise<Retired>
  /** Reads everything back: books that do not balance, chains that do not hold; empty when all is well. */
  verify(): Promise<readonly string[]>
  close(): Promise<void>
}

/** Events behind an alert, and what is kept of their records. */
export interface EvidenceSize {
  readonly members: number
  readonly records: number
  readonly bytes: number
  /** Members whose record is not kept. */
  readonly lacking: number
}

/** Who asked for evidence, of what, when (epoch milliseconds). */
export interface EvidenceAsked {
  readonly at: number
  readonly caller: string
  readonly role: Role
  readonly remote: string
  readonly alert: string
}

/** How a request for evidence ended; `begun` until then, and for good where the process was killed. */
export interface EvidenceServed {
  readonly outcome: 'begun' | 'served' | 'broken-off' | 'failed'
  readonly records: number
  /** Before base64 and compression. */
  readonly recordBytes: number
  /** Of the reply's body, packed. */
  readonly sentBytes: number
  readonly ended?: number
}

/** Evidence bytes of one caller on one day (whole days since 1970, UTC). */
export interface EvidenceBytes {
  readonly caller: string
  readonly day: number
  readonly requests: number
  readonly recordBytes: number
  readonly sentBytes: number
}

/** Every request for evidence; `n` names one. */
export interface AuditStore {
  /** On disk when it resolves: before the first byte goes out. */
  evidenceAsked(asked: EvidenceAsked): Promise<number>
  evidenceServed(n: number, served: EvidenceServed): Promise<void>
  /** Newest first. */
  audits(limit: number, after?: string): Promise<Page<EvidenceAsked & EvidenceServed>>
  /** By caller and day, of requests asked from `from` up to and without `to`. */
  evidenceBytes(from: number, to: number): Promise<readonly EvidenceBytes[]>
}
