import { checkBounds, fieldsOf } from './check-bounds.ts'
import type { DraftCondition, DraftCorrelation } from './draft.ts'
import { durationMs } from './duration.ts'
import type { Member, Node } from './json-tree.ts'
import type { Problems } from './problem.ts'
import { membersOf, type Placed, textOf, textsOf } from './read-tree.ts'
import { type Bounds, CORRELATION_TYPES, type CorrelationType } from './rule.ts'

const KEYS = ['type', 'rules', 'group-by', 'timespan', 'condition', 'aliases', 'field', 'learn']

/** Reads a `correlation`; `own` says that the rule has conditions, whose matches it correlates. */
export function checkCorrelation(node: Node, own: boolean, problems: Problems): DraftCorrelation | undefined {
  const members = membersOf(node, 'correlation', KEYS, problems)
  if (members === undefined) return undefined
  for (const key of ['type', 'timespan'])
    if (!members.has(key)) problems.error(node.at, 'required', `correlation needs "${key}"`)
  const type = typeOf(members.get('type'), problems)
  const timespanMs = durationOf(members.get('timespan'), 'timespan', problems)
  if (type === undefined || timespanMs === undefined) return undefined
  const rules = rulesOf(node, members.get('rules'), type, own, problems)
  const condition = conditionOf(node, members, type, rules, problems)
  const groupBy = optionalTexts(members.get('group-by'), 'group-by', problems)
  const aliases = aliasesOf(members.get('aliases'), rules, problems)
  const learnMs = durationOf(members.get('learn'), 'learn', problems)
  return {
    at: node.at,
    type,
    rules,
    groupBy,
    timespanMs,
    condition,
    ...(learnMs !== undefined && { learnMs }),
    aliases,
  }
}

/** Milliseconds of a duration member. */
export function durationOf(member: Member | undefined, what: string, problems: Problems): number | undefined {
  if (member === undefined) return undefined
  const text = textOf(member.value, what, problems)
  if (text === undefined) return undefined
  const ms = durationMs(text)
  if (ms !== undefined) return ms
  return problems.error(
    member.value.at,
    'value',
    `${what} "${text}" is no duration: write 30s, 10m, 2h or 1d`,
  )
}

function isTemporal(type: CorrelationType): boolean {
  return type === 'temporal' || type === 'temporal_ordered'
}

/** Types that compare rules, and so need some. */
function isOverOthers(type: CorrelationType): boolean {
  return isTemporal(type) || type === 'absence'
}

function typeOf(member: Member | undefined, problems: Problems): CorrelationType | undefined {
  const text = member && textOf(member.value, 'type', problems)
  if (member === undefined || text === undefined) return undefined
  const type = CORRELATION_TYPES.find((each) => each === text)
  if (type !== undefined) return type
  return problems.unknown(member.value.at, 'unknown-value', 'correlation type', text, CORRELATION_TYPES)
}

function rulesOf(
  node: Node,
  member: Member | undefined,
  type: CorrelationType,
  own: boolean,
  problems: Problems,
): readonly Placed[] {
  if (own && isOverOthers(type))
    problems.error(node.at, 'correlation', `${type} needs other rules: it cannot stand beside conditions`)
  else if (own && member !== undefined)
    problems.error(
      member.at,
      'correlation',
      'a rule with conditions correlates its own matches: leave out "rules"',
    )
  if (own) return []
  if (member === undefined) {
    problems.error(node.at, 'required', 'a correlation without conditions needs "rules"')
    return []
  }
  const rules = textsOf(member.value, 'rules', problems)
  if (isTemporal(type) && rules.length < 2)
    problems.error(member.value.at, 'correlation', `${type} needs at least two rules`)
  if (type === 'absence' && rules.length !== 2)
    problems.error(
      member.value.at,
      'correlation',
      'absence needs two rules: one that is to be followed, and one that is to follow',
    )
  return rules
}

