import { type Event, type FieldValue, type Match, positionOf } from '@weir/model'
import { countedOf, groupOf, isLacking } from '../correlate/key.ts'
import { factOf } from '../match/facts.ts'
import type { Correlation, Rule } from '../rule/rule.ts'

/** What a correlation takes of one match. */
export interface ExplainedCorrelation {
  readonly type: Correlation['type']
  readonly timespanMs: number
  /** The rule whose match it is. */
  readonly of: string
  /** False: it lacks a field, so it is skipped and counted as skipped. */
  readonly taken: boolean
  readonly keys: readonly ExplainedKey[]
}

export interface ExplainedKey {
  readonly use: 'group-by' | 'field'
  /** As the correlation names it. */
  readonly name: string
  /** The field that it stands for in this rule; another than `name` for an alias. */
  readonly field: string
  /** Absent where the event has none, or nothing but an empty list. */
  readonly value?: FieldValue
}

/** What `over`'s correlation would see of a match of `base` with this event. */
export function keysOf(over: Rule, base: Rule, event: Event): ExplainedCorrelation {
  const correlation = over.correlation!
  const names = [
    ...correlation.groupBy.map((name) => ({ use: 'group-by' as const, name })),
    ...[correlation.condition.field ?? []].flat().map((name) => ({ use: 'field' as const, name })),
  ]
  const keys = names.map(({ use, name }) => {
    const field = correlation.aliases[name]?.[base.id] ?? name
    const value = factOf(event, field) as FieldValue
    return { use, name, field, ...(!isLacking(value) && { value }) }
  })
  const fields = Object.fromEntries(keys.map(({ field, value }) => [field, value]))
  const { type, timespanMs } = correlation
  return { type, timespanMs, of: base.id, taken: isTaken(correlation, matchOf(base, event, fields)), keys }
}

function isTaken(correlation: Correlation, match: Match): boolean {
  return groupOf(correlation, match) !== undefined && countedOf(correlation, match) !== undefined
}

/** As much of a match as correlation looks at to tell its group; who it is does not matter here. */
function matchOf(rule: Rule, event: Event, fields: Match['fields']): Match {
  return {
    rule: rule.id,
    ruleHash: rule.hash,
    identity: '',
    subject: '',
    eventId: '',
    dataset: event.dataset.name,
    time: event.time,
    lateMs: 0,
    position: positionOf(event),
    fields,
  }
}
