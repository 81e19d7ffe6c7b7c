import { SEVERITIES } from '@weir/model'
import type { TopLevelCondition } from 'json-rules-engine'
import { BARE_KEYS, bareEventOf, bareName, checkBare, isBare } from './bare.ts'
import { checkConditions } from './check-conditions.ts'
import { checkCorrelation, durationOf } from './check-correlation.ts'
import { warnUnreachable } from './check-reach.ts'
import type { ConditionNames } from './condition-context.ts'
import type { Draft, RuleWords } from './draft.ts'
import { type Member, type ObjectNode, plain } from './json-tree.ts'
import { namedIn } from './named.ts'
import type { Problems } from './problem.ts'
import { byKey, flagOf, listOf, membersOf, type Placed, textOf, textsOf, wordOf } from './read-tree.ts'
import type { RuleEvent } from './rule.ts'
import { warnUnknownTechniques } from './technique.ts'
import { templateFields, warnBrokenHoles } from './template.ts'
import type { Vocabulary } from './vocabulary.ts'
import { listsIn } from './watchlist-names.ts'

export const RULE_KEYS: readonly string[] = [
  '$schema',
  'id',
  'name',
  'description',
  'severity',
  'attack',
  'tags',
  'dataset',
  'conditions',
  'correlation',
  'suppress',
  'alert',
  'mode',
  'event',
  'falsePositives',
  'runbook',
  'references',
]
export const REQUIRED_KEYS: readonly string[] = ['id', 'name', 'severity', 'event']

type Members = ReadonlyMap<string, Member>

/** Checks one file by itself; `undefined` when it has an error. */
export function checkRule(root: ObjectNode, problems: Problems, names: ConditionNames): Draft | undefined {
  const bare = isBare(byKey(root))
  problems.bare = bare
  const members = membersOf(root, 'a rule', bare ? BARE_KEYS : RULE_KEYS, problems)!
  if (bare) checkBare(root, members, problems)
  else requireKeys(root, members, problems)
  const gate = gateOf(members, problems, names.vocabulary)
  const conditions = members.get('conditions')
  if (conditions !== undefined) checkConditions(conditions.value, { ...names, problems, gate })
  if (conditions !== undefined && !problems.failed) warnUnreachable(conditions.value, problems)
  const correlation = members.get('correlation')
  const suppress = members.get('suppress')
  const words = wordsOf(members, problems)
  const suppressBy = suppress === undefined ? [] : suppressByOf(suppress, correlation !== undefined, problems)
  const suppressMs = suppress && suppressMsOf(suppress, problems)
  const drafted = correlation && checkCorrelation(correlation.value, conditions !== undefined, problems)
  if (problems.failed) return undefined
  warnBrokenHoles(members.get('event')!, problems)
  return {
    problems,
    at: members.get('id')?.value.at ?? root.at,
    words,
    gate,
    ...(conditions && conditionsOf(conditions, names)),
    ...(drafted && { correlation: drafted }),
    ...(suppressMs !== undefined && { suppress: suppressOf(suppressBy, suppressMs) }),
    suppressBy,
    templateFields: templateFields(members.get('event')!),
  }
}

/** The conditions as written, and what they name. */
function conditionsOf(member: Member, names: ConditionNames): Pick<Draft, 'conditions' | 'named' | 'lists'> {
  const conditions = plain(member.value) as unknown as TopLevelCondition
  const named = namedIn(conditions, names.named)
  const lists = listsIn([conditions, ...named.values()], names.lists)
  return { conditions, ...(named.size > 0 && { named }), ...(lists.size > 0 && { lists }) }
}

function requireKeys(root: ObjectNode, members: Members, problems: Problems): void {
  for (const key of REQUIRED_KEYS)
    if (!members.has(key)) problems.error(root.at, 'required', `a rule needs "${key}"`)
  if (!members.has('conditions') && !members.has('correlation'))
    problems.error(root.at, 'required', 'a rule needs "conditions" or "correlation"')
}

function gateOf(members: Members, problems: Problems, vocabulary: Vocabulary): ReadonlySet<string> {
  const member = members.get('dataset')
  if (member === undefined) return new Set()
  if (!members.has('conditions') && members.has('correlation'))
    problems.error(
      member.at,
      'correlation',
      'a correlation over other rules has their datasets: leave out "dataset"',
    )
  const names = textsOf(member.value, 'dataset', problems)
  const unknown = names.filter(({ text }) => !vocabulary.datasets.has(text))
  for (const { text, at } of unknown)
    problems.unknown(at, 'unknown-dataset', 'dataset', text, vocabulary.datasets.keys())
  // The fields of a dataset that nobody knows cannot be told from slips: one mistake is told once.
  return new Set(unknown.length > 0 ? [] : names.map((name) => name.text))
}

