import { textsWithin } from './any-text.ts'
import { negated } from './library-operators.ts'
import type { Conversion, Decorator, Prepare, Sight, Test } from './operator.ts'
import { partOf, TIME_PARTS } from './time-part.ts'
import { isWatchlist } from './watchlist.ts'

const TEXT: Sight = { what: 'a text', has: (literal) => typeof literal === 'string' }
const NUMBER: Sight = { what: 'a number', has: (literal) => typeof literal === 'number' }

export const LIBRARY_DECORATORS: readonly Decorator[] = [
  { name: 'someFact', own: false, prepare: overFacts(someOf) },
  { name: 'everyFact', own: false, prepare: overFacts(everyOf) },
  { name: 'someValue', own: false, prepare: overValues(someOf) },
  { name: 'everyValue', own: false, prepare: overValues(everyOf) },
  { name: 'swap', own: false, prepare: (next) => (value) => (fact) => next(fact)(value) },
  { name: 'not', own: false, prepare: negated },
]

export const OWN_DECORATORS: readonly Decorator[] = [
  converting('fold', { fact: foldCase, value: foldCase }),
  converting('number', { fact: each(numberOf), value: each((value) => numberOf(value) ?? value) }, NUMBER),
  converting('text', { fact: each(scalarText), value: each(scalarText) }),
  { name: 'anyText', own: true, prepare: overTexts, sees: TEXT },
  ...TIME_PARTS.map((part) => {
    const { name, min, max } = part
    const what = `a whole number from ${min} to ${max}`
    const has = (literal: unknown) =>
      Number.isInteger(literal) && Number(literal) >= min && Number(literal) <= max
    return converting(
      name,
      { fact: each((fact) => partOf(part, fact)), value: (value) => value },
      { what, has },
    )
  }),
]

/** Strings, the strings of a list, and a watchlist, in lower case; anything else as it is. */
function foldCase(value: unknown): unknown {
  if (typeof value === 'string') return value.toLowerCase()
  if (isWatchlist(value)) return value.folded()
  return Array.isArray(value)
    ? value.map((item) => (typeof item === 'string' ? item.toLowerCase() : item))
    : value
}

function converting(name: string, converts: Conversion, sees?: Sight): Decorator {
  const prepare: Decorator['prepare'] = (next) => (value) => {
    const test = next(converts.value(value))
    return (fact) => test(converts.fact(fact))
  }
  return { name, own: true, prepare, converts, ...(sees && { sees }) }
}

function each(convert: (value: unknown) => unknown): (value: unknown) => unknown {
  return (value) => (Array.isArray(value) ? value.map(convert) : convert(value))
}

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i

/** A number, or the number that a text is as a whole. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  return typeof value === 'string' && DECIMAL.test(value) ? Number(value) : undefined
}

function scalarText(value: unknown): unknown {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value
}

function overTexts(next: Prepare): Prepare {
  return (value) => {
    const test = next(value)
    return (fact) => textsWithin(fact).some(test)
  }
}

function someOf(list: unknown, test: (item: unknown) => boolean): boolean {
  return (list as unknown[]).some(test)
}

function everyOf(list: unknown, test: (item: unknown) => boolean): boolean {
  return (list as unknown[]).every(test)
}

/** `someValue` and `everyValue` prepare each value once; what is no list throws at the event, as in the library. */
function overValues(over: typeof someOf): Decorator['prepare'] {
  return (next) => (value) => {
    if (!Array.isArray(value)) return (fact) => over(value, (item) => next(item)(fact))
    const tests = value.map((item) => next(item))
    return (fact) => over(tests, (test) => (test as Test)(fact))
  }
}

function overFacts(over: typeof someOf): Decorator['prepare'] {
  return (next) => (value) => {
    const test = next(value)
    return (fact) => Array.isArray(fact) && over(fact, test)
  }
}
