/** Where a record came from, exactly enough to fetch it again. */
export interface Position {
  /** Configured name of the source. */
  readonly source: string
  /** What the source reads in order: `<hub>/<partition id>`, a container, a file. */
  readonly partition: string
  /** Place within the partition: a sequence number, `<blob name>@<byte offset>`, a byte offset. */
  readonly at: string
  /** Ordinal of the record within the message or range at that place, from 0. */
  readonly index: number
}

/**
 * A reader's progress, kept by the store in the transaction of what it covers. `value` is the source's own;
 * an empty one removes the cursor.
 */
export interface Cursor {
  readonly source: string
  readonly key: string
  readonly value: string
}
