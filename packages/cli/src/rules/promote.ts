import { problemLine, readRuleFiles } from '@weir/aggregator'
import { loadRules, type Problem, type Rule, type RuleFile, withoutMember } from '@weir/engine'
import { DATASETS } from '@weir/normalize'
import { EXIT } from '../exit.ts'
import type { Output } from '../output.ts'
import { replaceFile } from '../replace-file.ts'
import { namedRule } from './named-rule.ts'

interface PromoteOptions {
  readonly rules: readonly string[]
  readonly json?: boolean
}

/** Takes a rule out of shadow mode, where the rule set loads without errors afterwards. */
export async function promoteRule(id: string, options: PromoteOptions, output: Output): Promise<void> {
  const files = await readRuleFiles(options.rules)
  const rule = namedRule(loadRules(files, DATASETS), id)
  if (rule.mode !== 'shadow')
    return refuse([`${id} is not in shadow mode: there is nothing to promote`], output)
  const promoted = files.map((file) => (file.path === rule.file ? withoutMode(file) : file))
  const errors = loadRules(promoted, DATASETS).problems.filter((problem) => problem.severity === 'error')
  if (errors.length > 0) return refuse(linesOf(errors, rule), output)
  await replaceFile(rule.file, promoted.find(({ path }) => path === rule.file)!.text)
  if (options.json === true) output.json({ rule: id, file: rule.file, mode: 'live' })
  else output.line(`${id} is live: ${rule.file}`)
  if (!rule.alert) output.note('it is a base rule ("alert" is false), so it still makes no alert of its own')
}

function withoutMode({ path, text }: RuleFile): RuleFile {
  return { path, text: withoutMember(text, 'mode') }
}

function linesOf(errors: readonly Problem[], rule: Rule): readonly string[] {
  return [...errors.map(problemLine), `${errors.length} error(s) in the rules; ${rule.file} is as it was`]
}

function refuse(lines: readonly string[], output: Output): void {
  for (const line of lines) output.note(line)
  process.exitCode = EXIT.findings
}
