import { isObject } from '@weir/model'

/** How far a blob of lines is read: `offset` is the byte after the last newline delivered. */
export interface LineCursor {
  readonly offset: number
  readonly etag: string
  /** Bytes of the whole blob, as the answer with this ETag said. */
  readonly total: number
  /** Epoch milliseconds; a blob of the same name with another time is another blob. */
  readonly createdOn: number
}

/** How far a blob of blocks is read. */
export interface BlockCursor {
  /** Blocks consumed, the header among them. */
  readonly blocks: number
  /** Bytes in them. */
  readonly bytes: number
  /** Hash of their names and sizes: a list that begins otherwise was rewritten. */
  readonly print: string
  readonly etag: string
}

export type BlobCursor = LineCursor | BlockCursor

export function isBlockCursor(cursor: BlobCursor | undefined): cursor is BlockCursor {
  return cursor !== undefined && 'blocks' in cursor
}

/** A cursor from the store; `undefined` for one that is not ours, so that the blob is read again. */
export function parseCursor(text: string): BlobCursor | undefined {
  const value = parsed(text)
  if (!isObject(value) || typeof value['etag'] !== 'string') return undefined
  const { offset, etag, total, createdOn, blocks, bytes, print } = value
  if (typeof offset === 'number' && typeof total === 'number' && typeof createdOn === 'number')
    return { offset, etag, total, createdOn }
  if (typeof blocks !== 'number' || typeof bytes !== 'number' || typeof print !== 'string') return undefined
  return { blocks, bytes, print, etag }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
