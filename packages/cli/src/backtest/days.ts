/** Days told apart, a hundred years of them; what falls on further ones is put together. */
const DAYS_MAX = 36_600

/** Where further days are put together. */
const OTHER = 'other'

const DAY_MS = 86_400_000

/** Days of event time, UTC. */
export class Days {
  readonly #days = new Set<number>()

  see(days: Iterable<number>): void {
    for (const day of days) if (this.#days.size < DAYS_MAX) this.#days.add(day)
  }

  /** The day of an alert, `2026-03-10`. */
  of(time: number): string {
    const day = Math.floor(time / DAY_MS)
    this.see([day])
    return this.#days.has(day) ? nameOf(day) : OTHER
  }

  get count(): number {
    return this.#days.size
  }

  /** First and last; both `undefined` when there was none. */
  get ends(): readonly [string | undefined, string | undefined] {
    let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    for (const day of this.#days) [first, last] = [Math.min(first, day), Math.max(last, day)]
    return this.#days.size === 0 ? [undefined, undefined] : [nameOf(first), nameOf(last)]
  }
}

function nameOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10)
}
