import type { JsonValue } from '@weir/model'
import type { Engine } from 'json-rules-engine'
import { cidrTest } from './cidr.ts'
import { regexTest } from './regex.ts'
import { wildcardTest } from './wildcard.ts'

/** Decides one fact, with the condition's value already at hand. */
type Test = (fact: unknown) => boolean

/** What a condition's value must be for the operator to be able to say true. */
export type ValueKind = 'scalar' | 'list' | 'ordered' | 'text' | 'boolean' | 'networks' | 'regex' | 'wildcard'

export interface Operator {
  readonly name: string
  readonly value: ValueKind
  /** Weir's own: the library has to be told of it. */
  readonly own: boolean
  /**
   * Prepares the condition's value, and throws for one that the operator cannot use where the operator is
   * Weir's own. The library's operators throw at the event instead, as they always did.
   */
  readonly prepare: (value: unknown) => Test
}

export interface Decorator {
  readonly name: string
  readonly own: boolean
  readonly prepare: (next: (value: unknown) => Test) => (value: unknown) => Test
}

/** An operator with the decorators written before it, outermost first. */
export interface Chain {
  readonly decorators: readonly string[]
  readonly operator: Operator
  /** Never throws; the test throws where, and only where, the library would. */
  readonly prepare: (value: unknown) => Test
}

/** `not:fold:equal` taken apart; the part that nobody knows where it cannot be. */
export function chainOf(name: string): Chain | { readonly unknown: string } {
  const parts = name.split(':')
  const last = parts.pop()!
  const operator = OPERATORS.get(last)
  if (operator === undefined) return { unknown: last }
  let prepare = operator.own ? deferred(operator.prepare) : operator.prepare
  for (const part of parts.toReversed()) {
    const decorator = DECORATORS.get(part)
    if (decorator === undefined) return { unknown: part }
    prepare = decorator.prepare(prepare)
  }
  return { decorators: parts, operator, prepare }
}

/** Inside the library an operator is asked with its value at the event: a decorator may keep it from being asked. */
function deferred(prepare: Operator['prepare']): Operator['prepare'] {
  return (value) => {
    try {
      return prepare(value)
    } catch (error) {
      return () => {
        throw error
      }
    }
  }
}

/** Teaches an engine Weir's operators and decorators, through the library's public door. */
export function registerOperators(engine: Engine): void {
  for (const { name, own, prepare } of OPERATORS.values()) {
    if (!own) continue
    const prepared = new Map<unknown, Test>()
    engine.addOperator(name, (fact: unknown, value: unknown) => remembered(prepared, prepare, value)(fact))
  }
  engine.addOperatorDecorator('fold', (fact: unknown, value: unknown, next: Both) =>
    next(foldCase(fact), foldCase(value)),
  )
}

type Both = (fact: unknown, value: unknown) => boolean

/** Strings, and the strings of a list, in lower case; anything else as it is. */
export function foldCase(value: unknown): unknown {
  if (typeof value === 'string') return value.toLowerCase()
  return Array.isArray(value)
    ? value.map((item) => (typeof item === 'string' ? item.toLowerCase() : item))
    : value
}

/** Prepared values kept per operator and engine; at the bound all are prepared anew, which only costs time. */
const preparedMax = 1_000

function remembered(prepared: Map<unknown, Test>, prepare: Operator['prepare'], value: unknown): Test {
  const key = Array.isArray(value) ? JSON.stringify(value) : value
  let test = prepared.get(key)
  if (test === undefined) {
    if (prepared.size >= preparedMax) prepared.clear()
    test = prepare(value)
    prepared.set(key, test)
  }
  return test
}

// The library's own operators are written out again here for the compiled path. The differential test
// holds them against the library.

function equal(value: unknown): Test {
  return (fact) => fact === value
}

function isIn(value: unknown): Test {
  if (!Array.isArray(value)) return (fact) => (value as unknown[]).indexOf(fact) > -1
  const known = new Set<unknown>(value)
  // A set finds NaN and `indexOf` does not, but no JSON value is NaN.
  return (fact) => known.has(fact)
}

function contains(value: unknown): Test {
  return (fact) => Array.isArray(fact) && fact.indexOf(value) > -1
}

function lacks(value: unknown): Test {
  return (fact) => Array.isArray(fact) && fact.indexOf(value) === -1
}

