import type { AlertV1 } from '@weir/contract'
import type { FilterConfig } from './config.ts'

/** True when the alert is for an output with this filter. */
export function passes(alert: AlertV1, filter: FilterConfig | undefined): boolean {
  if (filter === undefined) return true
  const { severity, kind } = alert.weir.alert
  const rule = [alert.rule.id]
  const tags = alert.tags ?? []
  if (filter.severities !== undefined && !filter.severities.includes(severity)) return false
  if (filter.kinds !== undefined && !filter.kinds.includes(kind)) return false
  if (filter.rules !== undefined && !names(filter.rules, rule)) return false
  if (filter.tags !== undefined && !names(filter.tags, tags)) return false
  if (filter.datasets !== undefined && !filter.datasets.some((each) => datasetsOf(alert).includes(each)))
    return false
  return !names(filter.exceptRules ?? [], rule) && !names(filter.exceptTags ?? [], tags)
}

function names(patterns: readonly string[], values: readonly string[]): boolean {
  return patterns.some((pattern) =>
    values.some((value) =>
      pattern.endsWith('*') ? value.startsWith(pattern.slice(0, -1)) : value === pattern,
    ),
  )
}

function datasetsOf({ event, weir }: AlertV1): string[] {
  return [event.dataset, ...weir.alert.events.map(({ dataset }) => dataset)]
}
