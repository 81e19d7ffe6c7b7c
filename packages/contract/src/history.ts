import { createHash } from 'node:crypto'

/**
 * Header of a poll: the name of the history that the forwarder remembers of the lane. The page may then come in
 * `HISTORY_CODING`.
 */
export const HISTORY_HEADER = 'weir-history'

/** Content coding of a page: zstd with the named history as its dictionary. */
export const HISTORY_CODING = 'weir-zstd'

/** What both sides remember of a lane: alerts repeat each other, so a page is packed against the ones before it. */
const HISTORY_BYTES_MAX = 65_536

export interface History {
  /** The end of the pages, before compression. */
  readonly bytes: Buffer
  /** Tells it from any other; empty for no history. */
  readonly name: string
}

export const NO_HISTORY: History = { bytes: Buffer.alloc(0), name: '' }

/** The history after one more page. */
export function historyAfter({ bytes }: History, page: Buffer): History {
  const all = page.length >= HISTORY_BYTES_MAX ? page : Buffer.concat([bytes, page])
  const kept = Buffer.from(all.subarray(Math.max(0, all.length - HISTORY_BYTES_MAX)))
  return { bytes: kept, name: createHash('sha256').update(kept).digest('hex').slice(0, 16) }
}
