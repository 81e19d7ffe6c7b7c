import { textsWithin } from '../rule/any-text.ts'
import { canonical } from '../rule/hash.ts'
import type { Decorator } from '../rule/operator.ts'
import { chainOf, isScalar } from '../rule/operators.ts'
import { type Check, compileLeaf } from './compile-leaf.ts'
import type { Leaf } from './condition.ts'
import type { Slots } from './slots.ts'
import type { Source, Sources } from './source.ts'
import type { TextKind } from './text-probe.ts'

export type Scalar = string | number | boolean | null

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
  /** Looks at the texts of a list, not at the value itself. */
  readonly entries: boolean
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

/** What a test asks, so that many rules may share the answer; `undefined` where only its own rule can ask it. */
export function termOf(leaf: Leaf, asking: Asking): Term | undefined {
  return valueTermOf(leaf, asking) ?? textTermOf(leaf, asking) ?? testTermOf(leaf, asking)
}

function textTermOf(leaf: Leaf, asking: Asking): TextTerm | undefined {
  const place = convertedPlace(leaf, asking, [])
  if (place === undefined || !TEXT_KINDS.has(place.operator)) return undefined
  const { source, operator, fold, within, value } = place
  if (typeof value !== 'string') return undefined
  const as = operator as TextKind
  const key = canonical([fold, source.name, as, value])
  return { kind: 'text', key, source, fold, entries: within, as, literal: value }
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

/** Estimated share of events that meet a rare test. */
export const RARE_SHARE = 0.05

/** Operators that say yes to few events; `exists`, the negated and the rest may say it to most. */
const RARE =
  /^(?:fold:|text:|someFact:|anyText:)*(?:startsWith|endsWith|containsText|wildcard|matches|cidr|inList)$/

/** Operators whose answer to a value never changes, so that it may be remembered. */
const LASTING =
  /^(?:\w+:)*(?:equal|notEqual|in|notIn|contains|doesNotContain|exists|\w+Than\w*|startsWith|endsWith|containsText|wildcard|matches|cidr)$/

/** `equal`, `in` and `contains`, also for some entry of a list; nothing else names its values. */
function valueTermOf(leaf: Leaf, asking: Asking): ValueTerm | undefined {
  const place = convertedPlace(leaf, asking, ['someFact'])
  const lists = place !== undefined && (place.beside > 0 || place.within)
  if (place === undefined || (lists && place.operator === 'contains')) return undefined
  const values = valuesOf(place.operator, place.value)
  if (values === undefined) return undefined
  const { source, fold } = place
  const entries = lists || place.operator === 'contains'
  return { kind: 'value', key: canonical([fold, entries, source.name]), source, fold, entries, values }
}

interface ConvertedPlace {
  readonly source: Source
  readonly fold: boolean
  readonly operator: string
  readonly value: unknown
  /** The operator is asked of every text within the fact, and the source gives all of them. */
  readonly within: boolean
  /** How many of the decorators that may stand beside the conversions do. */
  readonly beside: number
}

/**
 * A fact as the operator sees it, where its decorators do nothing but convert. `fold` is left to the probe, which
 * gives the same wherever it stands: no other conversion looks at case. Of texts within a fact only `fold` is done.
 */
function convertedPlace(leaf: Leaf, asking: Asking, beside: readonly string[]): ConvertedPlace | undefined {
  const chain = chainOf(leaf.operator)
  const source = asking.sources.of(leaf.fact, leaf.path)
  if ('unknown' in chain || source === undefined || leaf.valueIsFact) return undefined
  const within = chain.decorators[0]?.name === 'anyText'
  const decorators = within ? chain.decorators.slice(1) : chain.decorators
  const others = decorators.filter((each) => each.converts === undefined).map((each) => each.name)
  if (others.length > 1 || others.some((name) => !beside.includes(name))) return undefined
  const changes = decorators.filter((each) => each.converts !== undefined && each.name !== 'fold')
  if (within && others.length + changes.length > 0) return undefined
  return {
    source: within ? textsOf(source) : changes.reduce(converted, source),
    fold: chain.decorators.some((each) => each.name === 'fold'),
    operator: chain.operator.name,
    value: chain.decorators.reduce(
      (value: unknown, each) => each.converts?.value(value) ?? value,
      leaf.value,
    ),
    within,
    beside: others.length,
  }
}

function textsOf(source: Source): Source {
  const of = source.of ?? ((raw: unknown) => raw)
  return { ...source, name: `anyText:${source.name}`, of: (raw) => textsWithin(of(raw)) }
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
