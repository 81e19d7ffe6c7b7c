import { Readable } from 'node:stream'
import { crc32 } from 'node:zlib'
import type { BlobClient } from '@azure/storage-blob'
import { messageOf, WeirError } from '@weir/runtime'
import { decompressed } from '../files/open.ts'
import { type FilePiece, piecesOf } from '../files/pieces.ts'
import { csvHeader, formatOf, lastRowEnd, type RowKind } from '../formats/rows.ts'
import type { LineCursor } from './cursor.ts'
import { Forward } from './forward.ts'
import { pieceOf, type Reading, sayChanged, sayTooLarge } from './reading.ts'

/**
 * Delivers what is behind a cursor of a compressed blob, which is read from its beginning whenever it changed, and
 * resolves to where it stands then; `undefined` when there is no such blob. Where it cannot be unpacked any further,
 * the bytes at which that was seen go to quarantine and it counts as read.
 */
export async function readPacked(
  reading: Reading,
  blob: BlobClient,
  from: LineCursor | undefined,
  rows: RowKind,
): Promise<LineCursor | undefined> {
  const file = await Forward.open(reading, blob)
  if (file === undefined) return from
  const before = from?.createdOn === file.version.createdOn ? from : undefined
  if (from !== before) sayChanged(reading, blob.name, 'blob_recreated')
  const read = new PackedRead(reading, blob.name, file, rows, before)
  const cursor = await read.run()
  if (cursor !== undefined) return cursor
  sayChanged(reading, blob.name, 'blob_rewritten')
  return readPacked(reading, blob, undefined, rows)
}

class PackedRead {
  readonly #reading: Reading
  readonly #blob: string
  readonly #file: Forward
  readonly #rows: RowKind
  readonly #from: LineCursor | undefined
  #columns: readonly string[] | undefined
  /** Unpacked bytes so far, and their CRC-32. */
  #offset = 0
  #crc = 0
  #lastChunk: Buffer = Buffer.alloc(0)
  #failure: unknown

  constructor(reading: Reading, blob: string, file: Forward, rows: RowKind, from: LineCursor | undefined) {
    this.#reading = reading
    this.#blob = blob
    this.#file = file
    this.#rows = rows
    this.#from = from
    this.#columns = from?.columns
  }

  /** `undefined` when it is not the blob that the cursor is about. */
  async run(): Promise<LineCursor | undefined> {
    const { config } = this.#reading
    const bytes = decompressed(Readable.from(this.#chunks(), { objectMode: true, highWaterMark: 1 }))
    let unread: string | undefined
    try {
      for await (const piece of piecesOf(this.#blob, bytes, config, (all) => lastRowEnd(all, this.#rows)))
        if (!(await this.#take(piece))) return undefined
      if (this.#offset < (this.#from?.offset ?? 0)) return undefined
    } catch (error) {
      unread = await this.#broken(error)
    }
    // Known to be the end only now; what was delivered before says that there is more.
    const cursor = this.#cursor(false)
    const end = { blob: this.#blob, messages: [], heldBytes: 0, cursor }
    await this.#reading.deliver(unread === undefined ? end : { ...end, unread })
    return cursor
  }

  async *#chunks(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of this.#file.chunks()) {
        this.#lastChunk = chunk
        yield chunk
      }
    } catch (error) {
      this.#failure = error
      throw error
    }
  }

  /** False when the bytes before the cursor are not those that were read before. */
  async #take({ bytes }: FilePiece): Promise<boolean> {
    // What was read before the service failed ends within a row, whose other half comes when it is read again.
    if (this.#failure !== undefined) throw this.#failure
    const known = Math.min(bytes.length, Math.max(0, (this.#from?.offset ?? 0) - this.#offset))
    const start = known > 0 ? known : this.#headerEnd(bytes)
    this.#advance(bytes.subarray(0, start))
    if (known > 0 && this.#offset === this.#from?.offset && this.#crc !== this.#from.crc) return false
    await this.#deliver(bytes.subarray(start))
    return true
  }

  #headerEnd(bytes: Buffer): number {
    if (this.#rows !== 'csv' || this.#columns !== undefined) return 0
    const header = csvHeader(bytes, true)!
    this.#columns = header.columns
    return header.end
  }

  #advance(bytes: Buffer): void {
    this.#offset += bytes.length
    this.#crc = crc32(bytes, this.#crc)
  }

  async #deliver(bytes: Buffer): Promise<void> {
    if (bytes.length === 0) return
    const { budget, signal } = this.#reading
    await budget.take(bytes.length, signal)
    const at = this.#offset
    this.#advance(bytes)
    const { lastModified } = this.#file.version
    const format = formatOf(this.#rows, this.#columns)
    await this.#reading.deliver(pieceOf(this.#blob, bytes, at, lastModified, this.#cursor(true), format))
  }

  /** What the storage service caused is thrown on; what the bytes did is set aside, or why it was given up returned. */
  async #broken(error: unknown): Promise<string | undefined> {
    const { report, config, budget, signal } = this.#reading
    if (this.#failure !== undefined || signal.aborted) throw this.#failure ?? error
    if (error instanceof WeirError) return sayTooLarge(this.#reading, this.#blob)
    const details = { source: config.name, blob: this.#blob, reason: messageOf(error) }
    report.event('warn', 'blob_damaged', details, ['source'])
    const format = { kind: 'unreadable', reason: `cannot be unpacked: ${messageOf(error)}` } as const
    await budget.take(this.#lastChunk.length, signal)
    const { lastModified } = this.#file.version
    const cursor = this.#cursor(true)
    const piece = pieceOf(this.#blob, this.#lastChunk, this.#offset, lastModified, cursor, format)
    await this.#reading.deliver(piece)
    return undefined
  }

  #cursor(more: boolean): LineCursor {
    const { etag, total, createdOn } = this.#file.version
    const columns = this.#columns && { columns: this.#columns }
    const cursor = { offset: this.#offset, etag, total, createdOn, crc: this.#crc, packed: true as const }
    return more ? { ...cursor, part: true, ...columns } : { ...cursor, ...columns }
  }
}
