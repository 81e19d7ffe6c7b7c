import { randomFillSync } from 'node:crypto'
import type { RepeatKey } from '@weir/normalize'
import { FINGERPRINT_WORDS, fingerprint, SECRET_WORDS } from './fingerprint.ts'

/**
 * Remembers the keys of the records read last, so that a record that comes twice (by hub and blob, or sent again)
 * is dropped early. Bounded by two generations: when the younger is full the older is forgotten, so at least
 * half of `recordsMax` is remembered. What slips through is caught at a match by its exact identity.
 * Keys are kept as fingerprints, 16 to 32 bytes each: as strings they would take five times as much, and be
 * moved about by the garbage collector.
 */
export class Repeats {
  readonly #generationMax: number
  // Of this process alone, and never shown: predictable numbers would let a log's writer make false repeats.
  readonly #secret = randomFillSync(new Int32Array(SECRET_WORDS))
  #young: Generation
  #old: Generation

  constructor(recordsMax: number) {
    this.#generationMax = Math.max(1, Math.floor(recordsMax / 2))
    this.#young = new Generation(this.#generationMax)
    this.#old = new Generation(this.#generationMax)
  }

  /**
   * For each of the records whether it was seen; all are from now on. Several at once, because their places in memory
   * are far apart: the processor then waits for many of them at the same time.
   */
  seen(keys: readonly RepeatKey[]): readonly boolean[] {
    const prints = new Int32Array(FINGERPRINT_WORDS * keys.length)
    for (let index = 0; index < keys.length; index++)
      fingerprint(keys[index]!, this.#secret, prints, FINGERPRINT_WORDS * index)
    return keys.map((_, index) => this.#seen(prints[2 * index]!, prints[2 * index + 1]!))
  }

  #seen(first: number, second: number): boolean {
    if (this.#old.size > 0 && this.#old.has(first, second)) return true
    if (this.#young.size < this.#generationMax) return !this.#young.add(first, second)
    if (this.#young.has(first, second)) return true
    const forgotten = this.#old
    this.#old = this.#young
    this.#young = forgotten
    forgotten.clear()
    forgotten.add(first, second)
    return false
  }
}

/**
 * A set of fingerprints in one array: the slot after a full one is tried next. It has its full size from the start,
 * and the system gives it memory as it fills: to grow would cost more than all looks into it.
 */
class Generation {
  size = 0
  readonly #mask: number
  readonly #words: Int32Array

  /** Half full at most. */
  constructor(printsMax: number) {
    const slots = 2 ** Math.ceil(Math.log2(2 * printsMax))
    this.#mask = slots - 1
    this.#words = new Int32Array(slots * FINGERPRINT_WORDS)
  }

  has(first: number, second: number): boolean {
    const at = this.#placeOf(first, second)
    return (this.#words[at]! | this.#words[at + 1]!) !== 0
  }

  /** False when it was there. */
  add(first: number, second: number): boolean {
    const at = this.#placeOf(first, second)
    const words = this.#words
    if ((words[at]! | words[at + 1]!) !== 0) return false
    words[at] = first
    words[at + 1] = second
    this.size++
    return true
  }

  clear(): void {
    this.#words.fill(0)
    this.size = 0
  }

  /** Where the fingerprint is, or the empty slot where it belongs. */
  #placeOf(first: number, second: number): number {
    const words = this.#words
    let at = FINGERPRINT_WORDS * (first & this.#mask)
    // A fingerprint of zeros alone is not remembered, which only costs its early drop.
    while ((words[at]! | words[at + 1]!) !== 0 && (words[at] !== first || words[at + 1] !== second))
      at = (at + FINGERPRINT_WORDS) & (words.length - 1)
    return at
  }
}
