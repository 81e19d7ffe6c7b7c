import type { Condition } from './condition.ts'
import { type Asking, RARE_SHARE, type Scalar, type Term, termOf } from './term.ts'

/** A necessary condition: where none of the terms holds, the rule cannot match. Empty means that it never can. */
export type Need = readonly Term[]

/** What the rules of a dataset ask for, to tell rare from common and shared from single. */
export class Demand {
  readonly #values = new Map<string, Set<Scalar>>()
  readonly #sharers = new Map<string, number>()
  /** Rules that are found at a place. */
  #users = new Map<string, number>()

  learn(condition: Condition, asking: Asking): void {
    if (condition.kind === 'all' || condition.kind === 'any')
      for (const each of condition.inner) this.learn(each, asking)
    const term = condition.kind === 'leaf' ? termOf(condition, asking) : undefined
    if (term === undefined) return
    for (const key of new Set([term.key, placeOf(term)]))
      this.#sharers.set(key, (this.#sharers.get(key) ?? 0) + 1)
    if (term.kind !== 'value') return
    const values = this.#values.get(term.key) ?? new Set()
    this.#values.set(term.key, values)
    for (const value of term.values) values.add(value)
  }

  /** The needs as they were chosen: a place that few rules came to costs them more at the next choice. */
  settle(needs: readonly (Need | undefined)[]): void {
    this.#users = new Map()
    for (const need of needs)
      for (const place of new Set(need?.map(placeOf)))
        this.#users.set(place, (this.#users.get(place) ?? 0) + 1)
  }

  /** Estimated work per event: the rule's share of the look, and its evaluation where the answer is yes. */
  costOf(term: Term): number {
    const users = this.#users.size === 0 ? this.#sharers : this.#users
    const look = LOOK_COST / (users.get(placeOf(term)) ?? 1)
    const asking =
      term.kind === 'test' || term.kind === 'loose' ? term.cost / this.#sharers.get(term.key)! : 0
    return look + asking + this.#shareOf(term) * EVALUATION_COST
  }

  /** A place at which many different values are asked for makes each of them rare. */
  #shareOf(term: Term): number {
    if (term.kind === 'text') return RARE_SHARE
    if (term.kind !== 'value') return term.share
    const distinct = this.#values.get(term.key)!.size
    const each = (value: Scalar) => (typeof value === 'boolean' || value === null ? 0.5 : 1 / (1 + distinct))
    return term.values.reduce<number>((sum, value) => sum + each(value), 0)
  }
}

/** Against a simple test of one value. */
const LOOK_COST = 5
const EVALUATION_COST = 2

function placeOf(term: Term): string {
  return term.kind === 'loose' ? term.key : term.source.key
}

/** The cheapest necessary condition of a rule; `undefined` when it has none. */
export function needOf(condition: Condition, asking: Asking, demand: Demand): Need | undefined {
  switch (condition.kind) {
    case 'all':
      return cheapest(
        condition.inner.map((each) => needOf(each, asking, demand)),
        demand,
      )
    case 'any':
      return union(condition.inner.map((each) => needOf(each, asking, demand)))
    case 'leaf': {
      const term = termOf(condition, asking)
      return term && [term]
    }
    case 'not':
    case 'other':
      return undefined
    default:
      return condition satisfies never
  }
}

function cheapest(needs: readonly (Need | undefined)[], demand: Demand): Need | undefined {
  let best: Need | undefined
  let least = Number.POSITIVE_INFINITY
  for (const need of needs) {
    if (need === undefined) continue
    const cost = need.reduce((sum, term) => sum + demand.costOf(term), 0)
    if (cost >= least) continue
    best = need
    least = cost
  }
  return best
}

/** An empty `any` is true, so it needs nothing. */
function union(needs: readonly (Need | undefined)[]): Need | undefined {
  if (needs.length === 0 || needs.includes(undefined)) return undefined
  return needs.flatMap((need) => need!)
}
