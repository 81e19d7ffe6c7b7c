import type { TopLevelCondition } from 'json-rules-engine'
import type { Rule } from '../rule/rule.ts'
import { takesList } from '../rule/watchlist-names.ts'

/** A rule's conditions and those that it names, with the watchlists themselves where their names stand. */
export interface Bound {
  readonly conditions: TopLevelCondition
  readonly named: ReadonlyMap<string, TopLevelCondition>
}

/** A copy of its own: the library writes into the conditions that it is given. */
export function bind({ conditions, named, lists }: Rule): Bound {
  const bound = (each: unknown) => copy(each, lists ?? new Map()) as TopLevelCondition
  return {
    conditions: bound(conditions),
    named: new Map([...(named ?? [])].map(([name, each]) => [name, bound(each)])),
  }
}

type Lists = NonNullable<Rule['lists']>

function copy(json: unknown, lists: Lists): unknown {
  if (Array.isArray(json)) return json.map((each) => copy(each, lists))
  if (typeof json !== 'object' || json === null) return json
  const list = takesList((json as { operator?: unknown }).operator)
  return Object.fromEntries(
    Object.entries(json).map(([key, each]) => [
      key,
      list && key === 'value' ? listed(each, lists) : copy(each, lists),
    ]),
  )
}

function listed(value: unknown, lists: Lists): unknown {
  if (Array.isArray(value)) return value.map((each) => listed(each, lists))
  return typeof value === 'string' ? lists.get(value) : value
}
