import { type Member, type Node, type ObjectNode, plain } from './json-tree.ts'
import type { Problems } from './problem.ts'
import { membersOf } from './read-tree.ts'
import type { RuleEvent } from './rule.ts'

// A bare rule is what json-rules-engine's own `Engine.addRule` takes. What that refuses is refused; what it takes
// and Weir has no use for is told as a warning.

export const BARE_KEYS = ['conditions', 'event', 'name', 'priority']

/** Words of Weir's own form: one of them makes a file a rule of that form, with a mistake perhaps. */
const OWN_KEYS = ['id', 'severity', 'description', 'attack', 'tags', 'dataset', 'correlation', 'suppress']
const MORE_OWN_KEYS = ['alert', 'mode', 'falsePositives', 'runbook', 'references']

export function isBare(members: ReadonlyMap<string, Member>): boolean {
  const own = [...OWN_KEYS, ...MORE_OWN_KEYS]
  return members.has('conditions') && members.has('event') && !own.some((key) => members.has(key))
}

export function checkBare(root: Node, members: ReadonlyMap<string, Member>, problems: Problems): void {
  problems.warn(root.at, 'bare-rule', 'a bare json-rules-engine rule: id, severity and datasets are defaults')
  const priority = members.get('priority')
  // As the library reads it: whatever is empty or false is 1.
  if (priority !== undefined && Number.parseInt(String(plain(priority.value) || 1), 10) <= 0)
    problems.error(priority.value.at, 'value', 'priority must be above zero')
}

/** Any name will do for the library; one that is no text is not taken over. */
export function bareName(member: Member | undefined): string | undefined {
  const name = member && plain(member.value)
  return typeof name === 'string' && name.trim() !== '' ? name : undefined
}

export function bareEventOf({ value }: Member, problems: Problems): RuleEvent {
  if (value.kind === 'object') return eventOf(value, problems)
  if (plain(value)) problems.error(value.at, 'type', 'event must be an object')
  else problems.odd(value.at, 'type', 'no event: its type is "unknown"')
  return { type: 'unknown', params: {} }
}

function eventOf(node: ObjectNode, problems: Problems): RuleEvent {
  const members = membersOf(node, 'event', ['type', 'params'], problems)!
  const type = members.get('type')
  if (type === undefined) problems.error(node.at, 'required', 'event needs "type"')
  const params = members.get('params')
  if (params !== undefined && params.value.kind !== 'object')
    problems.odd(params.value.at, 'type', 'params that are no object are left out')
  return {
    type: type === undefined ? '' : typeText(type.value, problems),
    params: params?.value.kind === 'object' ? (plain(params.value) as RuleEvent['params']) : {},
  }
}

function typeText(node: Node, problems: Problems): string {
  const type = plain(node)
  if (typeof type === 'string' && type.trim() !== '') return type
  problems.odd(node.at, 'type', 'the type of an event should be text')
  return JSON.stringify(type)
}
