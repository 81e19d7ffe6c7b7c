import { problemLine } from '@weir/aggregator'
import type { RuleSet } from '@weir/engine'
import { WeirError } from '@weir/runtime'
import type { Output } from './output.ts'

/** Says what is wrong with a rule set; throws `WeirError` RULES_REFUSED when an error is among it. */
export function refuseErrors(rules: RuleSet, output: Output): void {
  for (const problem of rules.problems) output.note(problemLine(problem))
  const errors = rules.problems.filter((problem) => problem.severity === 'error').length
  if (errors > 0)
    throw new WeirError(
      'RULES_REFUSED',
      `${errors} error(s) in the rules; run "weir rules check" to see them alone`,
    )
}

/** A check of nothing must not pass: throws `WeirError` INPUT_UNREADABLE where the folders hold no rules. */
export function refuseNone({ rules, problems }: RuleSet, dirs: readonly string[]): void {
  if (rules.length === 0 && problems.length === 0)
    throw new WeirError('INPUT_UNREADABLE', `no rules in ${dirs.join(', ')}: a rule is a .json file`)
}
