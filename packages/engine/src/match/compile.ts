import { type Check, type Compiled, compileLeaf } from './compile-leaf.ts'
import type { Condition } from './condition.ts'
import type { Slots } from './slots.ts'

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
      const sets = areAll(inner) ? prioritySets(inner, condition.inner) : undefined
      if (sets === undefined) return undefined
      return condition.kind === 'all' ? allOf(sets, root) : anyOf(sets)
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

/** Evaluated together, whatever some of them say. */
type PrioritySet = readonly Compiled[]

/**
 * A list's conditions by priority, the highest first: a set that decides spares the next ones. `undefined` where
 * the library's own sorting has no order: priorities that are no numbers, or that are one number in two spellings.
 */
function prioritySets(
  inner: readonly Compiled[],
  conditions: readonly Condition[],
): readonly PrioritySet[] | undefined {
  const sets = Map.groupBy(inner, (_each, index) => conditions[index]!.priority)
  const priorities = [...sets.keys()].map(Number)
  if (sets.size > 1 && (priorities.some(Number.isNaN) || new Set(priorities).size < sets.size))
    return undefined
  return [...sets].sort(([a], [b]) => Number(b) - Number(a)).map(([, set]) => set)
}

function negate(check: Check): Check {
  return () => !check()
}

function allOf(sets: readonly PrioritySet[], root: boolean): Compiled {
  const inner = sets.flat()
  const sum = summed(inner)
  if (!sum.throws) return { ...sum, check: shortAll(byCost(inner)) }
  if (!root) return { ...sum, check: shortAll(sets.map(togetherAll)) }
  const quiet = shortAll(byCost(inner.filter((each) => !each.throws)))
  const strict = shortAll(sets.map((set) => togetherAll(set.filter((each) => each.throws))))
  return { ...sum, check: () => quiet() && strict() }
}

function anyOf(sets: readonly PrioritySet[]): Compiled {
  const inner = sets.flat()
  const sum = summed(inner)
  if (inner.length === 0) return { ...sum, check: () => true }
  return { ...sum, check: shortAny(sum.throws ? sets.map(togetherAny) : byCost(inner)) }
}

function togetherAll(set: PrioritySet): Check {
  return set.some((each) => each.throws) ? strictAll(set.map((each) => each.check)) : shortAll(byCost(set))
}

function togetherAny(set: PrioritySet): Check {
  return set.some((each) => each.throws) ? strictAny(set.map((each) => each.check)) : shortAny(byCost(set))
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
