import { canonical } from '../rule/hash.ts'
import type { Decorator } from '../rule/operator.ts'
import { chainOf, isScalar } from '../rule/operators.ts'
import { type Check, compileLeaf } from './compile-leaf.ts'
import type { Condition, Leaf } from './condition.ts'
import type { Slots } from './slots.ts'
import type { Source, Sources } from './source.ts'
import type { TextKind } from './text-probe.ts'

type Scalar = string | number | boolean | null

/** How a dataset's facts are read: each by itself, and by what they are made of. */
export interface Asking {
  readonly slots: Slots
  readonly sources: Sources
}

/** One question to an event: where its answer is no, the rules that need a yes are spared. */
export type Term = PlacedTerm | LooseTerm

/** A question that the value at one place answers alone. */
export type PlacedTerm = ValueTerm | TextTerm | TestTerm

/** The values that would count. */
export interface ValueTerm {
  readonly kind: 'value'
  /** Equal for terms that look among the same values. */
  readonly key: string
  readonly source: Source
  /** Compares in lower case. */
  readonly fold: boolean
  /** Looks at the entries of a list, not at the value itself. */
  readonly entries: boolean
  readonly values: readonly Scalar[]
}

/** A piece of text: one scan answers for many pieces. */
interface TextTerm {
  readonly kind: 'text'
  readonly key: string
  readonly source: Source
  readonly fold: boolean
  readonly as: TextKind
  readonly literal: string
}

/** A single test that no hash can answer: asked once, whichever number of rules hold it. */
interface TestTerm {
  readonly kind: 'test'
  readonly key: string
  readonly source: Source
  readonly test: (value: unknown) => boolean
  readonly cost: number
  /** Estimated share of events that meet it. */
  readonly share: number
}

/** A test that hangs on more than the value. */
export interface LooseTerm {
  readonly kind: 'loose'
  readonly key: string
  readonly check: Check
  readonly cost: number
  readonly share: number
}

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

function termOf(leaf: Leaf, asking: Asking): Term | undefined {
  return valueTermOf(leaf, asking) ?? textTermOf(leaf, asking) ?? testTermOf(leaf, asking)
}

function textTermOf(leaf: Leaf, asking: Asking): TextTerm | undefined {
  const place = convertedPlace(leaf, asking, [])
  if (place === undefined || !TEXT_KINDS.has(place.operator)) return undefined
  const { source, operator, fold, value } = place
  if (typeof value !== 'string') return undefined
  const as = operator as TextKind
  return { kind: 'text', key: canonical([fold, source.name, as, value]), source, fold, as, literal: value }
}

const TEXT_KINDS: ReadonlySet<string> = new Set<TextKind>(['startsWith', 'endsWith', 'containsText'])

/** Only a test that no event can make throw: it is asked outside its rule. */
function testTermOf(leaf: Leaf, asking: Asking): TestTerm | LooseTerm | undefined {
  const compiled = compileLeaf(leaf, asking.slots)
  if (compiled === undefined || compiled.throws) return undefined
  const { fact, path, operator, value } = leaf
  const key = canonical([fact, path, operator, value])
  const share = RARE.test(operator) ? RARE_SHARE : 0.7
  const source = asking.sources.of(fact, path)
  const chain = chainOf(operator)
  if (source === undefined || 'unknown' in chain || leaf.valueIsFact || !LASTING.test(operator))
    return { kind: 'loose', key, check: compiled.check, cost: compiled.cost, share }
  return { kind: 'test', key, source, test: chain.prepare(value), cost: compiled.cost, share }
}

const RARE_SHARE = 0.05

/** Operators that say yes to few events; `exists`, the negated and the rest may say it to most. */
const RARE =
  /^(?:fold:|text:|someFact:|anyText:)*(?:startsWith|endsWith|containsText|wildcard|matches|cidr|inList)$/

/** Operators whose answer to a value never changes, so that it may be remembered. */
const LASTING =
  /^(?:\w+:)*(?:equal|notEqual|in|notIn|contains|doesNotContain|exists|\w+Than\w*|startsWith|endsWith|containsText|wildcard|matches|cidr)$/

/** `equal`, `in` and `contains`, also for some entry of a list; nothing else names its values. */
function valueTermOf(leaf: Leaf, asking: Asking): ValueTerm | undefined {
  const place = convertedPlace(leaf, asking, ['someFact'])
  if (place === undefined || (place.beside > 0 && place.operator === 'contains')) return undefined
  const values = valuesOf(place.operator, place.value)
  if (values === undefined) return undefined
  const { source, fold } = place
  const entries = place.beside > 0 || place.operator === 'contains'
  return { kind: 'value', key: canonical([fold, entries, source.name]), source, fold, entries, values }
}

interface ConvertedPlace {
  readonly source: Source
  readonly fold: boolean
  readonly operator: string
  readonly value: unknown
  /** How many of the decorators that may stand beside the conversions do. */
  readonly beside: number
}

/**
 * A fact as the operator sees it, where its decorators do nothing but convert. `fold` is left to the probe, which
 * gives the same wherever it stands: no other conversion looks at case.
 */
function convertedPlace(leaf: Leaf, asking: Asking, beside: readonly string[]): ConvertedPlace | undefined {
  const chain = chainOf(leaf.operator)
  const source = asking.sources.of(leaf.fact, leaf.path)
  if ('unknown' in chain || source === undefined || leaf.valueIsFact) return undefined
  const others = chain.decorators.filter((each) => each.converts === undefined).map((each) => each.name)
  if (others.length > 1 || others.some((name) => !beside.includes(name))) return undefined
  const changes = chain.decorators.filter((each) => each.converts !== undefined && each.name !== 'fold')
  return {
    source: changes.reduce(converted, source),
    fold: chain.decorators.some((each) => each.name === 'fold'),
    operator: chain.operator.name,
    value: chain.decorators.reduce(
      (value: unknown, each) => each.converts?.value(value) ?? value,
      leaf.value,
    ),
    beside: others.length,
  }
}

function converted(source: Source, { name, converts }: Decorator): Source {
  const of = source.of ?? ((raw: unknown) => raw)
  return { ...source, name: `${name}:${source.name}`, of: (raw) => converts!.fact(of(raw)) }
}

/** Lists and objects among the values are never met: the library compares them by identity. */
function valuesOf(operator: string, value: unknown): readonly Scalar[] | undefined {
  if (operator === 'equal' || operator === 'contains') return isScalar(value) ? [value] : []
  return operator === 'in' && Array.isArray(value) ? value.filter(isScalar) : undefined
}