function ordered(compare: (fact: number, value: number) => boolean): Operator['prepare'] {
  return (value) => (fact) =>
    (typeof fact === 'number' || isNumeric(fact)) && compare(fact as number, value as number)
}

/** The library's guard: whatever begins like a number. It throws for an object that has no text form. */
function isNumeric(fact: unknown): boolean {
  return !Number.isNaN(Number.parseFloat(fact as string))
}

// Weir's own operators are total: a fact of another type is simply not met.

function textTest(test: (fact: string, value: string) => boolean): Operator['prepare'] {
  return (value) => {
    if (typeof value !== 'string') return () => false
    return (fact) => typeof fact === 'string' && test(fact, value)
  }
}

function exists(value: unknown): Test {
  return (fact) => (fact !== undefined && fact !== null) === value
}

function negated(prepare: Operator['prepare']): Operator['prepare'] {
  return (value) => {
    const test = prepare(value)
    return (fact) => !test(fact)
  }
}

function operator(name: string, value: ValueKind, own: boolean, prepare: Operator['prepare']): Operator {
  return { name, value, own, prepare }
}

export const OPERATORS: ReadonlyMap<string, Operator> = new Map(
  [
    operator('equal', 'scalar', false, equal),
    operator('notEqual', 'scalar', false, negated(equal)),
    operator('in', 'list', false, isIn),
    operator('notIn', 'list', false, negated(isIn)),
    operator('contains', 'scalar', false, contains),
    operator('doesNotContain', 'scalar', false, lacks),
    operator(
      'lessThan',
      'ordered',
      false,
      ordered((fact, value) => fact < value),
    ),
    operator(
      'lessThanInclusive',
      'ordered',
      false,
      ordered((fact, value) => fact <= value),
    ),
    operator(
      'greaterThan',
      'ordered',
      false,
      ordered((fact, value) => fact > value),
    ),
    operator(
      'greaterThanInclusive',
      'ordered',
      false,
      ordered((fact, value) => fact >= value),
    ),
    operator(
      'startsWith',
      'text',
      true,
      textTest((fact, value) => fact.startsWith(value)),
    ),
    operator(
      'endsWith',
      'text',
      true,
      textTest((fact, value) => fact.endsWith(value)),
    ),
    operator(
      'containsText',
      'text',
      true,
      textTest((fact, value) => fact.includes(value)),
    ),
    operator('exists', 'boolean', true, exists),
    operator('cidr', 'networks', true, cidrTest),
    operator('matches', 'regex', true, regexTest),
    operator('wildcard', 'wildcard', true, wildcardTest),
  ].map((each) => [each.name, each]),
)

function someOf(list: unknown, test: (item: unknown) => boolean): boolean {
  return (list as unknown[]).some(test)
}

function everyOf(list: unknown, test: (item: unknown) => boolean): boolean {
  return (list as unknown[]).every(test)
}

/** `someValue` and `everyValue` prepare each value once; what is no list throws at the event, as in the library. */
function overValues(over: typeof someOf): Decorator['prepare'] {
  return (next) => (value) => {
    if (!Array.isArray(value)) return (fact) => over(value, (each) => next(each)(fact))
    const tests = value.map((each) => next(each))
    return (fact) => over(tests, (test) => (test as Test)(fact))
  }
}

function overFacts(over: typeof someOf): Decorator['prepare'] {
  return (next) => (value) => {
    const test = next(value)
    return (fact) => Array.isArray(fact) && over(fact, test)
  }
}

function decorator(name: string, own: boolean, prepare: Decorator['prepare']): Decorator {
  return { name, own, prepare }
}

export const DECORATORS: ReadonlyMap<string, Decorator> = new Map(
  [
    decorator('someFact', false, overFacts(someOf)),
    decorator('everyFact', false, overFacts(everyOf)),
    decorator('someValue', false, overValues(someOf)),
    decorator('everyValue', false, overValues(everyOf)),
    decorator('swap', false, (next) => (value) => (fact) => next(fact)(value)),
    decorator('not', false, (next) => negated(next)),
    decorator('fold', true, (next) => (value) => {
      const test = next(foldCase(value))
      return (fact) => test(foldCase(fact))
    }),
  ].map((each) => [each.name, each]),
)

/** True when a literal is a list of what `prepare` takes one by one. */
export function isScalar(value: JsonValue | undefined): value is string | number | boolean | null {
  return value === null || (typeof value !== 'object' && value !== undefined)
}
