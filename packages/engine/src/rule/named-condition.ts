import type { TopLevelCondition } from 'json-rules-engine'
import type { Node } from './json-tree.ts'
import type { Problems } from './problem.ts'

/** A condition that rules refer to by name. */
export interface NamedCondition {
  readonly node: Node
  /** Of the file that it stands in. */
  readonly problems: Problems
  readonly conditions: TopLevelCondition
}
