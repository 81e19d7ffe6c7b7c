import type { Correlation, Rule } from '../rule/rule.ts'
import { type Manner, mannerOf } from './manner.ts'
import { sequencesOf } from './ordered.ts'
import { newBlocks } from './packed-rows.ts'
import { PackedTable } from './packed-table.ts'
import type { Table } from './state.ts'
import type { TextHash } from './text-hash.ts'
import { Wakes } from './wakes.ts'

/** The correlations of a rule set, and who feeds whom. */
export interface Tables {
  /** What a correlation rests on stands before it, so that it is told what they judge before its watermark moves. */
  readonly byRule: ReadonlyMap<string, Table>
  /** Correlations over the matches of a rule, by its id. */
  readonly overMatches: ReadonlyMap<string, readonly Table[]>
  /** A correlation's rule with all that it rests on: its watermark is the least of theirs. */
  readonly sources: ReadonlyMap<Table, readonly Rule[]>
}

/** @param hash of texts; without it nothing is packed. */
export function tablesOf(rules: readonly Rule[], hash: TextHash | undefined): Tables {
  const byId = new Map(rules.map((rule) => [rule.id, rule]))
  const byRule = new Map<string, Table>()
  const packedOf = hash === undefined ? () => undefined : packing(hash)
  for (const rule of basesFirst(rules, byId))
    if (rule.correlation !== undefined) byRule.set(rule.id, tableOf(rule, byId, packedOf))
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

function basesFirst(rules: readonly Rule[], byId: ReadonlyMap<string, Rule>): ReadonlySet<Rule> {
  const done = new Set<Rule>()
  const visit = (rule: Rule): void => {
    if (done.has(rule)) return
    for (const base of basesOf(rule, byId)) visit(base)
    done.add(rule)
  }
  for (const rule of rules) visit(rule)
  return done
}

/** The rules that a correlation names; not the rule itself, whose own matches it correlates. */
function basesOf(rule: Rule, byId: ReadonlyMap<string, Rule>): readonly Rule[] {
  const bases = (rule.correlation?.rules ?? []).map((id) => byId.get(id))
  return bases.filter((base) => base !== undefined && base !== rule) as Rule[]
}

type PackedOf = (correlation: Correlation) => PackedTable | undefined

/** What counts matches is packed; at a threshold of one every match is an alert. */
function packing(hash: TextHash): PackedOf {
  const blocks = newBlocks()
  return (correlation) => {
    const threshold = thresholdOf(correlation)
    const counts = correlation.type === 'event_count' || correlation.type === 'value_count'
    if (!counts || threshold <= 1) return undefined
    return new PackedTable(threshold, correlation.timespanMs, hash, blocks)
  }
}

function tableOf(rule: Rule, byId: ReadonlyMap<string, Rule>, packedOf: PackedOf): Table {
  const correlation = rule.correlation as NonNullable<Rule['correlation']>
  const manner = mannerOf(correlation)
  const overEpisodes = basesOf(rule, byId).some((base) => base.correlation !== undefined)
  const waits = overEpisodes && (manner === 'new_terms' || manner === 'absence')
  const aside = waits ? emptyTable(rule, correlation, 'aside') : undefined
  // An episode may move, or become another, so what counts episodes is held whole.
  const packed = manner === 'growing' && !overEpisodes ? packedOf(correlation) : undefined
  return { ...emptyTable(rule, correlation, manner), aside, packed }
}

function emptyTable(rule: Rule, correlation: Correlation, manner: Manner): Table {
  const { type, rules, condition, timespanMs } = correlation
  const joinMs = rule.suppress?.forMs ?? 0
  return {
    rule,
    correlation,
    manner,
    threshold: thresholdOf(correlation),
    sequences: type === 'temporal_ordered' ? sequencesOf(rules, condition.gte ?? rules.length) : [],
    timespanMs,
    joinMs: joinMs === 0 || manner !== 'tumbling' ? joinMs : joinMs + 1,
    consumers: [],
    groups: new Map(),
    members: 0,
    packed: undefined,
    wakes: new Wakes(),
    watermark: Number.NEGATIVE_INFINITY,
    aside: undefined,
  }
}

/** temporal counts rules, and one that is named twice counts once. */
function thresholdOf({ type, rules, condition: { gte = 1 } }: Correlation): number {
  return type === 'temporal' ? Math.min(gte, new Set(rules).size) : gte
}

function restsOn(
  rule: Rule,
  byId: ReadonlyMap<string, Rule>,
  found: Set<Rule> = new Set(),
): ReadonlySet<Rule> {
  if (found.has(rule)) return found
  found.add(rule)
  for (const base of basesOf(rule, byId)) restsOn(base, byId, found)
  return found
}
