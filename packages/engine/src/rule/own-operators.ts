import { cidrTest } from './cidr.ts'
import { negated } from './library-operators.ts'
import type { Operator, Prepare, Test, ValueKind } from './operator.ts'
import { regexTest } from './regex.ts'
import { timeOfDayTest } from './time-of-day.ts'
import { isWatchlist } from './watchlist.ts'
import { wildcardTest } from './wildcard.ts'

/** Weir's operators. Their tests are total: a fact of another type is simply not met. */
export const OWN_OPERATORS: readonly Operator[] = [
  operator(
    'startsWith',
    'text',
    textTest((fact, value) => fact.startsWith(value)),
  ),
  operator(
    'endsWith',
    'text',
    textTest((fact, value) => fact.endsWith(value)),
  ),
  operator(
    'containsText',
    'text',
    textTest((fact, value) => fact.includes(value)),
  ),
  operator('exists', 'boolean', exists),
  operator('cidr', 'networks', cidrTest),
  operator('matches', 'regex', regexTest),
  operator('wildcard', 'wildcard', wildcardTest),
  operator('timeOfDay', 'timeOfDay', timeOfDayTest),
  operator('inList', 'watchlist', inList),
  operator('notInList', 'watchlist', negated(inList)),
]

function operator(name: string, value: ValueKind, prepare: Prepare): Operator {
  return { name, value, own: true, prepare }
}

function textTest(test: (fact: string, value: string) => boolean): Prepare {
  return (value) => {
    if (typeof value !== 'string') return () => false
    return (fact) => typeof fact === 'string' && test(fact, value)
  }
}

function exists(value: unknown): Test {
  return (fact) => (fact !== undefined && fact !== null) === value
}

/** The list itself stands where its name did; of a list that nobody has, nothing is in. */
function inList(value: unknown): Test {
  return isWatchlist(value) ? value : () => false
}
