import type { Clock } from '@weir/runtime'

/** How long bytes may be saved up while nothing is sent, so that a burst passes at once, milliseconds. */
const BURST_MS = 100

/** How fast one direction of the link carries, for all its connections together. */
export class Pace {
  readonly #clock: Clock
  #bitsPerSecond: number | undefined
  /** Epoch milliseconds at which everything admitted so far has passed. */
  #free = 0
  #stalled: { readonly over: Promise<void>; readonly end: () => void } | undefined
  delayMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** `undefined` lifts the limit. */
  limit(bitsPerSecond: number | undefined): void {
    this.#bitsPerSecond = bitsPerSecond
    this.#free = this.#clock.now()
  }

  /** Nothing passes until `flow`; connections stay up. */
  stall(): void {
    if (this.#stalled !== undefined) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#stalled = { over: promise, end: resolve }
  }

  flow(): void {
    this.#stalled?.end()
    this.#stalled = undefined
  }

  /** Resolves when so many bytes may pass. */
  async admit(bytes: number): Promise<void> {
    while (this.#stalled !== undefined) await this.#stalled.over
    if (this.#bitsPerSecond === undefined) return
    const now = this.#clock.now()
    this.#free = Math.max(this.#free, now - BURST_MS) + (bytes * 8_000) / this.#bitsPerSecond
    if (this.#free > now) await this.#clock.sleep(this.#free - now)
  }
}
