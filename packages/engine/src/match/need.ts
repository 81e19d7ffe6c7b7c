import { canonical } from '../rule/hash.ts'
import type { Decorator } from '../rule/operator.ts'
import { chainOf, isScalar } from '../rule/operators.ts'
import { type Check, compileLeaf } from './compile-leaf.ts'
import type { Condition, Leaf } from './condition.ts'
import type { Read, Slots } from './slots.ts'
import type { TextKind } from './text-probe.ts'

type Scalar = string | number | boolean | null

/** One question to an event: where its answer is no, the rules that need a yes are spared. */
export type Term = ValueTerm | TextTerm | TestTerm

/** The values that would count at one place: one look answers all terms of the same key. */
export interface ValueTerm {
  readonly kind: 'value'
  readonly key: string
  readonly read: Read
  /** Compares in lower case. */
  readonly fold: boolean
  /** Looks at the entries of a list, not at the value itself. */
  readonly entries: boolean
  readonly values: readonly Scalar[]
}

/** A piece of text at one place: one scan answers for many pieces. */
export interface TextTerm {
  readonly kind: 'text'
  readonly key: string
  /** Equal for terms of one text. */
  readonly place: string
  readonly read: Read
  readonly fold: boolean
  readonly as: TextKind
  readonly literal: string
}

/** A single test that no hash can answer: asked once per event, whichever number of rules hold it. */
export interface TestTerm {
  readonly kind: 'test'
  readonly key: string
  readonly check: Check
  readonly cost: number
  /** Estimated share of events that meet it. */
  readonly share: number
}

/** A necessary condition: where none of the terms holds, the rule cannot match. Empty means that it never can. */
export type Need = readonly Term[]

/** What the rules of a dataset ask for, to tell rare from common and shared from single. */
export class Demand {
  readonly #values = new Map<string, Set<Scalar>>()
  readonly #sharers = new Map<string, number>()

  learn(condition: Condition, slots: Slots): void {
    if (condition.kind === 'all' || condition.kind === 'any')
      for (const each of condition.inner) this.learn(each, slots)
    const term = condition.kind === 'leaf' ? termOf(condition, slots) : undefined
    if (term === undefined) return
    this.#sharers.set(term.key, (this.#sharers.get(term.key) ?? 0) + 1)
    if (term.kind !== 'value') return
    const values = this.#values.get(term.key) ?? new Set()
    this.#values.set(term.key, values)
    for (const value of term.values) values.add(value)
  }

  /**
   * Estimated work per event: the rule's share of the question, and its evaluation where the answer is yes.
   * A place at which many different values are asked for makes each of them rare.
   */
  costOf(term: Term): number {
    const evaluation = 2
    if (term.kind === 'text') return 1 / this.#sharers.get(term.key)! + RARE_SHARE * evaluation
    if (term.kind === 'test') return term.cost / this.#sharers.get(term.key)! + term.share * evaluation
    const distinct = this.#values.get(term.key)!.size
    const each = (value: Scalar) => (typeof value === 'boolean' || value === null ? 0.5 : 1 / (1 + distinct))
    return term.values.reduce<number>((sum, value) => sum + each(value), 0) * evaluation
  }
}

/** The cheapest necessary condition of a rule; `undefined` when it has none. */
export function needOf(condition: Condition, slots: Slots, demand: Demand): Need | undefined {
  switch (condition.kind) {
    case 'all':
      return cheapest(
        condition.inner.map((each) => needOf(each, slots, demand)),
        demand,
      )
    case 'any':
      return union(condition.inner.map((each) => needOf(each, slots, demand)))
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

function termOf(leaf: Leaf, slots: Slots): Term | undefined {
  return valueTermOf(leaf, slots) ?? textTermOf(leaf, slots) ?? testTermOf(leaf, slots)
}

function textTermOf(leaf: Leaf, slots: Slots): TextTerm | undefined {
  const place = convertedPlace(leaf, slots, [])
  if (place === undefined || !TEXT_KINDS.has(place.operator)) return undefined
  if (typeof place.value !== 'string') return undefined
  const { operator, read, fold, value } = place
  const as = operator as TextKind
  return {
    kind: 'text',
    key: canonical([place.key, as, value]),
    place: place.key,
    read,
    fold,
    as,
    literal: value,
  }
}

const TEXT_KINDS: ReadonlySet<string> = new Set<TextKind>(['startsWith', 'endsWith', 'containsText'])

/** Only a test that no event can make throw: it is asked outside its rule. */
function testTermOf(leaf: Leaf, slots: Slots): TestTerm | undefined {
  const compiled = compileLeaf(leaf, slots)
  if (compiled === undefined || compiled.throws) return undefined
  const { fact, path, operator, value } = leaf
  const rare = RARE.test(operator)
  return {
    kind: 'test',
    key: canonical([fact, path, operator, value]),
    ...compiled,
    share: rare ? RARE_SHARE : 0.7,
  }
}

const RARE_SHARE = 0.05

/** Operators that say yes to few events; `exists`, the negated and the rest may say it to most. */
const RARE =
  /^(?:fold:|text:|someFact:|anyText:)*(?:startsWith|endsWith|containsText|wildcard|matches|cidr|inList)$/

/** `equal`, `in` and `contains`, also for some entry of a list; nothing else names its values. */
function valueTermOf(leaf: Leaf, slots: Slots): ValueTerm | undefined {
  const place = convertedPlace(leaf, slots, ['someFact'])
  if (place === undefined || (place.beside > 0 && place.operator === 'contains')) return undefined
  const values = valuesOf(place.operator, place.value)
  if (values === undefined) return undefined
  const { read, fold } = place
  const entries = place.beside > 0 || place.operator === 'contains'
  return { kind: 'value', key: `${entries ? '*' : ''}${place.key}`, read, fold, entries, values }
}

interface ConvertedPlace {
  readonly key: string
  readonly read: Read
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
function convertedPlace(leaf: Leaf, slots: Slots, beside: readonly string[]): ConvertedPlace | undefined {
  const chain = chainOf(leaf.operator)
  const place = slots.readOf(leaf.fact, leaf.path)
  if ('unknown' in chain || place === undefined || leaf.valueIsFact) return undefined
  const others = chain.decorators.filter((each) => each.converts === undefined).map((each) => each.name)
  if (others.length > 1 || others.some((name) => !beside.includes(name))) return undefined
  const names = chain.decorators.map((each) => each.name)
  const changes = chain.decorators.filter((each) => each.converts !== undefined && each.name !== 'fold')
  return {
    key: canonical([names.includes('fold'), changes.map((each) => each.name), place.key]),
    read: changes.reduce(convertedRead, place.read),
    fold: names.includes('fold'),
    operator: chain.operator.name,
    value: chain.decorators.reduce(
      (value: unknown, each) => each.converts?.value(value) ?? value,
      leaf.value,
    ),
    beside: others.length,
  }
}

function convertedRead(read: Read, { converts }: Decorator): Read {
  return () => converts!.fact(read())
}

/** Lists and objects among the values are never met: the library compares them by identity. */
function valuesOf(operator: string, value: unknown): readonly Scalar[] | undefined {
  if (operator === 'equal' || operator === 'contains') return isScalar(value) ? [value] : []
  return operator === 'in' && Array.isArray(value) ? value.filter(isScalar) : undefined
}
