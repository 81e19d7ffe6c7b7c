import { Refused } from './refusal.ts'
import { type Pattern, patternOf } from './sigma-string.ts'

export type TextOperator = 'equal' | 'startsWith' | 'endsWith' | 'containsText'
export type OrderOperator = 'lessThan' | 'lessThanInclusive' | 'greaterThan' | 'greaterThanInclusive'
export type TimePart = 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year'

/** One value of a detection item, as its modifiers left it. */
export type SigmaValue =
  /** `raw` is the text as written, until a modifier has changed it: a regular expression needs it. */
  | { readonly kind: 'text'; readonly pattern: Pattern; readonly raw?: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'scalar'; readonly scalar: number | boolean }
  | { readonly kind: 'null' }
  | { readonly kind: 'regex'; readonly source: string; readonly flags: string }
  | { readonly kind: 'network'; readonly network: string }
  | { readonly kind: 'ordered'; readonly operator: OrderOperator; readonly limit: number }
  | { readonly kind: 'field'; readonly field: string; readonly operator: TextOperator }
  | { readonly kind: 'presence'; readonly there: boolean }

/** A field and what is asked of it: alternatives for each value as written, joined by any or all. */
export interface Item {
  /** `undefined` for keywords. */
  readonly field?: string
  readonly values: readonly (readonly SigmaValue[])[]
  readonly link: 'any' | 'all'
  readonly cased: boolean
  readonly negated: boolean
  /** A modifier said where in the text the value stands. */
  readonly anchored: boolean
  readonly part?: TimePart
}

/** An item before its modifiers; `written` is the value as YAML gave it. */
export function itemOf(field: string | undefined, written: unknown): Item {
  const list = Array.isArray(written) ? written : [written]
  if (list.length === 0) throw new Refused('detection', `${nameOf(field)} has an empty list of values`)
  if (list.length > 1 && list.includes(null))
    throw new Refused('detection', `${nameOf(field)} has null in a list: give it a selection of its own`)
  return {
    ...(field !== undefined && { field }),
    values: list.map((value) => [readValue(field, value)]),
    link: 'any',
    cased: false,
    negated: false,
    anchored: false,
  }
}

export function nameOf(field: string | undefined): string {
  return field === undefined ? 'a keyword' : `"${field}"`
}

function readValue(field: string | undefined, value: unknown): SigmaValue {
  if (typeof value === 'string') return { kind: 'text', pattern: patternOf(value), raw: value }
  if (typeof value === 'number' || typeof value === 'boolean') return { kind: 'scalar', scalar: value }
  if (value === null) return { kind: 'null' }
  throw new Refused('detection', `${nameOf(field)} holds a map or list where a single value belongs`)
}
