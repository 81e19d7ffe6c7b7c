import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pipeline, Readable, type Transform } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { STDIN } from './inputs.ts'

/** A file opened for reading: its bytes decompressed, and when it was last changed. */
export interface OpenFile {
  readonly chunks: AsyncIterable<Buffer>
  /** Epoch milliseconds. */
  readonly changed: number
}

/** Compression is told by the first bytes, never by the name. */
export async function openFile(path: string, stdin: Readable, now: number): Promise<OpenFile> {
  const changed = path === STDIN ? now : (await stat(path)).mtimeMs
  const raw = path === STDIN ? stdin : createReadStream(path, { highWaterMark: 256 * 1024 })
  return { chunks: decompressed(raw), changed: Math.floor(changed) }
}

async function* decompressed(raw: Readable): AsyncGenerator<Buffer> {
  const chunks: AsyncIterator<Buffer> = raw[Symbol.asyncIterator]()
  try {
    const head = await atLeast(chunks, 4)
    const decoder = decoderFor(head)
    const all = chain(head, chunks)
    if (decoder === undefined) yield* all
    else yield* through(all, decoder)
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

/** `undefined` for bytes that are not compressed. */
function decoderFor(head: Buffer): Transform | undefined {
  if (head.length < 4) return undefined
  if (head[0] === 0x1f && head[1] === 0x8b) return createGunzip()
  return head.readUInt32LE(0) === 0xfd2fb528 ? createZstdDecompress() : undefined
}

async function* chain(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
}

async function* through(chunks: AsyncIterable<Buffer>, decoder: Transform): AsyncGenerator<Buffer> {
  // An error is carried to whoever iterates the decoder; the callback only keeps it from being thrown here too.
  pipeline(Readable.from(chunks), decoder, () => undefined)
  yield* decoder
}
