import type { RawMessage, RecordFormat } from '@weir/model'
import type { Report } from '@weir/runtime'
import type { ByteBudget } from '../byte-budget.ts'
import type { Pace } from '../pace.ts'
import type { Slots } from '../slots.ts'
import type { BlobConfig, BlobContainer } from './config.ts'
import type { BlobCursor } from './cursor.ts'

/** Messages of one blob to deliver, and the cursor that holds once they are committed. */
export interface BlobPiece {
  readonly blob: string
  readonly messages: readonly RawMessage[]
  /** Taken from the budget for them; given back at the commit. */
  readonly heldBytes: number
  readonly cursor: BlobCursor
  /** Why the blob was given up, or what is left of it: a health alert, told once. */
  readonly unread?: string
}

/** What the readers of blobs share within one container. */
export interface Reading {
  readonly config: BlobConfig
  readonly container: BlobContainer
  readonly report: Report
  readonly slots: Slots
  /** Of listings that find what is new. */
  readonly pace: Pace
  /** Places for blobs that can only be read from their beginning on. */
  readonly streams: Slots
  /** Taken before a request; what is not delivered is given back by the reader, the rest at the commit. */
  readonly budget: ByteBudget
  readonly signal: AbortSignal
  readonly deliver: (piece: BlobPiece) => Promise<void>
}

/** A piece that is one message: bytes as they stand in the blob. */
export function pieceOf(
  blob: string,
  bytes: Buffer,
  offset: number,
  arrival: number,
  cursor: BlobCursor,
  format?: RecordFormat,
): BlobPiece {
  const message = { bytes, at: `${blob}@${offset}`, arrival, ...(format && { format }) }
  return { blob, messages: [message], heldBytes: bytes.length, cursor }
}

/** A document that would not fit into memory; what to do about it. */
export function sayTooLarge({ config, report }: Reading, blob: string): string {
  const reason = `is one JSON document of more than ${config.documentBytesMax} bytes; write one record a line`
  report.event('error', 'document_too_large', { source: config.name, blob, reason }, ['source'])
  return reason
}

/** A blob is not what it was when it was read before, so it is read from its beginning. Repeats are dropped by the line. */
export function sayChanged(reading: Reading, blob: string, how: 'blob_recreated' | 'blob_rewritten'): void {
  const details = { source: reading.config.name, container: reading.container.container, blob }
  reading.report.event('warn', how, details, ['source'])
}
