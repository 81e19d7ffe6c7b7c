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

/** What the correlation counts of a match: its subject, its value, or the rule that it met; `undefined` when lacking. */
export function countedOf(correlation: Correlation, match: Match): string | undefined {
  switch (correlation.type) {
    case 'event_count':
      return match.subject
    case 'value_count':
      return counted(correlation, match)
    case 'temporal':
    case 'temporal_ordered':
      return match.rule
    default:
      return correlation.type satisfies never
  }
}

function counted(correlation: Correlation, match: Match): string | undefined {
  const { field } = correlation.condition
  const value = field === undefined ? undefined : read(correlation, match, field)
  return isLacking(value) ? undefined : JSON.stringify(value)
}

/** An alias stands for a field of its own in each rule. */
function read(correlation: Correlation, match: Pick<Match, 'rule' | 'fields'>, name: string): FieldValue {
  return match.fields[correlation.aliases[name]?.[match.rule] ?? name]
}

function isLacking(value: FieldValue): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0)
}
