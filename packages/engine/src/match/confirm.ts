/** How often a hit of compiled conditions is held against the library. */
export interface ConfirmBounds {
  /** Hits of each rule that are all asked about; those after them are only sampled. */
  readonly hitsFirst: number
  /** Of a rule's further hits one in so many is asked about. */
  readonly hitsPerConfirmation: number
  /**
   * Events that pay for one question, whatever number of rules hit: when nothing is saved up, a hit stands as the
   * compiled conditions say, and one of the rule's next ones is asked about in its place.
   */
  readonly eventsPerConfirmation: number
  /** Questions saved up while few rules hit; what is beyond them is forgone. */
  readonly confirmationsSavedMax: number
}

/** A question takes about as long as ten events take through the whole line, so these cost at most one in a hundred. */
export const CONFIRM: ConfirmBounds = {
  hitsFirst: 20,
  hitsPerConfirmation: 1_000,
  eventsPerConfirmation: 1_000,
  confirmationsSavedMax: 100,
}

/** Which hits of compiled rules the library is asked about, and how often it said no. Rules go by their place. */
export class Confirmation {
  readonly #bounds: ConfirmBounds
  readonly #hits = new Map<number, number>()
  readonly #asked = new Map<number, number>()
  /** Rules on which the library said no once: from the next batch on it decides every hit. */
  readonly #doubted = new Set<number>()
  #disagreed = new Map<number, number>()
  #saved: number

  constructor(bounds: ConfirmBounds) {
    this.#bounds = bounds
    this.#saved = bounds.confirmationsSavedMax
  }

  /** Events that go through the matcher, before their hits. */
  saw(events: number): void {
    const { eventsPerConfirmation, confirmationsSavedMax } = this.#bounds
    this.#saved = Math.min(confirmationsSavedMax, this.#saved + events / eventsPerConfirmation)
  }

  /** True when the library has to decide this hit. */
  wants(rule: number): boolean {
    if (this.#doubted.has(rule)) return true
    const hits = (this.#hits.get(rule) ?? 0) + 1
    const asked = this.#asked.get(rule) ?? 0
    this.#hits.set(rule, hits)
    const { hitsFirst, hitsPerConfirmation } = this.#bounds
    if (this.#saved < 1 || (asked >= hitsFirst && hits < hitsPerConfirmation)) return false
    this.#hits.set(rule, 0)
    this.#asked.set(rule, asked + 1)
    this.#saved -= 1
    return true
  }

  /** The library says that a hit is none. */
  disagreed(rule: number): void {
    this.#doubted.add(rule)
    this.#disagreed.set(rule, (this.#disagreed.get(rule) ?? 0) + 1)
  }

  /** Hits taken away since the last call. */
  take(): ReadonlyMap<number, number> {
    const counts = this.#disagreed
    this.#disagreed = new Map()
    return counts
  }
}
