import type { BlobClient } from '@azure/storage-blob'
import { type Range, readRange } from './range.ts'
import type { Reading } from './reading.ts'

/** The blob is no longer the version that was begun with; it is read again by the next poll. */
export class ChangedMeanwhile extends Error {
  override readonly name = 'ChangedMeanwhile'
}

/** One version of a blob, read forwards in requests of `chunkBytes`. */
export class Forward {
  readonly #reading: Reading
  readonly #blob: BlobClient
  /** The version, as its first answer told it. */
  readonly version: Omit<Range, 'bytes'>
  #held: Buffer
  #at = 0

  private constructor(reading: Reading, blob: BlobClient, first: Range) {
    const { bytes, ...version } = first
    this.#reading = reading
    this.#blob = blob
    this.#held = bytes
    this.version = version
  }

  /** Begins with its first byte; `undefined` when there is no such blob, or nothing in it. */
  static async open(reading: Reading, blob: BlobClient): Promise<Forward | undefined> {
    const { slots, config, signal } = reading
    const answer = await slots.run(() => readRange(blob, 0, config.chunkBytes, {}, signal))
    return answer.kind === 'range' ? new Forward(reading, blob, answer) : undefined
  }

  /** Place in the blob of the next byte. */
  get at(): number {
    return this.#at
  }

  get ended(): boolean {
    return this.#at >= this.version.total
  }

  /** The next bytes without taking them, at least so many where the blob has them. Throws `ChangedMeanwhile`. */
  async peek(bytes: number): Promise<Buffer> {
    while (this.#held.length < bytes && this.#at + this.#held.length < this.version.total)
      await this.#more(bytes)
    return this.#held
  }

  take(bytes: number): Buffer {
    const taken = this.#held.subarray(0, bytes)
    this.#held = this.#held.subarray(bytes)
    this.#at += taken.length
    return taken
  }

  /** Goes on at a byte further ahead. */
  skipTo(at: number): void {
    this.#held = this.#held.subarray(Math.max(0, at - this.#at))
    this.#at = Math.max(at, this.#at)
  }

  async *chunks(): AsyncGenerator<Buffer> {
    while (!this.ended) yield this.take((await this.peek(1)).length)
  }

  async #more(bytes: number): Promise<void> {
    const { slots, config, signal } = this.#reading
    const from = this.#at + this.#held.length
    const size = Math.max(config.chunkBytes, bytes - this.#held.length)
    const conditions = { ifMatch: this.version.etag }
    const answer = await slots.run(() => readRange(this.#blob, from, size, conditions, signal))
    if (answer.kind !== 'range') throw new ChangedMeanwhile(this.#blob.name)
    this.#held = this.#held.length === 0 ? answer.bytes : Buffer.concat([this.#held, answer.bytes])
  }
}
