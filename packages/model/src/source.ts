import type { Cursor } from './position.ts'

/** One message body, or one range of whole lines, as it was read. */
export interface RawMessage {
  readonly bytes: Uint8Array
  /** Place within the partition; becomes `Position.at`. */
  readonly at: string
  /** Epoch milliseconds at which the delivering service took it, by that service's clock. */
  readonly arrival: number
  /** Dataset, where the way in names one (a push endpoint); otherwise the records tell. */
  readonly dataset?: string
  /** How the records are written; JSON in any of its ways when absent. */
  readonly format?: RecordFormat
  /** The source knows that these bytes were committed before: every record counts as a duplicate. */
  readonly repeated?: true
}

/**
 * Records that are not JSON. `csv`: RFC 4180 rows without their header, each an object of texts under `columns`,
 * and `more` members that the way in knows of all of them (the bytes of a record stay its row).
 * `storage-analytics`: rows of `$logs`. `unreadable`: what the source itself could not take apart; it goes to
 * quarantine whole, with this reason.
 */
export type RecordFormat =
  | CsvFormat
  | { readonly kind: 'storage-analytics' }
  | SyslogFormat
  | { readonly kind: 'unreadable'; readonly reason: string }

export interface CsvFormat {
  readonly kind: 'csv'
  readonly columns: readonly string[]
  readonly more?: Readonly<Record<string, string>>
}

/** Syslog messages, cut out of their frames already. */
export interface SyslogFormat {
  readonly kind: 'syslog'
  /** Start and end of each message within the bytes, in pairs. */
  readonly extents: readonly number[]
  /** Address of who sent them, which may be a relay. */
  readonly peer: string
  /** Who received and numbers them: `<source>/<listener>/<mark of the process>`. */
  readonly listener: string
  /** The running number of the first, by that listener. */
  readonly first: number
  /** Epoch milliseconds at which they came: the year where a stamp has none. */
  readonly arrival: number
  /** Time zone of stamps that name none: an IANA name or an offset such as `+02:00`. */
  readonly zone: string
}

/** Bytes read from one partition, with the cursors that hold once they are committed. */
export interface RawBatch {
  readonly kind: 'batch'
  readonly source: string
  readonly partition: string
  readonly messages: readonly RawMessage[]
  readonly cursors: readonly Cursor[]
  /** Later batches may hold events hours older, as from blobs read side by side: only `caught-up` moves the clock. */
  readonly unordered?: true
  /** Sequence numbers, or times, between which records were gone: nothing to read there, but worth a health alert. */
  readonly gap?: { readonly after: string; readonly next: string }
  /** Something else that an operator must know: a health alert of its own, told once. */
  readonly notice?: Notice
  /** Called once the commit that covers this batch is on disk. */
  readonly committed?: () => void
}

/** What a source tells beside its records: that a position does not fit, or that something was given up unread. */
export interface Notice {
  readonly code: 'position-reset' | 'object-unread'
  readonly detail: string
}

/** The partitions that a source reads; said before the first batch, and again when they change. */
export interface PartitionsKnown {
  readonly kind: 'partitions'
  readonly source: string
  readonly partitions: readonly string[]
}

/**
 * How a partition stands. `caught-up`: everything that the service had by `now` has been delivered before
 * this signal. `lagging`: connected, with more to read. `cut-off`: cannot be reached.
 */
export interface PartitionState {
  readonly kind: 'state'
  readonly source: string
  readonly partition: string
  readonly state: 'caught-up' | 'lagging' | 'cut-off'
  /** Epoch milliseconds to which the statement refers. */
  readonly now: number
  /** Messages or bytes that wait, where the service tells. */
  readonly behind?: number
  readonly reason?: string
  /** A health alert of its own, raised from the first such state until one without it; `reason` is its detail. */
  readonly code?: 'reader-evicted'
}

export type SourceSignal = RawBatch | PartitionsKnown | PartitionState

/** What a source is handed when it runs. */
export interface SourceContext {
  /** Stored cursors of this source, by key, as of the last commit. */
  readonly cursors: ReadonlyMap<string, string>
  /** Resolves when there is room for more; a source waits for it before it reads on. Nothing overtakes what was delivered before. */
  readonly deliver: (signal: SourceSignal) => Promise<void>
  readonly signal: AbortSignal
}

/** Where a message was read: the two parts of a `Position` that name it within its source. */
export interface MessagePlace {
  readonly partition: string
  readonly at: string
}

/**
 * A message that was read again. Its records begin with those that the line was given, at the same ordinals; more may
 * follow. Or why there is none: `retention`, the service has it no longer; `not-found`, there is something else now.
 */
export type Refetched = MessagePlace &
  ({ readonly message: RawMessage } | { readonly gone: 'retention' | 'not-found' })

/** Reads messages again, in any order and each at most once; rejects when the service cannot be asked. */
export type Refetch = (places: readonly MessagePlace[]) => AsyncIterable<Refetched>

/**
 * A reader of records. `run` resolves when the signal aborts or, for a finite source, when everything was
 * delivered; it retries what can be retried and rejects only on what an operator must mend.
 */
export interface EventSource {
  readonly name: string
  /** Others send to it and are not asked: what there would have been while nobody listened is not heard of later. */
  readonly pushed?: true
  run(context: SourceContext): Promise<void>
  /**
   * Opens a way to read again what was read before, beside `run` and without moving anything; what it holds open is let
   * go when the signal aborts. Absent where what was read cannot be had a second time.
   */
  readonly refetch?: (signal: AbortSignal) => Refetch
  /** Lets go of what is held from one run to the next, such as a port; no run follows. */
  close?(): Promise<void>
}
