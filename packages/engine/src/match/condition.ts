import { isObject, type JsonValue } from '@weir/model'
import type { Watchlist } from '../rule/watchlist.ts'
import type { Bound } from './bind.ts'

/** A json-rules-engine condition told apart as the library tells it apart: `any` before `all` before `not`. */
export type Condition =
  /** Conditions of equal `priority`, as text, are evaluated together. */
  | { readonly kind: 'all' | 'any'; readonly inner: readonly Condition[]; readonly priority: string }
  | { readonly kind: 'not'; readonly inner: Condition; readonly priority: string }
  | Leaf
  /** Only the library knows: what no condition of ours looks like, or what it would refuse. */
  | { readonly kind: 'other'; readonly priority: string }

export interface Leaf {
  readonly kind: 'leaf'
  readonly fact: string
  readonly path: string | undefined
  readonly operator: string
  /** A literal, or a watchlist. */
  readonly value: JsonValue | Watchlist
  /** True when the value names another fact. */
  readonly valueIsFact: boolean
  readonly priority: string
}

type Named = Bound['named']

/**
 * Reads a rule's conditions, with the named ones where their names stand. `params` are not read: they are for facts
 * that are computed, and an event's are given.
 */
export function conditionOf({ conditions, named }: Bound): Condition {
  return conditionIn(conditions, named)
}

function conditionIn(json: unknown, named: Named): Condition {
  if (typeof json !== 'object' || json === null) return other
  if (Object.hasOwn(json, 'condition')) return namedCondition(json as Record<string, unknown>, named)
  const { any, all, not, priority } = json as Record<string, unknown>
  const compound = String(Number.parseInt(String(priority), 10) || 1)
  if (any !== undefined) return listed('any', any, compound, named)
  if (all !== undefined) return listed('all', all, compound, named)
  if (not !== undefined) return { kind: 'not', inner: conditionIn(not, named), priority: compound }
  return leafOf(json as Record<string, JsonValue>)
}

const other: Condition = { kind: 'other', priority: '1' }

/** Its priority is that of the place where it is named. Beside `all` and its like, at the top, a name counts for nothing. */
function namedCondition(json: Record<string, unknown>, named: Named): Condition {
  const { condition: name, any, all, not, priority } = json
  const condition = named.get(name as string)
  if (condition === undefined || any !== undefined || all !== undefined || not !== undefined) return other
  return { ...conditionIn(condition, named), priority: String(priority || 1) }
}

function listed(kind: 'all' | 'any', inner: unknown, priority: string, named: Named): Condition {
  if (!Array.isArray(inner)) return other
  return { kind, inner: inner.map((each) => conditionIn(each, named)), priority }
}

function leafOf(json: Record<string, JsonValue>): Condition {
  const { fact, path, operator, value, priority } = json
  if (typeof fact !== 'string' || typeof operator !== 'string' || value === undefined) return other
  if (path !== undefined && typeof path !== 'string') return other
  const valueIsFact = isObject(value) && Object.hasOwn(value, 'fact')
  if (!valueIsFact && holdsObject(value)) return other
  return { kind: 'leaf', fact, path, operator, value, valueIsFact, priority: String(priority || 1) }
}

/** No operator has a use for objects as literals, and the library's copy of one may differ from it (`__proto__`). */
function holdsObject(value: JsonValue): boolean {
  return Array.isArray(value) ? value.some(holdsObject) : isObject(value)
}
