import { NONE } from './records.ts'

/** What an index asks of the rows that it finds: each keeps its hash and the next row of its bucket. */
export interface Chained {
  hashOf(row: number): number
  nextOf(row: number): number
  setNext(row: number, next: number): void
}

const BUCKETS_FIRST = 64
/** By how much the list of buckets grows; it is copied, 4 bytes each. */
const GROWTH = 1.25

/**
 * Rows by a hash, by linear hashing: with every row that comes one bucket is split, so that no row pays for moving
 * all the others. There are twice as many buckets as there were ever rows: most hold one row or none.
 */
export class KeyIndex {
  readonly #rows: Chained
  #heads = new Int32Array(BUCKETS_FIRST).fill(NONE)
  #buckets = BUCKETS_FIRST
  /** Buckets from here to the next power of two are not split yet; `#mask` is that power less one. */
  #split = 0
  #mask = BUCKETS_FIRST - 1
  #size = 0

  constructor(rows: Chained) {
    this.#rows = rows
  }

  get size(): number {
    return this.#size
  }

  /** First row of the bucket that a hash falls into. */
  first(hash: number): number {
    return this.#heads[this.#bucketOf(hash)] as number
  }

  add(row: number): void {
    this.#put(this.#bucketOf(this.#rows.hashOf(row)), row)
    this.#size++
    while (2 * this.#size > this.#buckets) this.#splitOne()
  }

  remove(row: number): void {
    const bucket = this.#bucketOf(this.#rows.hashOf(row))
    const next = this.#rows.nextOf(row)
    let before = this.#heads[bucket] as number
    if (before === row) this.#heads[bucket] = next
    else {
      while (this.#rows.nextOf(before) !== row) before = this.#rows.nextOf(before)
      this.#rows.setNext(before, next)
    }
    this.#size--
  }

  #bucketOf(hash: number): number {
    const bucket = hash & this.#mask
    return bucket < this.#split ? hash & (2 * this.#mask + 1) : bucket
  }

  #put(bucket: number, row: number): void {
    this.#rows.setNext(row, this.#heads[bucket] as number)
    this.#heads[bucket] = row
  }

  #splitOne(): void {
    if (this.#buckets === this.#heads.length) this.#lengthen()
    const from = this.#split++
    let row = this.#heads[from] as number
    this.#heads[from] = NONE
    this.#buckets++
    while (row !== NONE) {
      const next = this.#rows.nextOf(row)
      this.#put(this.#rows.hashOf(row) & (2 * this.#mask + 1), row)
      row = next
    }
    if (this.#split <= this.#mask) return
    this.#mask = 2 * this.#mask + 1
    this.#split = 0
  }

  #lengthen(): void {
    const longer = new Int32Array(Math.ceil(this.#heads.length * GROWTH)).fill(NONE)
    longer.set(this.#heads)
    this.#heads = longer
  }
}
