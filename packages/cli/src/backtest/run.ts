import { loadRuleFolders } from '@weir/aggregator'
import type { RuleSet } from '@weir/engine'
import { STDIN } from '@weir/ingest'
import { DEFAULTS, replay } from '@weir/pipeline'
import { WeirError } from '@weir/runtime'
import { EXIT } from '../exit.ts'
import { inputsOf } from '../inputs.ts'
import { type Output, outputOf } from '../output.ts'
import { refuseErrors } from '../rule-problems.ts'
import { VERSION } from '../version.ts'
import { watchInputs } from '../watch-inputs.ts'
import { resultOf } from './result.ts'
import { summaryOf } from './summary.ts'
import { Trial } from './trial.ts'

interface BacktestOptions {
  readonly rules: string[]
  readonly input: string[]
  readonly baseline?: string[]
  readonly linkBudget?: number
  readonly json?: boolean
}

/** Runs the line over inputs with one rule set, and with another to compare, and says what would cross the link. */
export async function runBacktest(options: BacktestOptions, of: NodeJS.Process): Promise<void> {
  const output = outputOf(of)
  const rules = await rulesOf(options.rules, output)
  const before = options.baseline && (await rulesOf(options.baseline, output))
  const { files } = await inputsOf(options.input, of)
  if (before !== undefined && files.includes(STDIN))
    throw new WeirError(
      'INPUT_UNREADABLE',
      'a baseline reads the inputs twice: write standard input to a file first',
    )
  const baseline = before && (await tried(before, options.input, of, output, 'baseline, 1 of 2: '))
  const trial = await tried(rules, options.input, of, output, before && 'rules, 2 of 2: ')
  const result = resultOf(trial, baseline, options.linkBudget)
  if (options.json === true) output.json(result)
  else for (const line of summaryOf(result)) output.line(line)
  if (result.link.over_budget) process.exitCode = EXIT.findings
}

async function rulesOf(folders: readonly string[], output: Output): Promise<RuleSet> {
  const rules = await loadRuleFolders(folders)
  refuseErrors(rules, output)
  return rules
}

async function tried(
  rules: RuleSet,
  paths: readonly string[],
  of: NodeJS.Process,
  output: Output,
  label: string | undefined,
): Promise<Trial> {
  const inputs = await inputsOf(paths, of)
  const watch = await watchInputs(inputs, of.stderr, output, label)
  const trial = new Trial(rules)
  for await (const step of replay({ ...DEFAULTS, version: VERSION }, rules, inputs.watched(watch)))
    await trial.add(step)
  trial.finish()
  watch.clear()
  return trial
}
