import type { Chain } from '../rule/operator.ts'
import { chainOf } from '../rule/operators.ts'
import type { Condition, Leaf } from './condition.ts'
import type { Read, Slots } from './slots.ts'

/** Decides the slots' current event. */
export type Check = () => boolean

export interface Compiled {
  readonly check: Check
  /** An event may make it throw: then its neighbours must be evaluated too, as the library would. */
  readonly throws: boolean
  /** Rough cost, to ask cheap questions first; order is free where nothing throws. */
  readonly cost: number
}

/** A rule's conditions as one closure; `undefined` where only the library will do. */
export function compile(condition: Condition, slots: Slots): Check | undefined {
  return compiled(condition, slots, true)?.check
}

/** At the root a false `all` is a non-match whatever the rest would do, a throw included. */
function compiled(condition: Condition, slots: Slots, root: boolean): Compiled | undefined {
  switch (condition.kind) {
    case 'all':
    case 'any': {
      const inner = condition.inner.map((each) => compiled(each, slots, false))
      if (!areAll(inner) || !samePriority(condition.inner)) return undefined
      return condition.kind === 'all' ? allOf(inner, root) : anyOf(inner)
    }
    case 'not': {
      const inner = compiled(condition.inner, slots, false)
      return inner && { ...inner, check: negate(inner.check) }
    }
    case 'leaf':
      return compileLeaf(condition, slots)
    case 'other':
      return undefined
    default:
      return condition satisfies never
  }
}

function areAll(list: readonly (Compiled | undefined)[]): list is readonly Compiled[] {
  return list.every((each) => each !== undefined)
}

/** Priorities split conditions into sets, and a set that decides spares the next: left to the library. */
function samePriority(conditions: readonly Condition[]): boolean {
  return conditions.every((each) => each.priority === conditions[0]!.priority)
}

function negate(check: Check): Check {
  return () => !check()
}

function allOf(inner: readonly Compiled[], root: boolean): Compiled {
  const sum = summed(inner)
  if (!sum.throws) return { ...sum, check: shortAll(byCost(inner)) }
  const strict = strictAll(inner.filter((each) => each.throws || !root).map((each) => each.check))
  if (!root) return { ...sum, check: strict }
  const quiet = shortAll(byCost(inner.filter((each) => !each.throws)))
  return { ...sum, check: () => quiet() && strict() }
}

function anyOf(inner: readonly Compiled[]): Compiled {
  const sum = summed(inner)
  if (inner.length === 0) return { ...sum, check: () => true }
  if (!sum.throws) return { ...sum, check: shortAny(byCost(inner)) }
  return { ...sum, check: strictAny(inner.map((each) => each.check)) }
}

function summed(inner: readonly Compiled[]): { readonly throws: boolean; readonly cost: number } {
  return {
    throws: inner.some((each) => each.throws),
    cost: inner.reduce((cost, each) => cost + each.cost, 1),
  }
}

function byCost(inner: readonly Compiled[]): readonly Check[] {
  return inner.toSorted((a, b) => a.cost - b.cost).map((each) => each.check)
}

function shortAll(checks: readonly Check[]): Check {
  const [a, b, c] = checks
  if (a === undefined) return () => true
  if (b === undefined) return a
  if (c === undefined) return () => a() && b()
  if (checks.length === 3) return () => a() && b() && c()
  return () => checks.every((check) => check())
}

function shortAny(checks: readonly Check[]): Check {
  const [a, b, c] = checks
  if (a !== undefined && b === undefined) return a
  if (a !== undefined && b !== undefined && c === undefined) return () => a() || b()
  return () => checks.some((check) => check())
}

function strictAll(checks: readonly Check[]): Check {
  return () => {
    let met = true
    for (const check of checks) if (!check()) met = false
    return met
  }
}

function strictAny(checks: readonly Check[]): Check {
  return () => {
    let met = false
    for (const check of checks) if (check()) met = true
    return met
  }
}

/** One test; `undefined` where only the library will do. */
export function compileLeaf(condition: Leaf, slots: Slots): Compiled | undefined {
  const chain = chainOf(condition.operator)
  const read = slots.readOf(condition.fact, condition.path)?.read
  if ('unknown' in chain || read === undefined || condition.hasParams) return undefined
  if (condition.valueIsFact) return compared(condition, chain, read, slots)
  const test = chain.prepare(condition.value)
  const cost = COSTS[chain.operator.value]
  return { check: () => test(read()), throws: mayThrow(chain, condition.value), cost }
}

const COSTS: Readonly<Record<Chain['operator']['value'], number>> = {
  boolean: 1,
  scalar: 1,
  ordered: 1,
  list: 2,
  text: 3,
  wildcard: 5,
  networks: 10,
  timeOfDay: 10,
  regex: 30,
}

function compared(condition: Leaf, chain: Chain, read: Read, slots: Slots): Compiled | undefined {
  const { fact, path, params } = condition.value as { fact: unknown; path?: unknown; params?: unknown }
  if (typeof fact !== 'string' || (path !== undefined && typeof path !== 'string') || params !== undefined)
    return undefined
  const other = slots.readOf(fact, path)?.read
  return (
    other && { check: () => chain.prepare(other())(read()), throws: mayThrow(chain, undefined), cost: 10 }
  )
}

/**
 * True where some event could make the library's operator throw: an object without a text form is compared
 * by order, or a value that only the event brings (then there is no literal) is asked for what it may not have.
 */
function mayThrow({ decorators, operator }: Chain, literal: unknown): boolean {
  const known = decorators.some((each) => each.name === 'swap') ? undefined : literal
  const plain = known !== undefined && decorators.some((each) => each.sees !== undefined)
  if (operator.value === 'ordered') return !plain
  const spreads = decorators.filter((each) => each.name === 'someValue' || each.name === 'everyValue').length
  const lists = spreads + (operator.value === 'list' ? 1 : 0)
  return lists > 1 || (lists === 1 && !Array.isArray(known))
}
