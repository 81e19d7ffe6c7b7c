import { chainOf } from '../rule/operators.ts'
import type { Condition, Leaf } from './condition.ts'

/**
 * The tests that every match has met and that no event without a value there can meet. `exists` is not among them:
 * to it the absence of a value is an answer.
 */
export function requiredLeaves(condition: Condition): readonly Leaf[] {
  if (condition.kind === 'all') return condition.inner.flatMap(requiredLeaves)
  return condition.kind === 'leaf' && needsValue(condition) ? [condition] : []
}

/** What is left of conditions without some of the tests that `requiredLeaves` names. */
export function withoutLeaves(condition: Condition, leaves: ReadonlySet<Leaf>): Condition {
  const { kind, priority } = condition
  if (kind === 'leaf' && leaves.has(condition)) return { kind: 'all', inner: [], priority }
  if (kind !== 'all') return condition
  return { kind, inner: condition.inner.map((each) => withoutLeaves(each, leaves)), priority }
}

function needsValue({ operator, value, valueIsFact }: Leaf): boolean {
  const chain = chainOf(operator)
  if (valueIsFact || 'unknown' in chain || chain.operator.name === 'exists') return false
  try {
    const test = chain.prepare(value)
    return NOTHING.every((nothing) => !test(nothing))
  } catch {
    return false
  }
}

/** What stands where an event holds nothing. */
const NOTHING: readonly unknown[] = [undefined, null, []]
