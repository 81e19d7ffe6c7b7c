import { isObject, type JsonValue } from '@weir/model'

/** A json-rules-engine condition told apart as the library tells it apart: `any` before `all` before `not`. */
export type Condition =
  /** Conditions of equal `priority`, as text, are evaluated together. */
  | { readonly kind: 'all' | 'any'; readonly inner: readonly Condition[]; readonly priority: string }
  | { readonly kind: 'not'; readonly inner: Condition; readonly priority: string }
  | Leaf
  /** Only the library knows: a named condition, or what it would refuse. */
  | { readonly kind: 'other'; readonly priority: string }

export interface Leaf {
  readonly kind: 'leaf'
  readonly fact: string
  readonly path: string | undefined
  readonly operator: string
  readonly value: JsonValue
  /** True when the value names another fact. */
  readonly valueIsFact: boolean
  readonly priority: string
}

/** Reads a condition. `params` are not read: they are for facts that are computed, and an event's are given. */
export function conditionOf(json: unknown): Condition {
  if (typeof json !== 'object' || json === null || Object.hasOwn(json, 'condition')) return other
  const { any, all, not, priority } = json as Record<string, unknown>
  const compound = String(Number.parseInt(String(priority), 10) || 1)
  if (any !== undefined) return listed('any', any, compound)
  if (all !== undefined) return listed('all', all, compound)
  if (not !== undefined) return { kind: 'not', inner: conditionOf(not), priority: compound }
  return leafOf(json as Record<string, JsonValue>)
}

const other: Condition = { kind: 'other', priority: '1' }

function listed(kind: 'all' | 'any', inner: unknown, priority: string): Condition {
  return Array.isArray(inner) ? { kind, inner: inner.map(conditionOf), priority } : other
}

function leafOf(json: Record<string, JsonValue>): Condition {
  const { fact, path, operator, value, priority } = json
  if (typeof fact !== 'string' || typeof operator !== 'string' || value === undefined) return other
  if (path !== undefined && typeof path !== 'string') return other
  const valueIsFact = isObject(value) && Object.hasOwn(value, 'fact')
  if (!valueIsFact && holdsObject(value)) return other
  return {
    kind: 'leaf',
    fact,
    path,
    operator,
    value,
    valueIsFact,
    priority: String(priority || 1),
  }
}

/** No operator has a use for objects as literals, and the library's copy of one may differ from it (`__proto__`). */
function holdsObject(value: JsonValue): boolean {
  return Array.isArray(value) ? value.some(holdsObject) : isObject(value)
}
