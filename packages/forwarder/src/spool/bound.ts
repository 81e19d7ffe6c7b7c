/** What is done when undelivered alerts reach `bytesMax`. */
export type WhenFull = 'pause' | 'close-oldest'

/** The spool is, or was until a moment ago, at its bound. */
export interface AtBound {
  readonly bytesMax: number
  /** Entries of the bulk lane that were closed since it was reached. */
  readonly closed: number
}

/** It is left when so much of `bytesMax` is free again: otherwise it would be told as reached and left in turn. */
const FREE_SHARE = 0.1

/** Remembers that the bound was reached until it is well left, and until closings were told to somebody. */
export class Bound {
  readonly #bytesMax: number
  #closed: number | undefined
  #told = false

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  reached(closed: number): void {
    this.#closed = (this.#closed ?? 0) + closed
  }

  /** Somebody knows that entries were closed. */
  closingsTold(): void {
    this.#told = true
  }

  standing(bytes: number): AtBound | undefined {
    const known = this.#told || this.#closed === 0
    if (known && bytes < this.#bytesMax * (1 - FREE_SHARE)) {
      this.#closed = undefined
      this.#told = false
    }
    return this.#closed === undefined ? undefined : { bytesMax: this.#bytesMax, closed: this.#closed }
  }
}
