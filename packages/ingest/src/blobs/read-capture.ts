import { crc32 } from 'node:zlib'
import type { BlobClient } from '@azure/storage-blob'
import type { RawMessage } from '@weir/model'
import {
  AvroDamage,
  type AvroHead,
  BLOCK_HEAD_BYTES,
  blockOf,
  headOf,
  overBytes,
  recordsOf,
  SYNC_BYTES,
} from '../formats/avro.ts'
import { capturedMessage } from '../formats/captured.ts'
import type { LineCursor } from './cursor.ts'
import { Forward } from './forward.ts'
import { pieceOf, type Reading, sayChanged } from './reading.ts'
import { otherThan } from './same-blob.ts'

/** A head is looked for in so many bytes, then the file counts as damaged. */
const HEAD_BYTES_MAX = 1024 * 1024

/**
 * Delivers the messages of an Avro file of Event Hubs Capture behind a cursor, block by block, and resolves to
 * where it stands then; `undefined` when there is no such blob. A block that cannot be read is delivered as it is, for
 * quarantine, and so is a file without a head; those behind are read. A file that ends within a block is looked at
 * again until `final`.
 */
export async function readCapture(
  reading: Reading,
  blob: BlobClient,
  from: LineCursor | undefined,
  final: boolean,
): Promise<LineCursor | undefined> {
  const file = await Forward.open(reading, blob)
  if (file === undefined) return from
  const before = await sameBefore(reading, blob, file, from)
  if (before === 'unknown') return { ...from!, part: true }
  const read = new CaptureRead(reading, blob.name, file, before)
  return read.run(final)
}

async function sameBefore(
  reading: Reading,
  blob: BlobClient,
  file: Forward,
  from: LineCursor | undefined,
): Promise<LineCursor | 'unknown' | undefined> {
  const other = from && (await otherThan(from, reading, blob, file.version))
  if (other === undefined || other === 'unknown') return other ?? from
  sayChanged(reading, blob.name, other)
  return undefined
}

class CaptureRead {
  readonly #reading: Reading
  readonly #blob: string
  readonly #file: Forward
  #offset: number
  #crc: number

  constructor(reading: Reading, blob: string, file: Forward, from: LineCursor | undefined) {
    this.#reading = reading
    this.#blob = blob
    this.#file = file
    this.#offset = from?.offset ?? 0
    this.#crc = from?.crc ?? 0
  }

  async run(final: boolean): Promise<LineCursor> {
    const head = await this.#head(final)
    if (head === undefined) return this.#cursor(true)
    if (this.#offset === 0) this.#take(head.end)
    this.#file.skipTo(this.#offset)
    // Kept, or every restart would look at a file without messages again.
    if (this.#file.ended) await this.#deliver([])
    while (!this.#file.ended && (await this.#block(head, final)));
    return this.#cursor(true)
  }

  /** `undefined` when there is none; then the whole file has been delivered, or its rest may yet come. */
  async #head(final: boolean): Promise<AvroHead | undefined> {
    try {
      for (let size = 4096; ; size *= 4) {
        const bytes = await this.#file.peek(size)
        const head = headOf(bytes)
        if (head !== undefined) return head
        const whole = bytes.length < size
        if (whole && !final) return undefined
        if (whole || size > HEAD_BYTES_MAX) throw new AvroDamage('the head of the Avro file is cut short')
      }
    } catch (error) {
      if (!(error instanceof AvroDamage)) throw error
      this.#file.skipTo(this.#offset)
      await this.#refuse(undefined, error.message)
      return undefined
    }
  }

  /** False when the file ends within the block and may yet grow. */
  async #block(head: AvroHead, final: boolean): Promise<boolean> {
    try {
      const found = blockOf(await this.#file.peek(BLOCK_HEAD_BYTES))
      const size = found === undefined ? BLOCK_HEAD_BYTES : found.end + SYNC_BYTES
      if (found !== undefined && (found.records < 0 || found.end < found.start))
        throw new AvroDamage('an Avro block has a negative size')
      if (size > this.#reading.config.documentBytesMax)
        throw new AvroDamage(`an Avro block says to have ${size} bytes`)
      const bytes = await this.#file.peek(size)
      if (found === undefined || bytes.length < size) {
        if (!final) return false
        throw new AvroDamage('the Avro file ends within a block')
      }
      if (!bytes.subarray(found.end, size).equals(head.sync))
        throw new AvroDamage('an Avro block ends without its mark')
      const messages = this.#messages(head, found.records, bytes.subarray(found.start, found.end))
      this.#take(size)
      await this.#deliver(messages)
    } catch (error) {
      if (!(error instanceof AvroDamage)) throw error
      await this.#refuse(head.sync, error.message)
    }
    return true
  }

  #messages(head: AvroHead, records: number, data: Buffer): RawMessage[] {
    const { documentBytesMax } = this.#reading.config
    return overBytes(() =>
      recordsOf(head, records, data, documentBytesMax).flatMap(
        (record) => capturedMessage(record, this.#blob, this.#file.version.lastModified) ?? [],
      ),
    )
  }

  /** Delivers what cannot be read, piece by piece, up to behind the next mark. */
  async #refuse(sync: Buffer | undefined, reason: string): Promise<void> {
    const { report, config } = this.#reading
    report.event('warn', 'blob_damaged', { source: config.name, blob: this.#blob, reason }, ['source'])
    for (let found = false; !found && !this.#file.ended; ) {
      const held = await this.#file.peek(config.chunkBytes)
      const mark = sync === undefined ? -1 : held.indexOf(sync)
      found = mark !== -1
      const last = this.#file.at + held.length >= this.#file.version.total
      // A mark may lie across two pieces.
      const cut = found ? mark + SYNC_BYTES : last ? held.length : Math.max(1, held.length - SYNC_BYTES + 1)
      const at = this.#file.at
      const bytes = Buffer.from(this.#take(cut))
      await this.#reading.budget.take(bytes.length, this.#reading.signal)
      const format = { kind: 'unreadable', reason } as const
      const { lastModified } = this.#file.version
      await this.#reading.deliver(pieceOf(this.#blob, bytes, at, lastModified, this.#cursor(), format))
    }
  }

  #take(bytes: number): Buffer {
    const taken = this.#file.take(bytes)
    this.#offset = this.#file.at
    this.#crc = crc32(taken, this.#crc)
    return taken
  }

  async #deliver(messages: readonly RawMessage[]): Promise<void> {
    const heldBytes = messages.reduce((sum, { bytes }) => sum + bytes.length, 0)
    await this.#reading.budget.take(heldBytes, this.#reading.signal)
    await this.#reading.deliver({ blob: this.#blob, messages, heldBytes, cursor: this.#cursor() })
  }

  #cursor(looked = false): LineCursor {
    const { etag, total, createdOn } = this.#file.version
    const part = looked || this.#offset >= total ? {} : { part: true as const }
    return { offset: this.#offset, etag, total, createdOn, crc: this.#crc, ...part }
  }
}
