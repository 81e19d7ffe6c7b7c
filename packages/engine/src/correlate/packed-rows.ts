import type { Chained } from './key-index.ts'
import { NONE, Records } from './records.ts'

/** Members of a row beyond which its group is better held whole: every new one looks at all of them. */
export const PACKED_MEMBERS_MAX = 128

/** How far a member's time may lie from the first one's, milliseconds (12 days), so that any two are 31 bits apart. */
const REACH_MS = 2 ** 30
/** Beyond these years a time is no time of an event. */
const TIME_MAX = 2 ** 46

// A row: the group, and its first member. The first field is also where the pool keeps its list.
const HASH = 0
const NEXT = 1
const LATER = 2
const MORE = 3
/** Number of members in the lower half, upper bits of the first one's time in the upper half. */
const COUNT = 4
const LOW = 5
const ID = 6
const ROW_FIELDS = 7

/** A block: the next block, then pairs of a time (from the first member's) and a hash of an identity. */
const BLOCK_MEMBERS = 4
const BLOCK_FIELDS = 1 + 2 * BLOCK_MEMBERS

const WORD = 2 ** 32

/** Blocks for the members of rows; tables share them. */
export function newBlocks(): Records {
  return new Records(BLOCK_FIELDS)
}

/** Groups as rows of numbers: 28 bytes for one with its first member, 36 for every four more. */
export class PackedRows implements Chained {
  readonly #rows = new Records(ROW_FIELDS)
  readonly #blocks: Records
  readonly #keys = new Texts()

  constructor(blocks: Records) {
    this.#blocks = blocks
  }

  /** A new row with one member; `undefined` when its time cannot be kept. */
  take(key: string, hash: number, time: number, id: number): number | undefined {
    if (!Number.isSafeInteger(time) || Math.abs(time) >= TIME_MAX) return undefined
    const row = this.#rows.take()
    this.#keys.set(row, key)
    this.#rows.set(row, HASH, hash)
    this.#rows.set(row, MORE, NONE)
    this.#begin(row, time, id)
    return row
  }

  give(row: number): void {
    this.#rows.give(row)
  }

  /** A row without members, and without its key; it is given back later. */
  clear(row: number): void {
    this.#giveBlocks(row)
    this.#rows.set(row, COUNT, 0)
    this.#keys.set(row, '')
  }

  keyOf(row: number): string {
    return this.#keys.get(row)
  }

  hashOf(row: number): number {
    return this.#rows.get(row, HASH)
  }

  nextOf(row: number): number {
    return this.#rows.get(row, NEXT)
  }

  setNext(row: number, next: number): void {
    this.#rows.set(row, NEXT, next)
  }

  /** The next row of a list of those that are due together. */
  laterOf(row: number): number {
    return this.#rows.get(row, LATER)
  }

  setLater(row: number, later: number): void {
    this.#rows.set(row, LATER, later)
  }

  countOf(row: number): number {
    return this.#rows.get(row, COUNT) & 0xffff
  }

  /** Whether a member has this hash of its identity. */
  has(row: number, id: number): boolean {
    if (this.#rows.get(row, ID) === id) return true
    let last = this.#lastIn(row)
    for (let block = this.#rows.get(row, MORE); block !== NONE; block = this.#blocks.get(block, 0)) {
      for (let at = 2; at <= last; at += 2) if (this.#blocks.get(block, at) === id) return true
      last = 2 * BLOCK_MEMBERS
    }
    return false
  }

  /** False when a row cannot hold it: there are too many, or its time lies too far from the others. */
  add(row: number, time: number, id: number): boolean {
    const count = this.countOf(row)
    const offset = time - this.#firstOf(row)
    if (count >= PACKED_MEMBERS_MAX || !Number.isInteger(offset) || Math.abs(offset) >= REACH_MS) return false
    this.#append(row, offset, id)
    return true
  }

  /** Writes the members' times to `times`, and the hashes of their identities to `ids`, in no order. */
  read(row: number, times: Float64Array, ids: Int32Array): number {
    const first = this.#firstOf(row)
    let count = 0
    times[count] = first
    ids[count++] = this.#rows.get(row, ID)
    let last = this.#lastIn(row)
    for (let block = this.#rows.get(row, MORE); block !== NONE; block = this.#blocks.get(block, 0)) {
      for (let at = 2; at <= last; at += 2) {
        times[count] = first + this.#blocks.get(block, at - 1)
        ids[count++] = this.#blocks.get(block, at)
      }
      last = 2 * BLOCK_MEMBERS
    }
    return count
  }

  /** Puts other members in the place of those of a row; at least one, none farther from another than before. */
  rewrite(row: number, times: Float64Array, ids: Int32Array, count: number): void {
    this.#giveBlocks(row)
    const first = times[0] as number
    this.#begin(row, first, ids[0] as number)
    for (let i = 1; i < count; i++) this.#append(row, (times[i] as number) - first, ids[i] as number)
  }

  #begin(row: number, time: number, id: number): void {
    const high = Math.floor(time / WORD)
    this.#rows.set(row, COUNT, (high << 16) | 1)
    this.#rows.set(row, LOW, time - high * WORD)
    this.#rows.set(row, ID, id)
  }

  #firstOf(row: number): number {
    return (this.#rows.get(row, COUNT) >> 16) * WORD + (this.#rows.get(row, LOW) >>> 0)
  }

  #append(row: number, offset: number, id: number): void {
    let last = this.#lastIn(row)
    if (last === 2 * BLOCK_MEMBERS) {
      const block = this.#blocks.take()
      this.#blocks.set(block, 0, this.#rows.get(row, MORE))
      this.#rows.set(row, MORE, block)
      last = 0
    }
    const block = this.#rows.get(row, MORE)
    this.#blocks.set(block, last + 1, offset)
    this.#blocks.set(block, last + 2, id)
    this.#rows.set(row, COUNT, this.#rows.get(row, COUNT) + 1)
  }

  /** Last field in use of the first of the blocks of a row; those behind it are full, as where there is none. */
  #lastIn(row: number): number {
    return 2 + 2 * ((this.countOf(row) + BLOCK_MEMBERS - 2) % BLOCK_MEMBERS)
  }

  #giveBlocks(row: number): void {
    for (let block = this.#rows.get(row, MORE); block !== NONE; ) {
      const next = this.#blocks.get(block, 0)
      this.#blocks.give(block)
      block = next
    }
    this.#rows.set(row, MORE, NONE)
  }
}

const PAGE_BITS = 10

/** A list of texts that grows by pages. */
class Texts {
  readonly #pages: string[][] = []

  get(at: number): string {
    return this.#pages[at >>> PAGE_BITS]?.[at & ((1 << PAGE_BITS) - 1)] ?? ''
  }

  set(at: number, text: string): void {
    const page = at >>> PAGE_BITS
    if (page === this.#pages.length) this.#pages.push(new Array<string>(1 << PAGE_BITS).fill(''))
    const texts = this.#pages[page] as string[]
    texts[at & ((1 << PAGE_BITS) - 1)] = text
  }
}
