import { hash } from 'node:crypto'
import type { Cursor } from '@weir/model'
import { HOUR_MS } from './durations.ts'

const SLICE_MS = HOUR_MS
/** Hashes in one cursor: a commit writes at most so many of them again. */
const CHUNK_HASHES = 64
const HASH_BYTES = 8

interface Chunk {
  readonly key: string
  readonly slice: number
  readonly hashes: number[]
}

/**
 * Remembers by hash what was delivered, hour by hour, in cursors that commit together with it: so what is read
 * again on purpose is left out, after a restart too. Two of a million
 * are taken for one with a chance of one in eighteen thousand. Beyond `hashesMax` the oldest hours are forgotten, and what is read again of them
 * comes again.
 */
export class Seen {
  readonly #source: string
  readonly #prefix: string
  readonly #hashesMax: number
  readonly #hashes = new Set<number>()
  #chunks: Chunk[] = []
  readonly #open = new Map<number, Chunk>()
  readonly #changed = new Set<Chunk>()
  #nextChunk = 0

  /** @param cursors stored ones of the source; its own begin with `prefix`. */
  constructor(source: string, prefix: string, hashesMax: number, cursors: ReadonlyMap<string, string>) {
    this.#source = source
    this.#prefix = prefix
    this.#hashesMax = hashesMax
    for (const [key, value] of cursors) if (key.startsWith(prefix) && value !== '') this.#restore(key, value)
  }

  get size(): number {
    return this.#hashes.size
  }

  has(print: number): boolean {
    return this.#hashes.has(print)
  }

  /** @param at epoch milliseconds: which hour it belongs to, and is forgotten with. */
  add(print: number, at: number): void {
    const slice = Math.floor(at / SLICE_MS)
    let chunk = this.#open.get(slice)
    if (chunk === undefined || chunk.hashes.length >= CHUNK_HASHES) {
      chunk = { key: `${this.#prefix}${slice}/${this.#nextChunk++}`, slice, hashes: [] }
      this.#chunks.push(chunk)
      this.#open.set(slice, chunk)
    }
    chunk.hashes.push(print)
    this.#hashes.add(print)
    this.#changed.add(chunk)
  }

  /** The cursors that say so, for the batch that holds what was added since the last call. */
  takeCursors(): Cursor[] {
    const changed = [...this.#changed]
    this.#changed.clear()
    return changed.map(({ key, hashes }) => ({ source: this.#source, key, value: packed(hashes) }))
  }

  /** Forgets the hours that are over by then, and the oldest ones beyond the bound; the cursors that say so. */
  forget(before: number): Cursor[] {
    const kept = Math.floor(before / SLICE_MS)
    const cursors = [this.#drop((chunk) => chunk.slice < kept)]
    while (this.#hashes.size > this.#hashesMax) {
      const oldest = this.#chunks.reduce(
        (least, { slice }) => Math.min(least, slice),
        Number.POSITIVE_INFINITY,
      )
      cursors.push(this.#drop((chunk) => chunk.slice === oldest))
    }
    return cursors.flat()
  }

  #drop(old: (chunk: Chunk) => boolean): Cursor[] {
    const gone = this.#chunks.filter(old)
    if (gone.length === 0) return []
    this.#chunks = this.#chunks.filter((chunk) => !old(chunk))
    for (const chunk of gone) {
      for (const print of chunk.hashes) this.#hashes.delete(print)
      this.#open.delete(chunk.slice)
      this.#changed.delete(chunk)
    }
    return gone.map(({ key }) => ({ source: this.#source, key, value: '' }))
  }

  #restore(key: string, value: string): void {
    const [slice, ordinal] = key.slice(this.#prefix.length).split('/').map(Number)
    if (slice === undefined || ordinal === undefined || Number.isNaN(slice + ordinal)) return
    const hashes = unpacked(value)
    this.#chunks.push({ key, slice, hashes })
    this.#nextChunk = Math.max(this.#nextChunk, ordinal + 1)
    for (const print of hashes) this.#hashes.add(print)
  }
}

/** 53 bits of SHA-256: nobody who can write a record can make it pass for another one. */
export function printOf(bytes: Uint8Array | string): number {
  const digest = hash('sha256', bytes, 'buffer')
  return (digest.readUInt32BE(0) >>> 11) * 2 ** 32 + digest.readUInt32BE(4)
}

function packed(hashes: readonly number[]): string {
  const bytes = Buffer.alloc(HASH_BYTES * hashes.length)
  hashes.forEach((print, index) => {
    bytes.writeBigUInt64BE(BigInt(print), HASH_BYTES * index)
  })
  return bytes.toString('base64')
}

function unpacked(value: string): number[] {
  const bytes = Buffer.from(value, 'base64')
  return Array.from({ length: Math.floor(bytes.length / HASH_BYTES) }, (_, index) =>
    Number(bytes.readBigUInt64BE(HASH_BYTES * index)),
  )
}
