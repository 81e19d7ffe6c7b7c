import { busy } from './refusal.ts'

/** What all requests that are received or wait for their commit may take together. */
export class Room {
  readonly #bytesMax: number
  readonly #requestsMax: number
  #bytes = 0
  #requests = 0

  constructor(bytesMax: number, requestsMax: number) {
    this.#bytesMax = bytesMax
    this.#requestsMax = requestsMax
  }

  /** A place for one request. Throws a `Refusal` (429) when there is none. */
  enter(): Seat {
    if (this.#requests >= this.#requestsMax) throw busy('requests')
    this.#requests++
    return new Seat(
      (before, after) => this.#move(before, after),
      () => void this.#requests--,
    )
  }

  /** A single body larger than the bound is let in when nobody else holds anything, so that nothing is stuck. */
  #move(before: number, after: number): boolean {
    const others = this.#bytes - before
    if (after > before && others > 0 && others + after > this.#bytesMax) return false
    this.#bytes = others + after
    return true
  }
}

/** One request's share of the room. */
export class Seat {
  readonly #move: (before: number, after: number) => boolean
  readonly #left: () => void
  #held = 0

  constructor(move: (before: number, after: number) => boolean, left: () => void) {
    this.#move = move
    this.#left = left
  }

  /** Holds so many bytes in all, more or fewer than before. Throws a `Refusal` (429) when they do not fit. */
  hold(bytes: number): void {
    if (!this.#move(this.#held, bytes)) throw busy('bytes')
    this.#held = bytes
  }

  leave(): void {
    this.hold(0)
    this.#left()
  }
}
