import { crc32 } from 'node:zlib'
import type { BlobClient } from '@azure/storage-blob'
import { csvHeader, formatOf, lastRowEnd, type RowKind } from '../formats/rows.ts'
import type { LineCursor } from './cursor.ts'
import { type Range, type RangeAnswer, readRange } from './range.ts'
import { pieceOf, type Reading, sayChanged } from './reading.ts'
import { otherThan } from './same-blob.ts'

/** `document`: one JSON document; `packed`: compressed. Either has to be read as such. */
export type Contents = 'rows' | 'document' | 'packed'

export type LinesRead = LineCursor | 'nothing' | Exclude<Contents, 'rows'>

/** How a blob of lines or rows is read. */
export interface LineReading {
  readonly rows: RowKind
  /** A half line at the end of a blob is delivered rather than left for the next time. */
  readonly final: boolean
  /** The same for a block blob: what was committed of it is whole. */
  readonly blocksFinal: boolean
  /** A listing or a message showed that there is more than the cursor knows of, so that the ETag is not asked. */
  readonly changed: boolean
  /** Looks at the beginning of a blob. */
  readonly contents: (head: Chunk) => Contents
}

/**
 * Delivers the whole lines behind a cursor, request by request, and resolves to where it stands then. A blob that was
 * made anew under its old name, or rewritten before the cursor, is read from its beginning.
 */
export async function readLines(
  reading: Reading,
  blob: BlobClient,
  from: LineCursor | undefined,
  how: LineReading,
): Promise<LinesRead> {
  let cursor = from
  let known = how.final || how.changed || from?.part ? undefined : from?.etag
  let size = reading.config.chunkBytes
  for (;;) {
    const answer = await chunkAfter(reading, blob, cursor, size, known)
    known = undefined
    const other = await otherAnswer(reading, blob, cursor, answer)
    if (other !== undefined) {
      releaseAll(reading, answer)
      if (other === 'unknown') return { ...cursor!, part: true }
      sayChanged(reading, blob.name, other)
      cursor = undefined
      continue
    }
    if (answer.kind !== 'range') return cursor ?? 'nothing'
    const contents = cursor === undefined ? how.contents(answer) : 'rows'
    if (contents !== 'rows') {
      releaseAll(reading, answer)
      return contents
    }
    const next = await deliverRows(reading, blob.name, answer, cursor, how)
    size = next.offset === (cursor?.offset ?? 0) ? size * 2 : reading.config.chunkBytes
    cursor = next
    if (next.offset >= answer.total || (endsBlob(answer) && !isFinal(answer, how))) return next
  }
}

export interface Chunk extends Range {
  /** Where its bytes begin in the blob. */
  readonly at: number
}

type Answer = Chunk | Exclude<RangeAnswer, Range>

/**
 * Reads one byte before the cursor too: then a blob without anything new still answers with its creation time,
 * and 416 can only mean that it shrank.
 */
async function chunkAfter(
  reading: Reading,
  blob: BlobClient,
  cursor: LineCursor | undefined,
  size: number,
  ifNoneMatch: string | undefined,
): Promise<Answer> {
  const offset = cursor?.offset ?? 0
  const back = offset > 0 ? 1 : 0
  await reading.budget.take(size, reading.signal)
  try {
    const conditions = ifNoneMatch === undefined ? {} : { ifNoneMatch }
    const answer = await reading.slots.run(() =>
      readRange(blob, offset - back, size + back, conditions, reading.signal),
    )
    if (answer.kind !== 'range') return giveBack(reading, size, answer)
    const bytes = answer.bytes.subarray(back)
    reading.budget.give(size - bytes.length)
    return { ...answer, bytes, at: offset }
  } catch (error) {
    reading.budget.give(size)
    throw error
  }
}

function giveBack<T>(reading: Reading, bytes: number, answer: T): T {
  reading.budget.give(bytes)
  return answer
}

function releaseAll(reading: Reading, answer: Answer): void {
  if (answer.kind === 'range') reading.budget.give(answer.bytes.length)
}

/** A cursor is behind the first byte at least, so that an end before it says that the blob shrank. */
async function otherAnswer(
  reading: Reading,
  blob: BlobClient,
  cursor: LineCursor | undefined,
  answer: Answer,
): ReturnType<typeof otherThan> {
  if (cursor === undefined || cursor.offset === 0) return undefined
  if (answer.kind === 'past-end') return 'blob_recreated'
  return answer.kind === 'range' ? otherThan(cursor, reading, blob, answer) : undefined
}

/** Delivers up to the last line end, or everything when nothing better will come; holds the rest no longer. */
async function deliverRows(
  reading: Reading,
  blob: string,
  chunk: Chunk,
  from: LineCursor | undefined,
  how: LineReading,
): Promise<LineCursor> {
  const final = isFinal(chunk, how) && endsBlob(chunk)
  const whole = final || chunk.bytes.length >= reading.config.lineBytesMax
  const header = how.rows === 'csv' && from === undefined ? csvHeader(chunk.bytes, whole) : undefined
  const columns = header?.columns ?? from?.columns
  const start = header?.end ?? 0
  const cut = how.rows === 'csv' && columns === undefined ? 0 : cutOf(reading, chunk, how.rows, final)
  const cursor = cursorAfter(chunk, cut, from, columns)
  const all = chunk.bytes.subarray(start, cut)
  // The rest of the chunk would be held as long as the lines are, so it is copied away from them when it is large.
  const bytes = all.length < chunk.bytes.length / 2 ? Buffer.from(all) : all
  reading.budget.give(chunk.bytes.length - bytes.length)
  const format = formatOf(how.rows, columns)
  if (bytes.length > 0)
    await reading.deliver(pieceOf(blob, bytes, chunk.at + start, chunk.lastModified, cursor, format))
  return cursor
}

function cursorAfter(
  chunk: Chunk,
  cut: number,
  from: LineCursor | undefined,
  columns: readonly string[] | undefined,
): LineCursor {
  const { at, bytes, etag, total, createdOn } = chunk
  const crc = crc32(bytes.subarray(0, cut), from?.crc ?? 0)
  const part = endsBlob(chunk) ? {} : { part: true as const }
  return { offset: at + cut, etag, total, createdOn, crc, ...part, ...(columns && { columns }) }
}

function cutOf(reading: Reading, chunk: Chunk, rows: RowKind, final: boolean): number {
  if (final) return chunk.bytes.length
  const cut = lastRowEnd(chunk.bytes, rows)
  if (cut > 0) return cut
  if (chunk.bytes.length >= reading.config.lineBytesMax) {
    reading.report.event('error', 'line_too_long', { source: reading.config.name, at: chunk.at }, ['source'])
    return chunk.bytes.length
  }
  return 0
}

function isFinal(chunk: Chunk, how: LineReading): boolean {
  return how.final || (how.blocksFinal && chunk.blockBlob)
}

function endsBlob(chunk: Chunk): boolean {
  return chunk.at + chunk.bytes.length >= chunk.total
}
