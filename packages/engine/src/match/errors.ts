/** Evaluations that threw, counted by rule id until they are taken. */
export class RuleErrors {
  #counts = new Map<string, number>()

  add(rule: string): void {
    this.#counts.set(rule, (this.#counts.get(rule) ?? 0) + 1)
  }

  take(): ReadonlyMap<string, number> {
    const counts = this.#counts
    this.#counts = new Map()
    return counts
  }
}
