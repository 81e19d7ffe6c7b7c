import type { Engine } from 'json-rules-engine'
import { LIBRARY_DECORATORS, OWN_DECORATORS } from './decorators.ts'
import { LIBRARY_OPERATORS } from './library-operators.ts'
import type { Chain, Decorator, Operator, Prepare, Test } from './operator.ts'
import { OWN_OPERATORS } from './own-operators.ts'

export const OPERATORS: ReadonlyMap<string, Operator> = byName([...LIBRARY_OPERATORS, ...OWN_OPERATORS])
export const DECORATORS: ReadonlyMap<string, Decorator> = byName([...LIBRARY_DECORATORS, ...OWN_DECORATORS])

/** `not:fold:equal` taken apart; the part that nobody knows where it cannot be. */
export function chainOf(name: string): Chain | { readonly unknown: string } {
  const parts = name.split(':')
  const last = parts.pop()!
  const operator = OPERATORS.get(last)
  if (operator === undefined) return { unknown: last }
  let prepare = operator.own ? lenient(operator.prepare) : operator.prepare
  const decorators: Decorator[] = []
  for (const part of parts.toReversed()) {
    const decorator = DECORATORS.get(part)
    if (decorator === undefined) return { unknown: part }
    prepare = decorator.prepare(prepare)
    decorators.unshift(decorator)
  }
  return { decorators, operator, prepare }
}

/** Teaches an engine Weir's operators and decorators, through the library's public door. */
export function registerOperators(engine: Engine): void {
  for (const { name, prepare } of OWN_OPERATORS) {
    const prepared = new Map<unknown, Test>()
    engine.addOperator(name, (fact: unknown, value: unknown) => remembered(prepared, prepare, value)(fact))
  }
  for (const { name, prepare } of OWN_DECORATORS)
    engine.addOperatorDecorator(name, (fact: unknown, value: unknown, next: Both) =>
      prepare((inner) => (each) => next(each, inner))(value)(fact),
    )
}

type Both = (fact: unknown, value: unknown) => boolean

/** The loader refuses a literal that is of no use; one that only an event brings (by `swap`, or from a field) meets nothing. */
function lenient(prepare: Prepare): Prepare {
  return (value) => {
    try {
      return prepare(value)
    } catch {
      return () => false
    }
  }
}

/** Prepared values kept per operator and engine; at the bound all are prepared anew, which only costs time. */
const preparedMax = 1_000

function remembered(prepared: Map<unknown, Test>, prepare: Prepare, value: unknown): Test {
  const key = Array.isArray(value) ? JSON.stringify(value) : value
  let test = prepared.get(key)
  if (test === undefined) {
    if (prepared.size >= preparedMax) prepared.clear()
    test = lenient(prepare)(value)
    prepared.set(key, test)
  }
  return test
}

/** True for a literal that an event can equal; lists and objects are never the same one. */
export function isScalar(value: unknown): value is string | number | boolean | null {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value)
}

function byName<Named extends { readonly name: string }>(list: readonly Named[]): ReadonlyMap<string, Named> {
  return new Map(list.map((each) => [each.name, each]))
}
