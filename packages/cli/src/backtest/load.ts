/** What one day brought. */
export interface DayLoad {
  alerts: number
  bytes: number
}

/** Alerts and link bytes of a rule, or of all of them, by day. */
export class Load {
  readonly #days = new Map<string, DayLoad>()
  alerts = 0
  revisions = 0
  bytes = 0

  /** `by` is -1 for an alert that became part of another. */
  alert(day: string, by: 1 | -1): void {
    this.#of(day).alerts += by
    this.alerts += by
  }

  revision(day: string, bytes: number): void {
    this.#of(day).bytes += bytes
    this.revisions += 1
    this.bytes += bytes
  }

  get byDay(): Readonly<Record<string, DayLoad>> {
    return Object.fromEntries([...this.#days].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  /** The day with most of something; the earliest of those that are equal. */
  busiest(of: keyof DayLoad): { readonly day: string; readonly most: number } | undefined {
    let busiest: { day: string; most: number } | undefined
    for (const [day, load] of Object.entries(this.byDay))
      if (load[of] > (busiest?.most ?? 0)) busiest = { day, most: load[of] }
    return busiest
  }

  #of(day: string): DayLoad {
    const load = this.#days.get(day) ?? { alerts: 0, bytes: 0 }
    this.#days.set(day, load)
    return load
  }
}
