import type { Clock } from '@weir/runtime'

/** Lets callers through one by one, at most so many a second. */
export class Pace {
  readonly #clock: Clock
  readonly #gapMs: number
  #next = 0
  /** What the clock said last: one that is set back must make nobody wait until it is there again. */
  #last = Number.NEGATIVE_INFINITY

  constructor(clock: Clock, perSecondMax: number) {
    this.#clock = clock
    this.#gapMs = 1000 / perSecondMax
  }

  async turn(signal: AbortSignal): Promise<void> {
    const now = this.#now()
    const mine = Math.max(now, this.#next)
    this.#next = mine + this.#gapMs
    if (mine > now) await this.#clock.sleep(mine - now, signal)
    signal.throwIfAborted()
  }

  /** Nobody else is let through for so long. */
  hold(ms: number): void {
    this.#next = Math.max(this.#next, this.#now() + ms)
  }

  #now(): number {
    const now = this.#clock.now()
    if (now < this.#last) this.#next -= this.#last - now
    this.#last = now
    return now
  }
}
