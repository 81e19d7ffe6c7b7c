import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pipeline, Readable } from 'node:stream'
import { createGunzip, createZstdDecompress, type ZstdDecompress } from 'node:zlib'
import { STDIN } from './inputs.ts'

/** A file opened for reading: its bytes decompressed, and when it was last changed. */
export interface OpenFile {
  readonly chunks: AsyncIterable<Buffer>
  /** Epoch milliseconds. */
  readonly changed: number
}

/** Bytes read from a file in one go, or fewer where pieces are to be smaller. */
const READ_BYTES_MAX = 256 * 1024

/** Compression is told by the first bytes, never by the name. */
export async function openFile(
  path: string,
  stdin: Readable,
  now: number,
  pieceBytes: number,
): Promise<OpenFile> {
  const highWaterMark = Math.min(READ_BYTES_MAX, pieceBytes)
  const changed = path === STDIN ? now : (await stat(path)).mtimeMs
  const raw = path === STDIN ? stdin : createReadStream(path, { highWaterMark })
  return { chunks: decompressed(raw), changed: Math.floor(changed) }
}

/** The bytes behind gzip or zstd, told by the first ones; others as they are. */
export async function* decompressed(raw: Readable): AsyncGenerator<Buffer> {
  const chunks: AsyncIterator<Buffer> = raw[Symbol.asyncIterator]()
  try {
    const head = await atLeast(chunks, 4)
    const all = chain(head, chunks)
    if (isGzip(head)) yield* gunzipped(all)
    else if (isZstd(head)) yield* unzstd(all)
    else yield* all
  } finally {
    raw.destroy()
  }
}

async function atLeast(chunks: AsyncIterator<Buffer>, bytes: number): Promise<Buffer> {
  let head: Buffer = Buffer.alloc(0)
  while (head.length < bytes) {
    const next = await chunks.next()
    if (next.done === true) return head
    head = Buffer.concat([head, next.value])
  }
  return head
}

function isGzip(head: Buffer): boolean {
  return head[0] === 0x1f && head[1] === 0x8b
}

function isZstd(head: Buffer): boolean {
  return head.length >= 4 && head.readUInt32LE(0) === 0xfd2fb528
}

async function* chain(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
}

async function* gunzipped(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const decoder = createGunzip()
  // An error is carried to whoever iterates the decoder; the callback only keeps it from being thrown here too.
  pipeline(Readable.from(chunks), decoder, () => undefined)
  yield* decoder
}

/**
 * A file may be several frames one behind the other. Of what is written in one go Node's decoder reads only up
 * to the end of a frame and drops the rest without a word, so the rest goes to a decoder of its own.
 */
async function* unzstd(chunks: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer | undefined = await nextOf(chunks)
  while (rest !== undefined) {
    const decoder = createZstdDecompress()
    const fed: Promise<Buffer | undefined> = feed(decoder, rest, chunks)
    // Its errors are the decoder's own, or make it so.
    fed.catch((error: Error) => decoder.destroy(error))
    yield* decoder
    rest = await fed
  }
}

/** Writes until the decoder has enough; what it left, `undefined` at the end of the file. */
async function feed(
  decoder: ZstdDecompress,
  first: Buffer,
  chunks: AsyncIterator<Buffer>,
): Promise<Buffer | undefined> {
  let next: Buffer | undefined = first
  while (next !== undefined) {
    const before = decoder.bytesWritten
    await write(decoder, next)
    const used = decoder.bytesWritten - before
    if (used < next.length) return next.subarray(used)
    next = await nextOf(chunks)
  }
  decoder.end()
  return undefined
}

function write(decoder: ZstdDecompress, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    decoder.write(bytes, (error) => (error ? reject(error) : resolve()))
  })
}

async function nextOf(chunks: AsyncIterator<Buffer>): Promise<Buffer | undefined> {
  const next = await chunks.next()
  return next.done === true ? undefined : next.value
}
