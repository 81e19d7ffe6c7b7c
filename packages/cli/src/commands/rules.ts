import { loadRuleFolders, problemLine } from '@weir/aggregator'
import type { Command } from 'commander'
import { EXIT } from '../exit.ts'
import { type Output, outputOf } from '../output.ts'
import { addRulesTest } from './rules-test.ts'

/** `weir rules …`: the author's tools. */
export function addRules(program: Command): void {
  const rules = program
    .command('rules')
    .description('check and test rules')
    .addHelpText('after', '\nExample:\n  weir rules check rules')
  rules
    .command('check')
    .description('load rules and say what is wrong with them')
    .argument('<dir...>', 'folders of rules')
    .option('--json', 'one JSON object per problem')
    .addHelpText('after', '\nExample:\n  weir rules check rules')
    .action(async (dirs: string[], { json }: { json?: boolean }) =>
      check(dirs, json === true, outputOf(process)),
    )
  addRulesTest(rules)
}

async function check(dirs: readonly string[], json: boolean, output: Output): Promise<void> {
  const { rules, problems } = await loadRuleFolders(dirs)
  for (const problem of problems) {
    if (json) output.json(problem)
    else output.line(problemLine(problem))
  }
  const errors = problems.filter((problem) => problem.severity === 'error').length
  output.note(`${rules.length} rules load, ${errors} errors, ${problems.length - errors} warnings`)
  if (errors > 0) process.exitCode = EXIT.findings
}
