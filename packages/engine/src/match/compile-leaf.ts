import type { Chain } from '../rule/operator.ts'
import { chainOf } from '../rule/operators.ts'
import type { Leaf } from './condition.ts'
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

/** One test; `undefined` where only the library will do. */
export function compileLeaf(condition: Leaf, slots: Slots): Compiled | undefined {
  const chain = chainOf(condition.operator)
  const read = slots.readOf(condition.fact, condition.path)?.read
  if ('unknown' in chain || read === undefined) return undefined
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
  watchlist: 5,
  text: 3,
  wildcard: 5,
  networks: 10,
  timeOfDay: 10,
  regex: 30,
}

function compared(condition: Leaf, chain: Chain, read: Read, slots: Slots): Compiled | undefined {
  const { fact, path } = condition.value as { fact: unknown; path?: unknown }
  if (typeof fact !== 'string' || (path !== undefined && typeof path !== 'string')) return undefined
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
  const spreads = decorators.filter((each) => each.name === 'someValue' || each.name === 'everyValue').length
  const lists = spreads + (operator.value === 'list' ? 1 : 0)
  if (lists > 1 || (lists === 1 && !Array.isArray(known))) return true
  const plain = known !== undefined && decorators.some((each) => each.sees !== undefined)
  return operator.value === 'ordered' && !plain
}
