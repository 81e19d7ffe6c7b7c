import type { Dataset } from '@weir/model'
import type { TopLevelCondition } from 'json-rules-engine'
import { checkConditions } from './check-conditions.ts'
import type { ConditionNames } from './condition-context.ts'
import type { Draft, RuleWords } from './draft.ts'
import { canonical, sha256 } from './hash.ts'
import { JsonError, type Member, type Node, parseTree, plain } from './json-tree.ts'
import { linkRules } from './link.ts'
import type { RuleFile, RuleSet } from './load.ts'
import { Problems } from './problem.ts'
import { byKey, membersOf, textOf, textsOf } from './read-tree.ts'
import { Vocabulary } from './vocabulary.ts'

const FILTER_KEYS = ['name', 'dataset', 'conditions'] as const

/** What a filter without conditions takes: every event of its datasets. */
const EVERYTHING: TopLevelCondition = { all: [] }

/**
 * The filters in the `drop` list of a configuration, each as a rule of its name that ships nothing, in their order.
 * Their conditions are a rule's, but name no condition and no list of other files. Never throws: what is wrong is
 * told in `problems`, with its place in the file.
 */
export function loadFilters(file: RuleFile, datasets: ReadonlyMap<string, Dataset>): RuleSet {
  const problems = new Problems(file.path, file.text)
  const vocabulary = new Vocabulary(datasets)
  const names = { vocabulary, lists: new Map(), named: new Map() }
  const drafts = filtersIn(file, problems).flatMap((node) => filterOf(node, problems, names) ?? [])
  const rules = linkRules(drafts, vocabulary)
  return {
    rules,
    byId: new Map(rules.map((rule) => [rule.id, rule])),
    problems: problems.list,
    hash: sha256(canonical(rules)),
  }
}

function filtersIn({ text }: RuleFile, problems: Problems): readonly Node[] {
  try {
    const root = parseTree(text)
    const drop = root.kind === 'object' ? byKey(root).get('drop')?.value : undefined
    return drop?.kind === 'list' ? drop.items : []
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    problems.error(error.at, 'json', error.message)
    return []
  }
}

function filterOf(node: Node, problems: Problems, names: ConditionNames): Draft | undefined {
  const members = membersOf(node, 'a filter', FILTER_KEYS, problems)
  if (members === undefined) return undefined
  for (const key of ['name', 'dataset'])
    if (!members.has(key)) problems.error(node.at, 'required', `a filter needs "${key}"`)
  const name = members.get('name')
  const id = name && textOf(name.value, 'name', problems)
  const gate = gateOf(members.get('dataset'), problems, names.vocabulary)
  const conditions = members.get('conditions')
  if (conditions !== undefined) checkConditions(conditions.value, { ...names, problems, gate })
  if (problems.failed) return undefined
  return {
    problems,
    at: node.at,
    words: wordsOf(id!, problems.file),
    gate,
    conditions: conditions ? (plain(conditions.value) as unknown as TopLevelCondition) : EVERYTHING,
    suppressBy: [],
    templateFields: [],
  }
}

/** One dataset, or several. */
function gateOf(
  member: Member | undefined,
  problems: Problems,
  { datasets }: Vocabulary,
): ReadonlySet<string> {
  if (member === undefined) return new Set()
  const { value } = member
  const one = value.kind === 'string' ? textOf(value, 'dataset', problems) : undefined
  const names = one === undefined ? textsOf(value, 'dataset', problems) : [{ text: one, at: value.at }]
  for (const { text, at } of names)
    if (!datasets.has(text)) problems.unknown(at, 'unknown-dataset', 'dataset', text, datasets.keys())
  return new Set(names.map(({ text }) => text))
}

function wordsOf(id: string, file: string): RuleWords {
  return {
    id,
    name: id,
    severity: 'informational',
    attack: [],
    tags: [],
    alert: false,
    mode: 'shadow',
    event: { type: 'drop', params: {} },
    falsePositives: [],
    references: [],
    file,
  }
}
