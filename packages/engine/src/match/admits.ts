import type { Dataset } from '@weir/model'
import type { Rule } from '../rule/rule.ts'

/** The dataset gate: an empty one is open. */
export function admits(rule: Rule, dataset: Dataset): boolean {
  return rule.datasets.size === 0 || rule.datasets.has(dataset.name)
}
