import type { BlobClient } from '@azure/storage-blob'
import type { LineCursor } from './cursor.ts'
import { type Range, type RangeAnswer, readRange } from './range.ts'
import type { Reading } from './reading.ts'

/** `document`: the blob is one JSON document in blocks and has to be read as such. */
export type LinesRead = LineCursor | 'nothing' | 'document'

const NEWLINE = 0x0a
const DOCUMENT_START = /^\s*\{\s*"records"\s*:\s*\[/

/**
 * Delivers the whole lines behind a cursor, request by request, and resolves to where it stands then. A half
 * line at the end is left for the next time, or delivered when `final`. `changed` says that a listing showed more
 * than the cursor knows of, so that the ETag is not asked. A blob that was made anew under its
 * old name is read from its beginning.
 */
export async function readLines(
  reading: Reading,
  blob: BlobClient,
  from: LineCursor | undefined,
  final: boolean,
  changed: boolean,
): Promise<LinesRead> {
  let cursor = from
  let known = final || changed ? undefined : from?.etag
  let size = reading.config.chunkBytes
  for (;;) {
    const answer = await chunkAfter(reading, blob, cursor, size, known)
    known = undefined
    if (isRecreated(answer, cursor)) {
      reading.report.event('warn', 'blob_recreated', { source: reading.config.name, blob: blob.name }, [
        'source',
      ])
      releaseAll(reading, answer)
      cursor = undefined
      continue
    }
    if (answer.kind !== 'range') return cursor ?? 'nothing'
    if (cursor === undefined && isDocument(answer)) {
      releaseAll(reading, answer)
      return 'document'
    }
    const next = await deliverLines(reading, blob.name, answer, cursor?.offset ?? 0, final)
    size = next.offset === (cursor?.offset ?? 0) ? size * 2 : reading.config.chunkBytes
    cursor = next
    if (next.offset >= answer.total || (endsBlob(answer) && !final)) return next
  }
}

interface Chunk extends Range {
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

function isRecreated(answer: Answer, cursor: LineCursor | undefined): boolean {
  if (cursor === undefined) return false
  if (answer.kind === 'past-end') return cursor.offset > 0
  return answer.kind === 'range' && answer.createdOn !== cursor.createdOn
}

/** The form before lines: a block blob that holds `{"records":[…]}` as a whole. */
function isDocument(chunk: Chunk): boolean {
  return chunk.blockBlob && DOCUMENT_START.test(chunk.bytes.toString('latin1', 0, 64))
}

/** Delivers up to the last newline, or everything when nothing better will come; holds the rest no longer. */
async function deliverLines(
  reading: Reading,
  blob: string,
  chunk: Chunk,
  offset: number,
  final: boolean,
): Promise<LineCursor> {
  const cut = cutOf(reading, chunk, final)
  reading.budget.give(chunk.bytes.length - cut)
  const { etag, total, createdOn } = chunk
  const cursor = { offset: offset + cut, etag, total, createdOn }
  // The rest of the chunk would be held as long as the lines are, so it is copied away from them when it is large.
  const bytes =
    cut < chunk.bytes.length / 2 ? Buffer.from(chunk.bytes.subarray(0, cut)) : chunk.bytes.subarray(0, cut)
  if (cut > 0) await reading.deliver({ blob, bytes, offset, arrival: chunk.lastModified, cursor })
  return cursor
}

function cutOf(reading: Reading, chunk: Chunk, final: boolean): number {
  const cut = chunk.bytes.lastIndexOf(NEWLINE) + 1
  if (cut > 0) return cut
  if (chunk.bytes.length >= reading.config.lineBytesMax) {
    reading.report.event('error', 'line_too_long', { source: reading.config.name, at: chunk.at }, ['source'])
    return chunk.bytes.length
  }
  return final && endsBlob(chunk) ? chunk.bytes.length : 0
}

function endsBlob(chunk: Chunk): boolean {
  return chunk.at + chunk.bytes.length >= chunk.total
}
