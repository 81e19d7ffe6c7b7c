import { writeFile } from 'node:fs/promises'
import { loadRuleFolders } from '@weir/aggregator'
import { type RuleTestResult, testRules } from '@weir/pipeline'
import { EXIT } from '../exit.ts'
import type { Output } from '../output.ts'
import { refuseErrors, refuseNone } from '../rule-problems.ts'
import { writing } from '../writing.ts'
import { junitOf } from './junit.ts'
import { namedRule } from './named-rule.ts'
import { ruleTestsOf } from './rule-tests.ts'

interface TestOptions {
  /** Ids; all rules without it. */
  readonly rule?: readonly string[]
  readonly junit?: string
  readonly json?: boolean
}

/** Runs the cases of some rules and says what failed. */
export async function runRuleTests(
  dirs: readonly string[],
  options: TestOptions,
  output: Output,
): Promise<void> {
  const rules = await loadRuleFolders(dirs)
  refuseErrors(rules, output)
  refuseNone(rules, dirs)
  const asked = options.rule?.map((id) => namedRule(rules, id)) ?? rules.rules
  const { readable, unreadable } = await ruleTestsOf(asked)
  const results = [...(await testRules(rules, readable)), ...unreadable]
  for (const result of results) {
    if (options.json === true) output.json(jsonOf(result))
    else for (const line of linesOf(result)) output.line(line)
  }
  const { junit } = options
  if (junit !== undefined) await writing(junit, () => writeFile(junit, junitOf(results)))
  const failed = results.filter((result) => !result.ok).length
  const cases = results.reduce((sum, result) => sum + result.cases.length, 0)
  output.note(`${results.length} rules, ${cases} cases, ${failed} rules failed`)
  if (failed === 0) return
  output.note(
    'what a rule makes of its records: weir rules explain --rules … --rule … --event <rule>.test.json',
  )
  process.exitCode = unreadable.length > 0 ? EXIT.wrongUse : EXIT.findings
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
