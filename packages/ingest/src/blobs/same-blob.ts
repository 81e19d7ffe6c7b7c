import { crc32 } from 'node:zlib'
import type { BlobClient } from '@azure/storage-blob'
import type { LineCursor } from './cursor.ts'
import { type Range, readRange } from './range.ts'
import type { Reading } from './reading.ts'

/**
 * What speaks against a blob's being the one that was read before: it is shorter, it was created at another time,
 * or it changed without growing (or as only block blobs can) and begins otherwise. `unknown` when it changes right now.
 */
export async function otherThan(
  cursor: LineCursor,
  reading: Reading,
  blob: BlobClient,
  version: Omit<Range, 'bytes'>,
): Promise<'blob_recreated' | 'blob_rewritten' | 'unknown' | undefined> {
  const { etag, createdOn, total, blockBlob } = version
  if (createdOn !== cursor.createdOn || total < cursor.offset) return 'blob_recreated'
  if (etag === cursor.etag || (!blockBlob && total !== cursor.total)) return undefined
  const crc = await crcBefore(cursor.offset, reading, blob, etag)
  if (crc === undefined) return 'unknown'
  return crc === cursor.crc ? undefined : 'blob_rewritten'
}

/** CRC-32 of a blob's first bytes; `undefined` when it is no longer this version of it. */
async function crcBefore(
  end: number,
  reading: Reading,
  blob: BlobClient,
  ifMatch: string,
): Promise<number | undefined> {
  let crc = 0
  for (let at = 0; at < end; ) {
    const size = Math.min(reading.config.chunkBytes, end - at)
    // Held for no longer than it takes, and beside a chunk that is: so it is not counted in the budget.
    const answer = await reading.slots.run(() => readRange(blob, at, size, { ifMatch }, reading.signal))
    if (answer.kind !== 'range') return undefined
    crc = crc32(answer.bytes, crc)
    at += answer.bytes.length
  }
  return crc
}