function conditionOf(
  node: Node,
  members: ReadonlyMap<string, Member>,
  type: CorrelationType,
  rules: readonly Placed[],
  problems: Problems,
): DraftCondition {
  const condition = members.get('condition')
  if (type !== 'new_terms')
    for (const key of ['field', 'learn']) if (members.has(key)) misplaced(members.get(key)!, type, problems)
  if (type === 'new_terms' || type === 'absence') {
    if (condition !== undefined)
      problems.error(condition.at, 'correlation', `${type} counts nothing: leave out "condition"`)
    return { fields: type === 'new_terms' ? termsOf(node, members.get('field'), problems) : [] }
  }
  if (!isTemporal(type)) return checkBounds(node.at, condition, type, problems)
  if (condition === undefined) return { fields: [], gte: rules.length }
  const bounds = checkBounds(node.at, condition, type, problems)
  checkReach(condition, type, bounds, rules.length, problems)
  return bounds
}

function misplaced(member: Member, type: CorrelationType, problems: Problems): void {
  const where =
    member.key === 'field' && type.startsWith('value_')
      ? 'in "condition"'
      : 'only where the type is new_terms'
  problems.error(member.at, 'correlation', `"${member.key}" stands ${where}`)
}

function termsOf(node: Node, member: Member | undefined, problems: Problems): readonly Placed[] {
  if (member === undefined) problems.error(node.at, 'required', 'new_terms needs the "field" it looks at')
  return fieldsOf(member, true, problems)
}

/** Ways to choose the steps of temporal_ordered; each is looked for at every match, so more are refused. */
const SEQUENCES_MAX = 256

/** A temporal correlation counts its rules; in order only the longest run of them could be told. */
function checkReach(
  { at }: Member,
  type: CorrelationType,
  { gte, lt, lte, eq, neq }: Bounds,
  rules: number,
  problems: Problems,
): void {
  if ((gte ?? 0) > rules || (eq ?? 0) > rules)
    problems.error(at, 'value', `${type} cannot meet more rules than it names: ${rules}`)
  if (type !== 'temporal_ordered') return
  if ([lt, lte, eq, neq].some((bound) => bound !== undefined))
    problems.error(at, 'unsupported', 'temporal_ordered asks for at least so many steps: "gte" or "gt"')
  else if (waysToChoose(gte ?? rules, rules) > SEQUENCES_MAX)
    problems.error(
      at,
      'unsupported',
      `there are more than ${SEQUENCES_MAX} ways to choose the steps: ask for more of them, or name fewer rules`,
    )
}

function waysToChoose(some: number, all: number): number {
  let ways = 1
  for (let i = 1; i <= some; i++) ways = (ways * (all - some + i)) / i
  return ways
}

function optionalTexts(member: Member | undefined, what: string, problems: Problems): readonly Placed[] {
  return member === undefined ? [] : textsOf(member.value, what, problems)
}

/** Every alias must say what stands for it in every rule: a rule left out could never join a group. */
function aliasesOf(
  member: Member | undefined,
  rules: readonly Placed[],
  problems: Problems,
): DraftCorrelation['aliases'] {
  const aliases = new Map<string, ReadonlyMap<string, Placed>>()
  if (member === undefined) return aliases
  if (member.value.kind !== 'object') {
    problems.error(member.value.at, 'type', 'aliases must be an object')
    return aliases
  }
  const ids = rules.map((rule) => rule.text)
  for (const alias of member.value.members) {
    const inner = membersOf(alias.value, `alias "${alias.key}"`, ids, problems)
    const fields = new Map<string, Placed>()
    for (const id of ids) {
      const field = inner?.get(id)
      if (field === undefined)
        problems.error(alias.at, 'correlation', `alias "${alias.key}" says nothing for ${id}`)
      const text = field && textOf(field.value, 'a field', problems)
      if (field !== undefined && text !== undefined) fields.set(id, { text, at: field.value.at })
    }
    aliases.set(alias.key, fields)
  }
  return aliases
}
