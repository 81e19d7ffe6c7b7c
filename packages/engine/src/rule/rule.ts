import type { JsonValue, Severity } from '@weir/model'
import type { TopLevelCondition } from 'json-rules-engine'
import type { Watchlist } from './watchlist.ts'

/** One rule as it was checked at load; every default is filled in. */
export interface Rule {
  readonly id: string
  readonly name: string
  readonly description?: string
  readonly severity: Severity
  /** MITRE ATT&CK techniques: `T1110.003`. */
  readonly attack: readonly string[]
  readonly tags: readonly string[]
  /** The rule's own gate; for a pure correlation the union of its base rules'. Empty means every dataset. */
  readonly datasets: ReadonlySet<string>
  /** json-rules-engine's own, unchanged; absent on a pure correlation. */
  readonly conditions?: TopLevelCondition
  /** The named conditions that `conditions` refer to, directly or through another. */
  readonly named?: ReadonlyMap<string, TopLevelCondition>
  /** The watchlists that these name; never part of `hash`. */
  readonly lists?: ReadonlyMap<string, Watchlist>
  readonly correlation?: Correlation
  /** Longest gap of event time across which episodes of a group join, milliseconds. */
  readonly suppress?: { readonly by?: readonly string[]; readonly forMs: number }
  /** False: a base rule that only feeds correlations. */
  readonly alert: boolean
  /** `shadow`: runs and counts, ships nothing. */
  readonly mode: 'live' | 'shadow'
  /** `params.message` is a template over the finding and its fields. */
  readonly event: RuleEvent
  readonly falsePositives: readonly string[]
  readonly runbook?: string
  readonly references: readonly string[]
  /** SHA-256 of what the rule detects (conditions, named ones among them, datasets, correlation, suppress, base rules' hashes), never of its words. */
  readonly hash: string
  /**
   * ECS fields that its matches must carry: group-by (its own and that of every correlation over it, aliases
   * resolved), value fields, `suppress.by`, and fields in message templates; sorted.
   */
  readonly fields: readonly string[]
  /** Path of the file that it was read from. */
  readonly file: string
}

export interface RuleEvent {
  readonly type: string
  readonly params: Readonly<Record<string, JsonValue>>
}

/** Those of the Sigma correlation specification. */
export const SIGMA_CORRELATION_TYPES = [
  'event_count',
  'value_count',
  'temporal',
  'temporal_ordered',
  'value_sum',
  'value_avg',
  'value_percentile',
] as const

export const CORRELATION_TYPES = [...SIGMA_CORRELATION_TYPES, 'new_terms', 'absence'] as const

export type CorrelationType = (typeof CORRELATION_TYPES)[number]

/** What must hold of the number that a window gives; several bounds hold together. */
export interface Bounds {
  readonly gt?: number
  readonly gte?: number
  readonly lt?: number
  readonly lte?: number
  readonly eq?: number
  readonly neq?: number
}

/** Of counts, `gt` is normalized to `gte`; a temporal type that asks for all of its rules has their number there. */
export interface Condition extends Bounds {
  /** What the value types look at; of several fields value_count and new_terms take the combination. */
  readonly field?: string | readonly string[]
  /** Of value_percentile, 0 to 100. */
  readonly percentile?: number
}

/** A correlation in the words of the Sigma correlation specification, and two types of our own. */
export interface Correlation {
  readonly type: CorrelationType
  /** Ids of the rules whose matches it correlates; its own id for a rule with both conditions and correlation. */
  readonly rules: readonly string[]
  readonly groupBy: readonly string[]
  readonly timespanMs: number
  readonly condition: Condition
  /** new_terms: how long it only learns, counted from the first event time that it sees, milliseconds. */
  readonly learnMs?: number
  /** Alias, then rule id, then the field that stands for the alias in that rule's matches. */
  readonly aliases: Readonly<Record<string, Readonly<Record<string, string>>>>
}
