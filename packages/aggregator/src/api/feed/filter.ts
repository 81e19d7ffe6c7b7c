import type { FeedEntry } from '@weir/model'
import type { FeedFilter } from '../context.ts'

/** True when the alert of an entry is to cross to a forwarder with this filter. */
export function passes(
  entry: Pick<FeedEntry, 'rule' | 'kind' | 'severity'>,
  filter: FeedFilter | undefined,
): boolean {
  if (filter === undefined) return true
  if (filter.severities !== undefined && !filter.severities.includes(entry.severity)) return false
  if (filter.kinds !== undefined && !filter.kinds.includes(entry.kind)) return false
  if (filter.rules !== undefined && !names(filter.rules, entry.rule)) return false
  return !names(filter.exceptRules ?? [], entry.rule)
}

function names(patterns: readonly string[], rule: string): boolean {
  return patterns.some((each) => (each.endsWith('*') ? rule.startsWith(each.slice(0, -1)) : rule === each))
}
