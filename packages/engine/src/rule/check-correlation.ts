import type { DraftCorrelation } from './draft.ts'
import { durationMs } from './duration.ts'
import type { Member, Node } from './json-tree.ts'
import type { Problems } from './problem.ts'
import { membersOf, type Placed, textOf, textsOf } from './read-tree.ts'
import { CORRELATION_TYPES, type CorrelationType } from './rule.ts'

/** Types that are known by name and not built. */
const TYPES_LATER = ['value_sum', 'value_avg', 'value_percentile', 'new_terms', 'absence']
const CONDITIONS_LATER = ['lt', 'lte', 'eq', 'neq']
const KEYS = ['type', 'rules', 'group-by', 'timespan', 'condition', 'aliases']

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
  const condition = isTemporal(type)
    ? temporalCondition(members.get('condition'), rules, problems)
    : countCondition(node, members.get('condition'), type, problems)
  const groupBy = optionalTexts(members.get('group-by'), 'group-by', problems)
  const aliases = aliasesOf(members.get('aliases'), rules, problems)
  return { at: node.at, type, rules, groupBy, timespanMs, ...condition, aliases }
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

function typeOf(member: Member | undefined, problems: Problems): CorrelationType | undefined {
  const text = member && textOf(member.value, 'type', problems)
  if (member === undefined || text === undefined) return undefined
  if (TYPES_LATER.includes(text))
    return problems.error(member.value.at, 'unsupported', `correlation type "${text}" is not supported yet`)
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
  if (own && isTemporal(type))
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
  return rules
}

function temporalCondition(
  member: Member | undefined,
  rules: readonly Placed[],
  problems: Problems,
): { readonly gte: number } {
  if (member !== undefined)
    problems.error(
      member.at,
      'unsupported',
      'a temporal correlation asks for all of its rules: leave out "condition"',
    )
  return { gte: rules.length }
}

function countCondition(
  node: Node,
  member: Member | undefined,
  type: CorrelationType,
  problems: Problems,
): { readonly field?: Placed; readonly gte: number } {
  if (member === undefined) {
    problems.error(node.at, 'required', `${type} needs "condition"`)
    return { gte: 1 }
  }
  const members = membersOf(member.value, 'condition', ['field', 'gte', 'gt', ...CONDITIONS_LATER], problems)
  for (const key of CONDITIONS_LATER)
    if (members?.has(key))
      problems.error(members.get(key)!.at, 'unsupported', `"${key}" is not supported yet`)
  const gte = thresholdOf(member.value, members?.get('gte'), members?.get('gt'), problems)
  const field = fieldOf(member.value, members?.get('field'), type, problems)
  return { gte, ...(field !== undefined && { field }) }
}

function thresholdOf(
  node: Node,
  gte: Member | undefined,
  gt: Member | undefined,
  problems: Problems,
): number {
  const member = gte ?? gt
  if (member === undefined || (gte !== undefined && gt !== undefined)) {
    problems.error(node.at, 'required', 'condition needs one of "gte" and "gt"')
    return 1
  }
  const count =
    Number(member.value.kind === 'number' ? member.value.value : Number.NaN) + (gte === undefined ? 1 : 0)
  if (Number.isSafeInteger(count) && count >= 1) return count
  problems.error(
    member.value.at,
    'value',
    `${member.key} must be a whole number that at least one match can reach`,
  )
  return 1
}

function fieldOf(
  node: Node,
  member: Member | undefined,
  type: CorrelationType,
  problems: Problems,
): Placed | undefined {
  if (type === 'event_count') {
    if (member !== undefined)
      problems.error(member.at, 'correlation', 'event_count counts events: "field" belongs to value_count')
    return undefined
  }
  if (member === undefined)
    return problems.error(node.at, 'required', 'value_count needs the "field" it counts')
  const text = textOf(member.value, 'field', problems)
  return text === undefined ? undefined : { text, at: member.value.at }
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
