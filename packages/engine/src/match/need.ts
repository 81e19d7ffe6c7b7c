import { chainOf, foldCase, isScalar } from '../rule/operators.ts'
import type { Condition, Leaf } from './condition.ts'
import type { Read, Slots } from './slots.ts'

type Scalar = string | number | boolean | null

/** One place to look and the values that would count. */
export interface Term {
  /** Equal for terms that one look answers. */
  readonly key: string
  readonly read: Read
  /** Compares in lower case. */
  readonly fold: boolean
  /** Looks at the entries of a list, not at the value itself. */
  readonly entries: boolean
  readonly values: readonly Scalar[]
}

/** A necessary condition: where none of the terms holds, the rule cannot match. Empty means that it never can. */
export type Need = readonly Term[]

/** How many different values the rules of a dataset ask for at each place: many make one of them rare. */
export class Rarity {
  readonly #values = new Map<string, Set<Scalar>>()

  learn(condition: Condition, slots: Slots): void {
    if (condition.kind === 'all' || condition.kind === 'any')
      for (const each of condition.inner) this.learn(each, slots)
    if (condition.kind !== 'leaf') return
    const term = termOf(condition, slots)
    if (term === undefined) return
    const values = this.#values.get(term.key) ?? new Set()
    this.#values.set(term.key, values)
    for (const value of term.values) values.add(value)
  }

  /** Estimated share of events that meet the term. */
  shareOf(term: Term): number {
    const distinct = this.#values.get(term.key)?.size ?? 0
    const few = 0.5
    const each = (value: Scalar) => (typeof value === 'boolean' || value === null ? few : 1 / (1 + distinct))
    return term.values.reduce<number>((sum, value) => sum + each(value), 0)
  }
}

/** The rarest necessary condition of a rule; `undefined` when it has none that a hash can answer. */
export function needOf(condition: Condition, slots: Slots, rarity: Rarity): Need | undefined {
  switch (condition.kind) {
    case 'all':
      return rarest(
        condition.inner.map((each) => needOf(each, slots, rarity)),
        rarity,
      )
    case 'any':
      return union(condition.inner.map((each) => needOf(each, slots, rarity)))
    case 'leaf': {
      const term = termOf(condition, slots)
      return term && [term]
    }
    case 'not':
    case 'other':
      return undefined
    default:
      return condition satisfies never
  }
}

function rarest(needs: readonly (Need | undefined)[], rarity: Rarity): Need | undefined {
  let best: Need | undefined
  let least = Number.POSITIVE_INFINITY
  for (const need of needs) {
    if (need === undefined) continue
    const share = need.reduce((sum, term) => sum + rarity.shareOf(term), 0)
    if (share >= least) continue
    best = need
    least = share
  }
  return best
}

/** An empty `any` is true, so it needs nothing. */
function union(needs: readonly (Need | undefined)[]): Need | undefined {
  if (needs.length === 0 || needs.includes(undefined)) return undefined
  return needs.flatMap((need) => need!)
}

/** `equal`, `in` and `contains`, also folded and for some entry of a list; nothing else names its values. */
function termOf(leaf: Leaf, slots: Slots): Term | undefined {
  const chain = chainOf(leaf.operator)
  const place = slots.readOf(leaf.fact, leaf.path)
  if ('unknown' in chain || place === undefined || leaf.valueIsFact || leaf.hasParams) return undefined
  const fold = count(chain.decorators, 'fold')
  const some = count(chain.decorators, 'someFact')
  const contains = chain.operator.name === 'contains' ? 1 : 0
  if (fold + some !== chain.decorators.length || fold > 1 || some + contains > 1) return undefined
  const values = valuesOf(chain.operator.name, fold > 0 ? foldCase(leaf.value) : leaf.value)
  if (values === undefined) return undefined
  const entries = some + contains > 0
  return {
    key: `${fold}${entries ? '*' : ''}${place.key}`,
    read: place.read,
    fold: fold > 0,
    entries,
    values,
  }
}

function count(names: readonly string[], name: string): number {
  return names.filter((each) => each === name).length
}

/** Lists and objects among the values are never met: the library compares them by identity. */
function valuesOf(operator: string, value: unknown): readonly Scalar[] | undefined {
  const json = value as Leaf['value']
  if (operator === 'equal' || operator === 'contains') return isScalar(json) ? [json] : []
  return operator === 'in' && Array.isArray(json) ? json.filter(isScalar) : undefined
}
