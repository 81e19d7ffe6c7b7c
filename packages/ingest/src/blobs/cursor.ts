import { isObject } from '@weir/model'

/** How far a blob of lines, rows or Avro blocks is read: `offset` is the byte after the last one delivered. */
export interface LineCursor {
  /** Behind gzip or zstd it counts what was unpacked. */
  readonly offset: number
  readonly etag: string
  /** Bytes of the whole blob, as the answer with this ETag said. */
  readonly total: number
  /** Epoch milliseconds; a blob of the same name with another time is another blob. */
  readonly createdOn: number
  /** CRC-32 of all bytes before `offset`: a blob that begins otherwise was rewritten. */
  readonly crc: number
  /** There was more under this ETag than is read. */
  readonly part?: true
  /** It can only be read from its beginning on, being compressed. */
  readonly packed?: true
  /** Header of a CSV. */
  readonly columns?: readonly string[]
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
  const names = 'blocks' in value ? ['blocks', 'bytes'] : ['offset', 'total', 'createdOn', 'crc']
  const whole = names.every((name) => typeof value[name] === 'number')
  if (!whole || ('blocks' in value && typeof value['print'] !== 'string')) return undefined
  return value as unknown as BlobCursor
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
