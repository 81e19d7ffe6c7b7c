import { type FileBounds, piecesOf } from '../files/pieces.ts'
import type { S3Bounds } from './config.ts'
import { ElementCutter, type Piece } from './element-cutter.ts'

/** What is wrong with an object itself, so that reading it again is of no use. */
export class Damaged extends Error {
  override readonly name = 'Damaged'
}

type Bounds = Pick<S3Bounds, 'chunkBytes' | 'recordBytesMax' | 'documentBytesMax' | 'inflatedBytesMax'>

const LIST_START = /^\s*\{\s*"[Rr]ecords"\s*:\s*\[/
/** So much of the beginning tells whether it is one list. */
const HEAD_BYTES = 64
/** As much is looked at in one go. */
const CHUNK_BYTES_MAX = 256 * 1024

/**
 * Cuts the text of an object into pieces of about `chunkBytes`: a list `{"Records":[…]}` between its elements, each
 * piece then a list of its own; lines at their ends; any other document comes whole. Where the text breaks off or is
 * damaged, the rest comes as it is, to end in quarantine, and then it rejects with `Damaged`.
 */
export async function* cutObject(chunks: AsyncIterable<Buffer>, bounds: Bounds): AsyncGenerator<Piece> {
  const all = sized(bounded(chunks, bounds.inflatedBytesMax), Math.min(bounds.chunkBytes, CHUNK_BYTES_MAX))
  const head = await all.next()
  if (head.done === true) return
  const text = joined(head.value, all)
  if (LIST_START.test(head.value.toString('latin1', 0, HEAD_BYTES))) yield* cutList(text, bounds)
  else yield* cutLines(text, bounds)
}

async function* cutList(chunks: AsyncIterable<Buffer>, bounds: Bounds): AsyncGenerator<Piece> {
  const cutter = new ElementCutter(bounds.recordBytesMax)
  try {
    for await (const chunk of chunks) {
      cutter.add(chunk)
      if (cutter.ready >= bounds.chunkBytes) yield cutter.take()
      if (cutter.tooLarge) throw new Damaged(`has a record of more than ${bounds.recordBytesMax} bytes`)
    }
    if (!cutter.ended) throw new Damaged('breaks off within its list')
  } catch (error) {
    if (cutter.ready > 0) yield cutter.take()
    if (cutter.rest > 0) yield cutter.takeRest()
    throw error
  }
  if (cutter.ready > 0) yield cutter.take()
}

async function* cutLines(chunks: AsyncIterable<Buffer>, bounds: Bounds): AsyncGenerator<Piece> {
  const { chunkBytes, recordBytesMax } = bounds
  const limits: FileBounds = {
    chunkBytes,
    lineBytesMax: recordBytesMax,
    documentBytesMax: bounds.documentBytesMax,
    bytesInFlightMax: 0,
  }
  for await (const { bytes, offset } of piecesOf('the object', chunks, limits))
    yield { bytes, offset, end: offset + bytes.length }
}

async function* bounded(chunks: AsyncIterable<Buffer>, bytesMax: number): AsyncGenerator<Buffer> {
  let left = bytesMax
  for await (const chunk of chunks) {
    yield chunk.subarray(0, left)
    left -= chunk.length
    if (left < 0) throw new Damaged(`is more than ${bytesMax} bytes decompressed`)
  }
}

/** The same in chunks of so many bytes, the last one aside: what came before an error comes before it here, too. */
async function* sized(chunks: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let held: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of chunks) {
      held.push(chunk)
      size += chunk.length
      if (size < bytes) continue
      const all = Buffer.concat(held)
      let at = 0
      for (; all.length - at >= bytes; at += bytes) yield all.subarray(at, at + bytes)
      held = [all.subarray(at)]
      size = all.length - at
    }
  } catch (error) {
    if (size > 0) yield Buffer.concat(held)
    throw error
  }
  if (size > 0) yield Buffer.concat(held)
}

async function* joined(head: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield head
  yield* rest
}
