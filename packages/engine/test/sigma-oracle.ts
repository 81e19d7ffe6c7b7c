import type { JsonObject } from '@weir/model'

/** One field and what is asked of it, as the generator made it and YAML writes it. */
export interface OracleItem {
  readonly field: string
  readonly modifiers: readonly string[]
  readonly values: readonly (string | number | boolean | null)[]
}

export type OracleCondition =
  | { readonly kind: 'search'; readonly name: string }
  | { readonly kind: 'of'; readonly every: boolean; readonly prefix: string }
  | { readonly kind: 'not'; readonly inner: OracleCondition }
  | { readonly kind: 'and' | 'or'; readonly inner: readonly OracleCondition[] }

/** Search identifiers: each a list of maps, joined by or; the items of a map by and. */
export type OracleSearches = Readonly<Record<string, readonly (readonly OracleItem[])[]>>

/**
 * Sigma by the words of its specification, plain and slow, over flat records of scalars: what the importer's
 * conditions are held against. It shares no code with it.
 */
export function holds(condition: OracleCondition, searches: OracleSearches, record: JsonObject): boolean {
  switch (condition.kind) {
    case 'search':
      return searches[condition.name]!.some((map) => map.every((item) => itemHolds(item, record)))
    case 'of': {
      const names = Object.keys(searches).filter((name) => name.startsWith(condition.prefix))
      const each = (name: string) => holds({ kind: 'search', name }, searches, record)
      return condition.every ? names.every(each) : names.some(each)
    }
    case 'not':
      return !holds(condition.inner, searches, record)
    case 'and':
      return condition.inner.every((inner) => holds(inner, searches, record))
    case 'or':
      return condition.inner.some((inner) => holds(inner, searches, record))
    default:
      return condition satisfies never
  }
}

function itemHolds({ field, modifiers, values }: OracleItem, record: JsonObject): boolean {
  const met = values.map((value) => valueHolds(value, modifiers, record[field]))
  const found = modifiers.includes('all') ? met.every(Boolean) : met.some(Boolean)
  return modifiers.includes('neq') ? !found : found
}

function valueHolds(
  value: OracleItem['values'][number],
  modifiers: readonly string[],
  held: unknown,
): boolean {
  if (modifiers.includes('exists')) return (held !== undefined) === value
  if (value === null) return held === undefined || held === null
  if (held === undefined || held === null) return false
  if (modifiers.includes('gt')) return numberIn(held) > Number(value)
  if (modifiers.includes('lte')) return numberIn(held) <= Number(value)
  const flags = modifiers.includes('cased') ? 'su' : 'isu'
  const [before, after] = [anywhereBefore(modifiers) ? '.*' : '', anywhereAfter(modifiers) ? '.*' : '']
  return new RegExp(`^${before}${expressionOf(String(value))}${after}$`, flags).test(String(held))
}

/** No number is greater or less than one that is none. */
function numberIn(held: unknown): number {
  if (typeof held === 'string' && !/^-?(\d+\.?\d*|\.\d+)$/.test(held)) return Number.NaN
  return typeof held === 'boolean' ? Number.NaN : Number(held)
}

function anywhereBefore(modifiers: readonly string[]): boolean {
  return modifiers.includes('contains') || modifiers.includes('endswith')
}

function anywhereAfter(modifiers: readonly string[]): boolean {
  return modifiers.includes('contains') || modifiers.includes('startswith')
}

/** A Sigma string as a regular expression: backslashes first, as the specification lists their cases. */
function expressionOf(text: string): string {
  const parts = text.match(/\\[\\*?]|[\s\S]/g) ?? []
  return parts.map((part) => (part === '*' ? '.*' : part === '?' ? '.' : literal(part))).join('')
}

function literal(part: string): string {
  return part.slice(part.length - 1).replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}