function wordsOf(members: Members, problems: Problems): RuleWords {
  const { bare } = problems
  const event = bare ? bareEventOf(members.get('event')!, problems) : eventOf(members.get('event'), problems)
  const name = members.get('name')
  const description = optional(members.get('description'), 'description', problems)
  const runbook = optional(members.get('runbook'), 'runbook', problems)
  const severity = members.get('severity')
  const alert = members.get('alert')
  const mode = members.get('mode')
  return {
    id: bare ? idFromPath(problems.file) : idOf(members.get('id'), problems),
    name: (bare ? bareName(name) : optional(name, 'name', problems)) ?? event.type,
    ...(description !== undefined && { description }),
    severity: (severity && wordOf(severity.value, 'severity', SEVERITIES, problems)) ?? 'medium',
    attack: attackOf(members.get('attack'), problems),
    tags: texts(members.get('tags'), 'tags', problems),
    alert: (alert && flagOf(alert.value, 'alert', problems)) ?? true,
    mode: (mode && wordOf(mode.value, 'mode', ['live', 'shadow'] as const, problems)) ?? 'live',
    event,
    falsePositives: texts(members.get('falsePositives'), 'falsePositives', problems),
    ...(runbook !== undefined && { runbook }),
    references: texts(members.get('references'), 'references', problems),
    file: problems.file,
  }
}

/** Letters, digits and `. _ -`: an id stands in paths, queries and wire formats. */
const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/

function idOf(member: Member | undefined, problems: Problems): string {
  const id = member && textOf(member.value, 'id', problems)
  if (member === undefined || id === undefined) return ''
  if (!ID.test(id))
    problems.error(
      member.value.at,
      'value',
      'an id is up to 128 letters, digits, dots, hyphens and underscores',
    )
  return id
}

function idFromPath(path: string): string {
  const words = path.replace(/\.json$/, '').split(/[^A-Za-z0-9_-]+/)
  return (
    words
      .filter((word) => word !== '')
      .join('.')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(-128) || 'rule'
  )
}

const TECHNIQUE = /^T\d{4}(\.\d{3})?$/

function attackOf(member: Member | undefined, problems: Problems): readonly string[] {
  const list = member === undefined ? [] : textList(member, 'attack', problems)
  for (const { text, at } of list)
    if (!TECHNIQUE.test(text))
      problems.error(at, 'value', `"${text}" is no ATT&CK technique: write T1110 or T1110.003`)
  warnUnknownTechniques(
    list.filter(({ text }) => TECHNIQUE.test(text)),
    problems,
  )
  return list.map((each) => each.text)
}

function eventOf(member: Member | undefined, problems: Problems): RuleEvent {
  const members = member && membersOf(member.value, 'event', ['type', 'params'], problems)
  if (member === undefined || members === undefined) return { type: '', params: {} }
  const type = members.get('type')
  if (type === undefined) problems.error(member.value.at, 'required', 'event needs "type"')
  const params = members.get('params')?.value
  if (params !== undefined && params.kind !== 'object')
    problems.error(params.at, 'type', 'params must be an object')
  return {
    type: (type && textOf(type.value, 'type', problems)) ?? '',
    params: params?.kind === 'object' ? (plain(params) as RuleEvent['params']) : {},
  }
}

function optional(member: Member | undefined, what: string, problems: Problems): string | undefined {
  return member && textOf(member.value, what, problems)
}

function texts(member: Member | undefined, what: string, problems: Problems): readonly string[] {
  return member === undefined ? [] : textList(member, what, problems).map((each) => each.text)
}

/** Words, where an empty list is as good as none. */
function textList(member: Member, what: string, problems: Problems): readonly Placed[] {
  const list = listOf(member.value, what, problems)
  return list === undefined || list.items.length === 0 ? [] : textsOf(list, what, problems)
}

function suppressByOf(member: Member, correlated: boolean, problems: Problems): readonly Placed[] {
  const by = membersOf(member.value, 'suppress', ['by', 'for'], problems)?.get('by')
  if (by === undefined) return []
  if (correlated)
    problems.error(by.at, 'correlation', 'a correlation has its groups: "by" is for rules without one')
  return textsOf(by.value, 'by', problems)
}

function suppressMsOf(member: Member, problems: Problems): number | undefined {
  if (member.value.kind !== 'object') return undefined
  const length = byKey(member.value).get('for')
  if (length === undefined) return problems.error(member.value.at, 'required', 'suppress needs "for"')
  return durationOf(length, 'for', problems)
}

function suppressOf(by: readonly Placed[], forMs: number): NonNullable<Draft['suppress']> {
  return { ...(by.length > 0 && { by: by.map((each) => each.text) }), forMs }
}
