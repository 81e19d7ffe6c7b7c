import { readFile } from 'node:fs/promises'
import type { Rule } from '@weir/engine'
import { type RuleUnderTest, readRuleCases } from '@weir/pipeline'
import { WeirError } from '@weir/runtime'

/** The cases beside the files of rules; a rule without a file of cases has none. Throws `WeirError` INPUT_UNREADABLE. */
export async function ruleTestsOf(rules: readonly Rule[]): Promise<RuleUnderTest[]> {
  return await Promise.all(rules.map(async (rule) => ({ rule: rule.id, cases: await casesBeside(rule) })))
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
