import type { Problems } from './problem.ts'
import type { Vocabulary } from './vocabulary.ts'

/** What a condition is checked against: the file's problems, the names known, and the rule's dataset gate. */
export interface ConditionContext {
  readonly problems: Problems
  readonly vocabulary: Vocabulary
  readonly gate: ReadonlySet<string>
}
