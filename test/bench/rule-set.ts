import { readRuleFiles } from '@weir/aggregator'
import { loadRules, type RuleSet } from '@weir/engine'
import { isObject } from '@weir/model'
import { DATASETS } from '@weir/normalize'
import type { Options } from './options.ts'
import { generateRules } from './rules.ts'

/** The rules of one part of a run, and the share of them that no hash can spare. */
export interface BenchRules {
  readonly set: RuleSet
  readonly hardShare: number
}

/** The user's rules where a folder was named, else generated ones. Throws Error when a rule does not load. */
export async function benchRules(options: Options, count: number): Promise<BenchRules> {
  const { rules, seed, hardShare } = options
  if (rules === undefined) return { set: loaded(generateRules(seed, count, hardShare)), hardShare }
  const set = loaded(await readRuleFiles([rules]))
  const asking = set.rules.filter((rule) => rule.conditions !== undefined)
  return { set, hardShare: asking.filter((rule) => isHard(rule.conditions)).length / asking.length }
}

function loaded(files: Parameters<typeof loadRules>[0]): RuleSet {
  const set = loadRules(files, DATASETS)
  const error = set.problems.find((problem) => problem.severity === 'error')
  if (error !== undefined) throw new Error(`${error.file}:${error.line}: ${error.message}`)
  if (set.rules.length === 0) throw new Error('there are no rules')
  return set
}

/** True where a rule can be met without naming a value of any field. */
export function isHard(condition: unknown): boolean {
  if (!isObject(condition)) return true
  const { all, any, operator } = condition
  if (Array.isArray(any)) return any.length === 0 || any.some(isHard)
  if (Array.isArray(all)) return all.every(isHard)
  return typeof operator !== 'string' || !/^(?:fold:|someFact:)*(?:equal|in|contains)$/.test(operator)
}
