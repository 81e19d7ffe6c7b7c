import type { Dataset } from '@weir/model'
import { checkRule } from './check-rule.ts'
import type { Draft } from './draft.ts'
import { canonical, sha256 } from './hash.ts'
import { JsonError, type Node, parseTree } from './json-tree.ts'
import { linkRules } from './link.ts'
import { type Problem, Problems } from './problem.ts'
import type { Rule } from './rule.ts'
import { Vocabulary } from './vocabulary.ts'

export interface RuleFile {
  readonly path: string
  readonly text: string
}

/** The rules that loaded, by id in order, and what was wrong with the others. */
export interface RuleSet {
  readonly rules: readonly Rule[]
  readonly byId: ReadonlyMap<string, Rule>
  /** By file, then by place. */
  readonly problems: readonly Problem[]
  /** SHA-256 of everything the rules say, words included: equal sets need no reload. */
  readonly hash: string
}

/** Reads and checks rule files. Never throws: a file with an error gives problems and no rule, the good ones load. */
export function loadRules(files: readonly RuleFile[], datasets: ReadonlyMap<string, Dataset>): RuleSet {
  const vocabulary = new Vocabulary(datasets)
  const sorted = [...files].sort((a, b) => compare(a.path, b.path))
  const sinks = sorted.map((file) => new Problems(file.path, file.text))
  const drafts = sorted.flatMap((file, index) => draftOf(file.text, sinks[index]!, vocabulary) ?? [])
  const rules = [...linkRules(drafts, vocabulary)].sort((a, b) => compare(a.id, b.id))
  warnUnused(rules, drafts)
  return {
    rules,
    byId: new Map(rules.map((rule) => [rule.id, rule])),
    problems: sinks.flatMap((sink) => sink.list.sort((a, b) => a.line - b.line || a.column - b.column)),
    hash: sha256(canonical(rules)),
  }
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function draftOf(text: string, problems: Problems, vocabulary: Vocabulary): Draft | undefined {
  const root = treeOf(text, problems)
  if (root === undefined) return undefined
  if (root.kind !== 'object') return problems.error(root.at, 'type', 'a rule file holds one object')
  return checkRule(root, problems, vocabulary)
}

function treeOf(text: string, problems: Problems): Node | undefined {
  try {
    return parseTree(text)
  } catch (error) {
    if (error instanceof JsonError) return problems.error(error.at, 'json', error.message)
    throw error
  }
}

/** A rule that ships nothing and feeds nothing is most likely a slip. */
function warnUnused(rules: readonly Rule[], drafts: readonly Draft[]): void {
  const fed = new Set(rules.flatMap((rule) => rule.correlation?.rules.filter((id) => id !== rule.id) ?? []))
  for (const rule of rules) {
    if (rule.alert || fed.has(rule.id)) continue
    const draft = drafts.find((each) => each.words.id === rule.id && each.words.file === rule.file)
    draft?.problems.warn(
      draft.at,
      'unused',
      '"alert" is false and no correlation names this rule: it does nothing',
    )
  }
}
