import type { TopLevelCondition } from 'json-rules-engine'
import type { Problems } from './problem.ts'
import type { Placed } from './read-tree.ts'
import type { Bounds, CorrelationType, Rule } from './rule.ts'

/** A rule as its own file tells it, before it is linked with the others. */
export interface Draft {
  readonly problems: Problems
  /** Offset of the id, or of the file's first character for a bare rule. */
  readonly at: number
  readonly words: RuleWords
  /** The file's own dataset gate. */
  readonly gate: ReadonlySet<string>
  readonly conditions?: TopLevelCondition
  readonly named?: Rule['named']
  readonly lists?: Rule['lists']
  readonly correlation?: DraftCorrelation
  readonly suppress?: Rule['suppress']
  /** Fields named by `suppress.by` and by templates, and where. */
  readonly suppressBy: readonly Placed[]
  readonly templateFields: readonly Placed[]
}

/** All that is said about a rule and does not change what it detects. */
export type RuleWords = Pick<
  Rule,
  | 'id'
  | 'name'
  | 'description'
  | 'severity'
  | 'attack'
  | 'tags'
  | 'alert'
  | 'mode'
  | 'event'
  | 'falsePositives'
  | 'runbook'
  | 'references'
  | 'file'
>

/** A condition whose fields are not looked up yet. */
export interface DraftCondition extends Bounds {
  readonly fields: readonly Placed[]
  readonly percentile?: number
}

export interface DraftCorrelation {
  readonly at: number
  readonly type: CorrelationType
  /** Empty when the rule correlates its own matches. */
  readonly rules: readonly Placed[]
  readonly groupBy: readonly Placed[]
  readonly timespanMs: number
  readonly condition: DraftCondition
  readonly learnMs?: number
  /** Alias, then rule id, then field. */
  readonly aliases: ReadonlyMap<string, ReadonlyMap<string, Placed>>
}
