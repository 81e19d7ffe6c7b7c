import type { FieldValue, Match } from '@weir/model'
import type { Correlation } from '../rule/rule.ts'

/** Where a match belongs: the group's key, and its values by their names in `group-by`. */
export interface GroupKey {
  readonly key: string
  readonly values: Readonly<Record<string, unknown>>
}

/**
 * The group of a match; `undefined` when it lacks a group-by field. Null, and a list of nothing, are lacking: all
 * records without a value would otherwise meet in one group. Any other list is one key.
 */
export function groupOf(
  correlation: Correlation,
  match: Pick<Match, 'rule' | 'fields'>,
): GroupKey | undefined {
  const values: Record<string, unknown> = {}
  const parts: unknown[] = []
  for (const name of correlation.groupBy) {
    const value = read(correlation, match, name)
    if (isLacking(value)) return undefined
    values[name] = value
    parts.push(value)
  }
  return { key: JSON.stringify(parts), values }
}

/** The values of a group by its key. */
export function valuesOf({ groupBy }: Correlation, key: string): GroupKey['values'] {
  const values = JSON.parse(key) as unknown[]
  return Object.fromEntries(groupBy.map((name, i) => [name, values[i]]))
}

/** What the correlation counts of a match: its subject, its value, or the rule that it met; `undefined` when lacking. */
export function countedOf(correlation: Correlation, match: Match): string | undefined {
  switch (correlation.type) {
    case 'event_count':
      return match.subject
    case 'value_count':
    case 'new_terms':
      return combinationOf(correlation, match)
    case 'value_sum':
    case 'value_avg':
    case 'value_percentile':
      return numberOf(correlation, match)
    case 'temporal':
    case 'temporal_ordered':
    case 'absence':
      return match.rule
    default:
      return correlation.type satisfies never
  }
}

/** One field's value, or the combination of several; lacking one is lacking all. */
function combinationOf(correlation: Correlation, match: Match): string | undefined {
  const { field = [] } = correlation.condition
  const values = [field].flat().map((name) => read(correlation, match, name))
  if (values.length === 0 || values.some(isLacking)) return undefined
  return JSON.stringify(typeof field === 'string' ? values[0] : values)
}

/** Digits, and what may stand around them in a number. */
const NUMERIC = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/** A number, or text that is wholly one, as `Number` reads it back. */
function numberOf(correlation: Correlation, match: Match): string | undefined {
  const { field } = correlation.condition
  const value = typeof field === 'string' ? read(correlation, match, field) : undefined
  const isNumber = typeof value === 'number' || (typeof value === 'string' && NUMERIC.test(value))
  return isNumber && Number.isFinite(Number(value)) ? String(Number(value)) : undefined
}

/** An alias stands for a field of its own in each rule. */
function read(correlation: Correlation, match: Pick<Match, 'rule' | 'fields'>, name: string): FieldValue {
  return match.fields[correlation.aliases[name]?.[match.rule] ?? name]
}

export function isLacking(value: FieldValue): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0)
}
