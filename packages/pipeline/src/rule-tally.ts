import type { RuleCount } from '@weir/model'

/** Counts by rule since the last commit. */
export class RuleTally {
  #counts = new Map<string, { rule: string; matches: number; errors: number; skipped: number }>()

  match(rule: string): void {
    this.#of(rule).matches += 1
  }

  skip(rule: string): void {
    this.#of(rule).skipped += 1
  }

  errors(rule: string, count: number): void {
    this.#of(rule).errors += count
  }

  take(): RuleCount[] {
    const counts = [...this.#counts.values()]
    this.#counts = new Map()
    return counts
  }

  #of(rule: string): { matches: number; errors: number; skipped: number } {
    const had = this.#counts.get(rule)
    if (had !== undefined) return had
    const fresh = { rule, matches: 0, errors: 0, skipped: 0 }
    this.#counts.set(rule, fresh)
    return fresh
  }
}
