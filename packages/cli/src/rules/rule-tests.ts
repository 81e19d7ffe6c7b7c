import { readFile } from 'node:fs/promises'
import type { Rule } from '@weir/engine'
import { type RuleTestResult, type RuleUnderTest, readRuleCases } from '@weir/pipeline'
import { messageOf, WeirError } from '@weir/runtime'

/** The cases beside the files of rules, and the failure of every rule whose cases cannot be read. */
export interface RuleTests {
  readonly readable: readonly RuleUnderTest[]
  readonly unreadable: readonly RuleTestResult[]
}

/** A rule without a file of cases has none. */
export async function ruleTestsOf(rules: readonly Rule[]): Promise<RuleTests> {
  const readable: RuleUnderTest[] = []
  const unreadable: RuleTestResult[] = []
  for (const rule of rules) {
    try {
      readable.push({ rule: rule.id, cases: await casesBeside(rule) })
    } catch (error) {
      if (!(error instanceof WeirError)) throw error
      unreadable.push(failedBy(rule, messageOf(error)))
    }
  }
  return { readable, unreadable }
}

async function casesBeside(rule: Rule): Promise<RuleUnderTest['cases']> {
  const path = rule.file.replace(/\.json$/, '.test.json')
  const text = await textOf(path)
  return text === undefined ? [] : readRuleCases(path, text)
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new WeirError('INPUT_UNREADABLE', `cannot read the cases in ${path}`, { cause })
  }
}

/** The file counts as one case that failed, so that whoever counts cases sees it. */
function failedBy({ id }: Rule, failure: string): RuleTestResult {
  const file = { rule: id, name: 'the file of cases', ok: false, expected: 0, came: [], failures: [failure] }
  return { rule: id, ok: false, cases: [file], lacks: [] }
}
