import { createHash } from 'node:crypto'
import { HISTORY_SEED } from './history-seed.ts'

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
  /** Tells it from any other. */
  readonly name: string
}

export const FIRST_HISTORY: History = named(HISTORY_SEED)

/** The history after one more page. */
export function historyAfter({ bytes }: History, page: Buffer): History {
  const all = page.length >= HISTORY_BYTES_MAX ? page : Buffer.concat([bytes, page])
  const kept = Buffer.from(all.subarray(Math.max(0, all.length - HISTORY_BYTES_MAX)))
  return named(kept)
}

function named(bytes: Buffer): History {
  return { bytes, name: createHash('sha256').update(bytes).digest('hex').slice(0, 16) }
}
