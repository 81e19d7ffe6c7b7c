/**
 * Remembers the keys of the records read last, so that a record that comes twice (by hub and blob, or sent again)
 * is dropped early. Bounded by two generations: when the younger is full the older is forgotten, so at least
 * half of `recordsMax` is remembered. What slips through is caught at a match by its exact identity.
 */
export class Repeats {
  readonly #generationMax: number
  #young = new Set<string>()
  #old = new Set<string>()

  constructor(recordsMax: number) {
    this.#generationMax = Math.max(1, Math.floor(recordsMax / 2))
  }

  /** True when the key was seen; otherwise it is from now on. */
  seen(key: string): boolean {
    if (this.#young.has(key)) return true
    if (this.#old.has(key)) return true
    if (this.#young.size >= this.#generationMax) {
      this.#old = this.#young
      this.#young = new Set()
    }
    this.#young.add(key)
    return false
  }
}
