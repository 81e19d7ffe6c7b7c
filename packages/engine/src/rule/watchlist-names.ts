import type { Watchlist } from './watchlist.ts'

/** True for operators whose value is the name of a watchlist, whatever stands before them. */
export function takesList(operator: unknown): boolean {
  return typeof operator === 'string' && /(?:^|:)(?:inList|notInList)$/.test(operator)
}

/** The watchlists that conditions name, by name. */
export function listsIn(
  conditions: unknown,
  lists: ReadonlyMap<string, Watchlist>,
): ReadonlyMap<string, Watchlist> {
  const names = new Set(namesIn(conditions))
  return new Map([...lists].filter(([name]) => names.has(name)))
}

function namesIn(conditions: unknown): readonly string[] {
  if (Array.isArray(conditions)) return conditions.flatMap(namesIn)
  if (typeof conditions !== 'object' || conditions === null) return []
  const { operator, value } = conditions as { operator?: unknown; value?: unknown }
  const own = takesList(operator) ? [value].flat(Number.POSITIVE_INFINITY).filter(isText) : []
  return [...own, ...Object.values(conditions).flatMap(namesIn)]
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}
