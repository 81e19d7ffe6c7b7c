import type { Operator, Prepare, Test, ValueKind } from './operator.ts'

// json-rules-engine's own operators, written out again for the compiled path. The differential test holds them
// against the library.

export const LIBRARY_OPERATORS: readonly Operator[] = [
  operator('equal', 'scalar', equal),
  operator('notEqual', 'scalar', negated(equal)),
  operator('in', 'list', isIn),
  operator('notIn', 'list', negated(isIn)),
  operator('contains', 'scalar', contains),
  operator('doesNotContain', 'scalar', lacks),
  ordered('lessThan', (fact, value) => fact < value),
  ordered('lessThanInclusive', (fact, value) => fact <= value),
  ordered('greaterThan', (fact, value) => fact > value),
  ordered('greaterThanInclusive', (fact, value) => fact >= value),
]

export function negated(prepare: Prepare): Prepare {
  return (value) => {
    const test = prepare(value)
    return (fact) => !test(fact)
  }
}

function operator(name: string, value: ValueKind, prepare: Prepare): Operator {
  return { name, value, own: false, prepare }
}

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

function ordered(name: string, compare: (fact: number, value: number) => boolean): Operator {
  return operator(
    name,
    'ordered',
    (value) => (fact) =>
      (typeof fact === 'number' || isNumeric(fact)) && compare(fact as number, value as number),
  )
}

/** The library's guard: whatever begins like a number. It throws for an object that has no text form. */
function isNumeric(fact: unknown): boolean {
  return !Number.isNaN(Number.parseFloat(fact as string))
}
