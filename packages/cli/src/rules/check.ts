import { loadRuleFolders, problemLine } from '@weir/aggregator'
import { type CostClass, costClasses, type Problem, type Rule, type RuleSet } from '@weir/engine'
import { DATASETS } from '@weir/normalize'
import { EXIT } from '../exit.ts'
import type { Output } from '../output.ts'
import { refuseNone } from '../rule-problems.ts'

interface CheckOptions {
  readonly strict?: boolean
  readonly json?: boolean
}

/** A rule without conditions of its own costs nothing per event. */
type Costs = ReadonlyMap<string, CostClass>

/** Says what is wrong with the rules of some folders, and what the others cost. */
export async function checkRules(
  dirs: readonly string[],
  options: CheckOptions,
  output: Output,
): Promise<void> {
  const rules = await loadRuleFolders(dirs)
  refuseNone(rules, dirs)
  const costs = costClasses(rules, DATASETS)
  if (options.json === true) sayJson(rules, costs, output)
  else sayLines(rules, costs, output)
  const errors = rules.problems.filter((problem) => problem.severity === 'error').length
  const warnings = rules.problems.length - errors
  const counts = countsOf(costs, rules.rules.length)
  output.note(`${rules.rules.length} rules load, ${errors} errors, ${warnings} warnings; ${counts}`)
  if (errors > 0 || (options.strict === true && warnings > 0)) process.exitCode = EXIT.findings
}

function sayJson({ problems, rules }: RuleSet, costs: Costs, output: Output): void {
  for (const problem of problems) output.json(problem satisfies Problem)
  for (const rule of rules) output.json(ruleLine(rule, costs))
}

function ruleLine({ id, file, severity, mode, alert, datasets, correlation }: Rule, costs: Costs): object {
  return {
    rule: id,
    file,
    severity,
    mode,
    alert,
    datasets: [...datasets],
    correlation: correlation?.type ?? null,
    cost: costs.get(id) ?? null,
  }
}

/** Indexed rules are as they should be, and go without a line. */
function sayLines({ problems, rules }: RuleSet, costs: Costs, output: Output): void {
  for (const problem of problems) output.line(problemLine(problem))
  for (const { id, file } of rules) {
    const cost = costs.get(id)
    if (cost !== undefined && cost !== 'indexed') output.line(`${file}: ${cost}: ${id} ${WHY[cost]}`)
  }
}

const WHY: Readonly<Record<Exclude<CostClass, 'indexed'>, string>> = {
  scanned: 'is tried for nearly every event of its datasets',
  library: 'is run by json-rules-engine itself, slowly',
}

function countsOf(costs: Costs, rules: number): string {
  const classes: readonly CostClass[] = ['indexed', 'scanned', 'library']
  const count = (of: CostClass): number => [...costs.values()].filter((each) => each === of).length
  const over = rules > costs.size ? `, ${rules - costs.size} over other rules` : ''
  return classes.map((each) => `${count(each)} ${each}`).join(', ') + over
}
