import { loadRules, type Problem, type RuleSet } from '../src/index.ts'
import { DATASETS } from './match-fixtures.ts'

export type Json = Readonly<Record<string, unknown>>

/** A rule that loads without a word, to be spoilt in one place. */
export const GOOD: Json = {
  id: 'entra.spray',
  name: 'Many accounts from one address',
  severity: 'high',
  attack: ['T1110.003'],
  dataset: ['azure.signinlogs'],
  conditions: { all: [{ fact: 'event.outcome', operator: 'equal', value: 'failure' }] },
  event: { type: 'credential-access', params: { message: '{{source.ip}} tried {{count}} accounts' } },
}

export function test(fact: string, operator: string, value: unknown, more: Json = {}): Json {
  return { all: [{ fact, operator, value, ...more }] }
}

/** Loads files given as objects, or as text where the text matters. */
export function load(files: Readonly<Record<string, Json | string>>): RuleSet {
  const list = Object.entries(files).map(([path, rule]) => ({
    path,
    text: typeof rule === 'string' ? rule : JSON.stringify(rule, null, 2),
  }))
  return loadRules(list, DATASETS)
}

export function errorsOf(set: RuleSet): readonly Problem[] {
  return set.problems.filter((problem) => problem.severity === 'error')
}

/** Problems as a person would read them in a list. */
export function told(set: RuleSet): readonly string[] {
  return set.problems.map((each) => `${each.file}:${each.line}:${each.column} ${each.code} ${each.message}`)
}
