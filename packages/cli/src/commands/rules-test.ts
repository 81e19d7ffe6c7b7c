import { loadRuleFolders } from '@weir/aggregator'
import { type RuleTestResult, testRules } from '@weir/pipeline'
import type { Command } from 'commander'
import { EXIT } from '../exit.ts'
import { type Output, outputOf } from '../output.ts'
import { refuseErrors } from '../rule-problems.ts'
import { ruleTestsOf } from '../rule-tests.ts'

/** `weir rules test`: the cases beside the rules, through the whole line. */
export function addRulesTest(rules: Command): void {
  rules
    .command('test')
    .description('run the cases in <rule>.test.json beside every rule; each rule needs a hit and a near-miss')
    .argument('<dir...>', 'folders of rules')
    .option('--json', 'one JSON object per rule')
    .addHelpText('after', '\nExample:\n  weir rules test rules')
    .action(async (dirs: string[], { json }: { json?: boolean }) =>
      runRulesTest(dirs, json === true, outputOf(process)),
    )
}

async function runRulesTest(dirs: readonly string[], json: boolean, output: Output): Promise<void> {
  const rules = await loadRuleFolders(dirs)
  refuseErrors(rules, output)
  const results = await testRules(rules, await ruleTestsOf(rules))
  for (const result of results) {
    if (json) output.json(jsonOf(result))
    else for (const line of linesOf(result)) output.line(line)
  }
  const failed = results.filter((result) => !result.ok).length
  const cases = results.reduce((sum, result) => sum + result.cases.length, 0)
  output.note(`${results.length} rules, ${cases} cases, ${failed} rules failed`)
  if (failed > 0) process.exitCode = EXIT.findings
}

function jsonOf({ rule, ok, lacks, cases }: RuleTestResult): object {
  return {
    rule,
    ok,
    lacks,
    cases: cases.map(({ name, ok, expected, came, failures }) => ({
      name,
      ok,
      failures,
      ...(ok ? {} : { expected, came }),
    })),
  }
}

function linesOf({ rule, ok, lacks, cases }: RuleTestResult): string[] {
  if (ok) return [`ok      ${rule} (${cases.length} cases)`]
  return [
    `failed  ${rule}`,
    ...lacks.map((kind) => `          lacks a ${kind}`),
    ...cases
      .filter((each) => !each.ok)
      .flatMap(({ name, failures }) => [
        `          ${name}:`,
        ...failures.map((text) => `            ${text}`),
      ]),
  ]
}
