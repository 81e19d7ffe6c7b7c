import type { Report } from '@weir/runtime'
import type { ByteBudget } from '../byte-budget.ts'
import type { BlobConfig, BlobContainer } from './config.ts'
import type { BlobCursor } from './cursor.ts'
import type { Slots } from './slots.ts'

/** Bytes of one blob to deliver, and the cursor that holds once they are committed. */
export interface BlobPiece {
  readonly blob: string
  readonly bytes: Buffer
  readonly offset: number
  readonly arrival: number
  readonly cursor: BlobCursor
}

/** What the readers of blobs share within one container. */
export interface Reading {
  readonly config: BlobConfig
  readonly container: BlobContainer
  readonly report: Report
  readonly slots: Slots
  /** Taken before a request; what is not delivered is given back by the reader, the rest at the commit. */
  readonly budget: ByteBudget
  readonly signal: AbortSignal
  readonly deliver: (piece: BlobPiece) => Promise<void>
}
