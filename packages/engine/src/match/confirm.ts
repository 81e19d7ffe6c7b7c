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

/** A question that is rarely asked takes some 150 µs, as long as 40 events take from JSON to their hits. */
export const CONFIRM: ConfirmBounds = {
  hitsFirst: 20,
  hitsPerConfirmation: 1_000,
  eventsPerConfirmation: 10_000,
  confirmationsSavedMax: 100,
}

/** Which hits of compiled rules the library is asked about, and how often it said no. Rules go by their place. */
export class Confirmation {
  readonly #bounds: ConfirmBounds
  readonly #asked: Uint32Array
  /** Hits still to pass over before the next question. */
  readonly #passing: Uint32Array
  /** Rules on which the library said no once: from the next batch on it decides every hit. */
  readonly #doubted = new Set<number>()
  #disagreed = new Map<number, number>()
  #saved: number

  constructor(bounds: ConfirmBounds, rules: number) {
    this.#bounds = bounds
    this.#asked = new Uint32Array(rules)
    this.#passing = new Uint32Array(rules)
    this.#saved = bounds.confirmationsSavedMax
  }

  /** Events that go through the matcher, before their hits. */
  saw(events: number): void {
    const { eventsPerConfirmation, confirmationsSavedMax } = this.#bounds
    this.#saved = Math.min(confirmationsSavedMax, this.#saved + events / eventsPerConfirmation)
  }

  /** True when the library has to decide this hit. */
  wants(rule: number): boolean {
    const passing = this.#passing[rule]!
    if (passing > 0) {
      this.#passing[rule] = passing - 1
      return false
    }
    return this.#doubted.has(rule) || this.#spends(rule)
  }

  /** The library says that a hit is none. */
  disagreed(rule: number): void {
    this.#doubted.add(rule)
    this.#passing[rule] = 0
    this.#disagreed.set(rule, (this.#disagreed.get(rule) ?? 0) + 1)
  }

  /** Hits taken away since the last call. */
  take(): ReadonlyMap<number, number> {
    const counts = this.#disagreed
    this.#disagreed = new Map()
    return counts
  }

  #spends(rule: number): boolean {
    if (this.#saved < 1) return false
    const { hitsFirst, hitsPerConfirmation } = this.#bounds
    const asked = this.#asked[rule]! + 1
    this.#saved -= 1
    this.#asked[rule] = asked
    this.#passing[rule] = asked < hitsFirst ? 0 : hitsPerConfirmation - 1
    return true
  }
}
