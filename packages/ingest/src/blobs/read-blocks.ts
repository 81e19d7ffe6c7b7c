import { createHash } from 'node:crypto'
import { type BlobClient, type BlockBlobClient, RestError } from '@azure/storage-blob'
import type { BlockCursor } from './cursor.ts'
import { type Range, readRange } from './range.ts'
import { pieceOf, type Reading, sayChanged, sayTooLarge } from './reading.ts'

export interface Block {
  readonly name: string
  readonly size: number
}

interface BlockList {
  readonly blocks: readonly Block[]
  readonly total: number
  readonly etag: string
}

/** `{"records":[` and `]}`: the first and the last block of a flow log, between which the others grow. */
const HEADER_BYTES = 12
export const FOOTER_BYTES = 2

/**
 * Delivers the blocks of a flow log that came since a cursor (its footer stays last, so new ones stand before
 * it), and resolves to where it stands then; `undefined` when there is no such blob. A blob whose earlier
 * blocks were rewritten is read anew, one that is not laid out like that is read as a whole when it changes.
 */
export async function readBlocks(
  reading: Reading,
  blob: BlockBlobClient,
  from: BlockCursor | undefined,
): Promise<BlockCursor | undefined> {
  const list = await reading.slots.run(() => blockList(blob, reading.signal))
  if (list === undefined || (list.etag === from?.etag && !hasMore(list, from))) return from
  if (!isFlowLog(list.blocks)) return readWhole(reading, blob, list)
  let cursor = continues(list, from) ? { ...from, etag: list.etag } : header(list)
  if (from !== undefined && cursor.blocks < from.blocks) sayChanged(reading, blob.name, 'blob_rewritten')
  while (cursor.blocks < list.blocks.length - 1) {
    const next = await deliverBlocks(reading, blob, list, cursor)
    // Rewritten meanwhile: the next poll takes it from here by the new list.
    if (next === undefined) return { ...cursor, etag: '' }
    cursor = next
  }
  return cursor
}

export async function blockList(
  blob: BlockBlobClient,
  abortSignal: AbortSignal,
): Promise<BlockList | undefined> {
  try {
    const list = await blob.getBlockList('committed', { abortSignal })
    const blocks = list.committedBlocks ?? []
    return { blocks, total: list.blobContentLength ?? 0, etag: list.etag ?? '' }
  } catch (error) {
    if (error instanceof RestError && error.code === 'BlobNotFound') return undefined
    throw error
  }
}

/** The same ETag and yet more blocks: the answer before was under way while the blob grew. */
function hasMore({ blocks }: BlockList, from: BlockCursor): boolean {
  return isFlowLog(blocks) && from.blocks < blocks.length - 1
}

export function isFlowLog(blocks: readonly Block[]): boolean {
  return blocks.length >= 2 && blocks[0]!.size === HEADER_BYTES && blocks.at(-1)!.size === FOOTER_BYTES
}

function continues(list: BlockList, from: BlockCursor | undefined): from is BlockCursor {
  if (from === undefined || from.blocks === 0 || from.blocks > list.blocks.length - 1) return false
  return printOf(list.blocks.slice(0, from.blocks)) === from.print
}

function header(list: BlockList): BlockCursor {
  return { blocks: 1, bytes: HEADER_BYTES, print: printOf(list.blocks.slice(0, 1)), etag: list.etag }
}

function printOf(blocks: readonly Block[]): string {
  const hash = createHash('sha256')
  for (const { name, size } of blocks) hash.update(`${name} ${size}\n`)
  return hash.digest('hex').slice(0, 32)
}

/** Whole blocks up to `chunkBytes`, at least one. */
async function deliverBlocks(
  reading: Reading,
  blob: BlockBlobClient,
  list: BlockList,
  cursor: BlockCursor,
): Promise<BlockCursor | undefined> {
  let { blocks, bytes } = cursor
  while (blocks < list.blocks.length - 1) {
    const size = list.blocks[blocks]!.size
    if (blocks > cursor.blocks && bytes - cursor.bytes + size > reading.config.chunkBytes) break
    bytes += size
    blocks++
  }
  const range = await wholeRange(reading, blob, cursor.bytes, bytes - cursor.bytes, list.etag)
  if (range === undefined) return undefined
  const next = { blocks, bytes, print: printOf(list.blocks.slice(0, blocks)), etag: list.etag }
  await deliver(reading, blob, range, cursor.bytes, next)
  return next
}

/** Delivers a JSON document when it is not the one that was read before; `undefined` when there is no such blob. */
export async function readDocument(
  reading: Reading,
  blob: BlobClient,
  from: BlockCursor | undefined,
): Promise<BlockCursor | undefined> {
  const { slots, signal } = reading
  const { contentLength: total = 0, etag = '' } = await slots.run(() =>
    blob.getProperties({ abortSignal: signal }),
  )
  if (etag === from?.etag) return from
  if (from !== undefined) sayChanged(reading, blob.name, 'blob_rewritten')
  return readWhole(reading, blob, { total, etag })
}

/** A document without blocks to cut at. */
async function readWhole(
  reading: Reading,
  blob: BlobClient,
  list: Omit<BlockList, 'blocks'>,
): Promise<BlockCursor | undefined> {
  const cursor = { blocks: 0, bytes: list.total, print: '', etag: list.etag }
  if (list.total > reading.config.documentBytesMax) {
    const unread = sayTooLarge(reading, blob.name)
    await reading.deliver({ blob: blob.name, messages: [], heldBytes: 0, cursor, unread })
    return cursor
  }
  if (list.total === 0) return cursor
  const range = await wholeRange(reading, blob, 0, list.total, list.etag)
  if (range === undefined) return undefined
  await deliver(reading, blob, range, 0, cursor)
  return cursor
}

/** Exactly these bytes of exactly this version; `undefined` when it is no longer there. */
async function wholeRange(
  reading: Reading,
  blob: BlobClient,
  offset: number,
  bytes: number,
  ifMatch: string,
): Promise<Range | undefined> {
  await reading.budget.take(bytes, reading.signal)
  try {
    const answer = await reading.slots.run(() => readRange(blob, offset, bytes, { ifMatch }, reading.signal))
    if (answer.kind === 'range') return answer
  } catch (error) {
    reading.budget.give(bytes)
    throw error
  }
  reading.budget.give(bytes)
  return undefined
}

async function deliver(
  reading: Reading,
  blob: BlobClient,
  range: Range,
  offset: number,
  cursor: BlockCursor,
): Promise<void> {
  await reading.deliver(pieceOf(blob.name, range.bytes, offset, range.lastModified, cursor))
}
