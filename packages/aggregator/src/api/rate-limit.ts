const WINDOW_MS = 60_000

/**
 * Counts requests by name in fixed windows of a minute. Only names of configured tokens are counted, so there
 * are no more counters than tokens. Around a window's edge it lets through at most twice as many.
 */
export class RateLimit {
  readonly #requestsMax: number
  readonly #counts = new Map<string, number>()
  #window = Number.NEGATIVE_INFINITY

  constructor(requestsPerMinuteMax: number) {
    this.#requestsMax = requestsPerMinuteMax
  }

  /** Counts one request at `now`; returns the seconds to wait when it is one too many, else 0. */
  take(name: string, now: number): number {
    if (now >= this.#window + WINDOW_MS || now < this.#window) {
      this.#window = now
      this.#counts.clear()
    }
    const count = (this.#counts.get(name) ?? 0) + 1
    this.#counts.set(name, count)
    return count <= this.#requestsMax ? 0 : Math.max(1, Math.ceil((this.#window + WINDOW_MS - now) / 1000))
  }
}
