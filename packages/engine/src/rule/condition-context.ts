import type { NamedCondition } from './named-condition.ts'
import type { Problems } from './problem.ts'
import type { Vocabulary } from './vocabulary.ts'
import type { Watchlist } from './watchlist.ts'

/** What a condition is checked against: the file's problems, the names known, and the rule's dataset gate. */
export interface ConditionContext extends ConditionNames {
  readonly problems: Problems
  readonly gate: ReadonlySet<string>
}

/** All that conditions can name. */
export interface ConditionNames {
  readonly vocabulary: Vocabulary
  readonly named: ReadonlyMap<string, NamedCondition>
  readonly lists: ReadonlyMap<string, Watchlist>
}
