import type { JsonValue, Severity } from '@weir/model'
import type { TopLevelCondition } from 'json-rules-engine'

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
  /** SHA-256 of what the rule detects (conditions, datasets, correlation, suppress, base rules' hashes), never of its words. */
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

export type CorrelationType = 'event_count' | 'value_count' | 'temporal' | 'temporal_ordered'

export const CORRELATION_TYPES: readonly CorrelationType[] = [
  'event_count',
  'value_count',
  'temporal',
  'temporal_ordered',
]

/** A growing correlation in the words of the Sigma correlation specification. */
export interface Correlation {
  readonly type: CorrelationType
  /** Ids of the rules whose matches it correlates; its own id for a rule with both conditions and correlation. */
  readonly rules: readonly string[]
  readonly groupBy: readonly string[]
  readonly timespanMs: number
  /** `gt` is normalized to `gte`; for the temporal types `gte` is the number of rules. */
  readonly condition: { readonly field?: string; readonly gte: number }
  /** Alias, then rule id, then the field that stands for the alias in that rule's matches. */
  readonly aliases: Readonly<Record<string, Readonly<Record<string, string>>>>
}
