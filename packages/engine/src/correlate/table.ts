import type { Rule } from '../rule/rule.ts'
import type { Table } from './state.ts'
import { Wakes } from './wakes.ts'

/** The correlations of a rule set, and who feeds whom. */
export interface Tables {
  readonly byRule: ReadonlyMap<string, Table>
  /** Correlations over the matches of a rule, by its id. */
  readonly overMatches: ReadonlyMap<string, readonly Table[]>
  /** A correlation's rule with all that it rests on: its watermark is the least of theirs. */
  readonly sources: ReadonlyMap<Table, readonly Rule[]>
}

export function tablesOf(rules: readonly Rule[]): Tables {
  const byId = new Map(rules.map((rule) => [rule.id, rule]))
  const byRule = new Map<string, Table>()
  for (const rule of rules) if (rule.correlation !== undefined) byRule.set(rule.id, tableOf(rule))
  const overMatches = new Map<string, Table[]>()
  for (const table of byRule.values()) for (const id of new Set(table.correlation.rules)) feed(table, id)
  const sources = new Map([...byRule.values()].map((table) => [table, [...restsOn(table.rule, byId)]]))
  return { byRule, overMatches, sources }

  /** A rule with a correlation of its own gives others its episodes, not its matches. */
  function feed(table: Table, id: string): void {
    const base = byRule.get(id)
    if (base !== undefined && base !== table) base.consumers.push(table)
    else overMatches.set(id, [...(overMatches.get(id) ?? []), table])
  }
}

function tableOf(rule: Rule): Table {
  const correlation = rule.correlation as NonNullable<Rule['correlation']>
  const temporal = correlation.type === 'temporal' || correlation.type === 'temporal_ordered'
  return {
    rule,
    correlation,
    threshold: temporal ? new Set(correlation.rules).size : correlation.condition.gte,
    timespanMs: correlation.timespanMs,
    joinMs: rule.suppress?.forMs ?? 0,
    consumers: [],
    groups: new Map(),
    wakes: new Wakes(),
    watermark: Number.NEGATIVE_INFINITY,
  }
}

function restsOn(
  rule: Rule,
  byId: ReadonlyMap<string, Rule>,
  found: Set<Rule> = new Set(),
): ReadonlySet<Rule> {
  if (found.has(rule)) return found
  found.add(rule)
  for (const id of rule.correlation?.rules ?? []) {
    const base = byId.get(id)
    if (base !== undefined) restsOn(base, byId, found)
  }
  return found
}
