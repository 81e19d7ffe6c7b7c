import { randomFillSync } from 'node:crypto'
import { FINGERPRINT_WORDS, fingerprint } from './fingerprint.ts'

/**
 * Remembers the keys of the records read last, so that a record that comes twice (by hub and blob, or sent again)
 * is dropped early. Bounded by two generations: when the younger is full the older is forgotten, so at least
 * half of `recordsMax` is remembered. What slips through is caught at a match by its exact identity.
 * Keys are kept as fingerprints, about 32 bytes each: as strings they would take five times as much, and be
 * moved about by the garbage collector.
 */
export class Repeats {
  readonly #generationMax: number
  // Of this process alone, and never shown: predictable numbers would let a log's writer make false repeats.
  readonly #secret = randomFillSync(new Int32Array(FINGERPRINT_WORDS))
  readonly #print = new Int32Array(FINGERPRINT_WORDS)
  #young = new Generation()
  #old = new Generation()

  constructor(recordsMax: number) {
    this.#generationMax = Math.max(1, Math.floor(recordsMax / 2))
  }

  /** True when the key was seen; otherwise it is from now on. */
  seen(key: string): boolean {
    fingerprint(key, this.#secret, this.#print)
    if (this.#young.has(this.#print) || this.#old.has(this.#print)) return true
    if (this.#young.size >= this.#generationMax) {
      this.#old = this.#young
      this.#young = new Generation()
    }
    this.#young.add(this.#print)
    return false
  }
}

const SLOTS_FIRST = 1_024

/** A set of fingerprints in one array: the slot after a full one is tried next. */
class Generation {
  size = 0
  #slots = SLOTS_FIRST
  #words = new Int32Array(SLOTS_FIRST * FINGERPRINT_WORDS)

  has(print: Int32Array): boolean {
    return this.#isAt(this.#slotOf(print), print)
  }

  add(print: Int32Array): void {
    if (2 * (this.size + 1) > this.#slots) this.#grow()
    this.#put(print)
    this.size++
  }

  #put(print: Int32Array): void {
    const at = this.#slotOf(print)
    for (let word = 0; word < FINGERPRINT_WORDS; word++) this.#words[at + word] = print[word]!
  }

  /** Where the fingerprint is, or the empty slot where it belongs. */
  #slotOf(print: Int32Array): number {
    let slot = print[0]! & (this.#slots - 1)
    while (!this.#isEmpty(slot * FINGERPRINT_WORDS) && !this.#isAt(slot * FINGERPRINT_WORDS, print))
      slot = (slot + 1) & (this.#slots - 1)
    return slot * FINGERPRINT_WORDS
  }

  /** A fingerprint of zeros alone would not be remembered, which only costs its early drop. */
  #isEmpty(at: number): boolean {
    const words = this.#words
    return (words[at]! | words[at + 1]! | words[at + 2]! | words[at + 3]!) === 0
  }

  #isAt(at: number, print: Int32Array): boolean {
    const words = this.#words
    return (
      words[at] === print[0] &&
      words[at + 1] === print[1] &&
      words[at + 2] === print[2] &&
      words[at + 3] === print[3]
    )
  }

  #grow(): void {
    const words = this.#words
    this.#slots *= 2
    this.#words = new Int32Array(this.#slots * FINGERPRINT_WORDS)
    const print = new Int32Array(FINGERPRINT_WORDS)
    for (let at = 0; at < words.length; at += FINGERPRINT_WORDS) {
      for (let word = 0; word < FINGERPRINT_WORDS; word++) print[word] = words[at + word]!
      if ((print[0]! | print[1]! | print[2]! | print[3]!) !== 0) this.#put(print)
    }
  }
}
