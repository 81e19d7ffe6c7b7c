import type { Dataset } from '@weir/model'
import { checkRule } from './check-rule.ts'
import type { ConditionNames } from './condition-context.ts'
import type { Draft } from './draft.ts'
import { canonical, sha256 } from './hash.ts'
import { JsonError, type Node, parseTree } from './json-tree.ts'
import { linkRules } from './link.ts'
import { readNamed } from './named.ts'
import { type Problem, Problems } from './problem.ts'
import { readCsvList, readJsonList } from './read-list.ts'
import type { Rule } from './rule.ts'
import { kindOf, listName, type RuleFileKind } from './rule-file.ts'
import { Vocabulary } from './vocabulary.ts'
import { type Watchlist, watchlistOf } from './watchlist.ts'

/** A rule, named conditions (`*.conditions.json`) or a watchlist (`*.list.json`, `*.list.csv`): the path says which. */
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
  /** SHA-256 of everything the rules say, words, named conditions and lists included: equal sets need no reload. */
  readonly hash: string
}

/** Reads and checks rule files. Never throws: a file with an error gives problems and no rule, the good ones load. */
export function loadRules(files: readonly RuleFile[], datasets: ReadonlyMap<string, Dataset>): RuleSet {
  const sources = [...files].sort((a, b) => compare(a.path, b.path)).map(sourceOf)
  const of = (kind: RuleFileKind) => sources.filter((source) => source.kind === kind)
  const vocabulary = new Vocabulary(datasets)
  const lists = readLists(sources.filter(({ kind }) => kind === 'json-list' || kind === 'csv-list'))
  const conditions = of('conditions').flatMap((source) => treeOf(source) ?? [])
  const names = { vocabulary, lists, named: readNamed(conditions, { vocabulary, lists }) }
  const drafts = of('rule').flatMap((source) => draftOf(source, names) ?? [])
  const rules = [...linkRules(drafts, vocabulary)].sort((a, b) => compare(a.id, b.id))
  const failed = of('rule').filter(({ problems }) => problems.failed)
  warnUnused(rules, drafts, failed)
  return {
    rules,
    byId: new Map(rules.map((rule) => [rule.id, rule])),
    problems: sources.flatMap(({ problems }) => problems.list.sort(byPlace)),
    hash: sha256(canonical(rules)),
  }
}

interface Source extends RuleFile {
  readonly kind: RuleFileKind
  readonly problems: Problems
}

function sourceOf({ path, text }: RuleFile): Source {
  return { path, text, kind: kindOf(path), problems: new Problems(path, text) }
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function byPlace(a: Problem, b: Problem): number {
  return a.line - b.line || a.column - b.column
}

function readLists(sources: readonly Source[]): ReadonlyMap<string, Watchlist> {
  const lists = new Map<string, Watchlist>()
  for (const { path, text, kind, problems } of sources) {
    const name = listName(path)
    if (lists.has(name)) problems.error(0, 'duplicate-id', `there is already a list "${name}"`)
    const content = kind === 'json-list' ? readJsonList(text, problems) : readCsvList(text, problems)
    if (content !== undefined && !lists.has(name)) lists.set(name, watchlistOf(name, content))
  }
  return lists
}

function draftOf({ text, problems }: Source, names: ConditionNames): Draft | undefined {
  const root = parsed(text, problems)
  if (root === undefined) return undefined
  if (root.kind !== 'object') return problems.error(root.at, 'type', 'a rule file holds one object')
  return checkRule(root, problems, names)
}

function treeOf({
  text,
  problems,
}: Source): { readonly root: Node; readonly problems: Problems } | undefined {
  const root = parsed(text, problems)
  return root && { root, problems }
}

function parsed(text: string, problems: Problems): Node | undefined {
  try {
    return parseTree(text)
  } catch (error) {
    if (error instanceof JsonError) return problems.error(error.at, 'json', error.message)
    throw error
  }
}

/** A rule that ships nothing and feeds nothing is most likely a slip. */
function warnUnused(rules: readonly Rule[], drafts: readonly Draft[], failed: readonly Source[]): void {
  const fed = new Set(rules.flatMap((rule) => rule.correlation?.rules.filter((id) => id !== rule.id) ?? []))
  for (const rule of rules) {
    if (rule.alert || fed.has(rule.id)) continue
    // Named by a rule that did not load, it will be fed by that one.
    if (failed.some(({ text }) => text.includes(JSON.stringify(rule.id)))) continue
    const draft = drafts.find((each) => each.words.id === rule.id && each.words.file === rule.file)
    draft?.problems.warn(
      draft.at,
      'unused',
      '"alert" is false and no correlation names this rule: it does nothing',
    )
  }
}
