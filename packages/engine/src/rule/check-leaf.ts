import { checkValue, isWritten } from './check-value.ts'
import type { ConditionContext } from './condition-context.ts'
import { hasDoubleQuotes, stepsOf } from './json-path.ts'
import type { Member, Node, ObjectNode } from './json-tree.ts'
import type { Chain } from './operator.ts'
import { chainOf, DECORATORS, OPERATORS } from './operators.ts'
import type { Problems } from './problem.ts'
import { byKey, membersOf, textOf } from './read-tree.ts'
import { unknownField } from './unknown-field.ts'
import { RECORD } from './vocabulary.ts'

const LEAF_KEYS = ['fact', 'operator', 'value', 'path', 'params', 'priority', 'name']

/** Checks one test of a fact. */
export function checkLeaf(node: ObjectNode, context: ConditionContext): undefined {
  const { problems } = context
  const members = membersOf(node, 'a condition', LEAF_KEYS, problems)!
  for (const key of ['fact', 'operator', 'value'])
    if (!members.has(key)) problems.error(node.at, 'required', `a condition needs "${key}"`)
  checkPriority(members.get('priority'), problems)
  const fact = checkFact(members, node.at, context)
  const chain = checkOperator(members.get('operator'), problems)
  const value = members.get('value')
  if (chain === undefined || value === undefined) return
  const reference = referenceIn(value.value)
  if (reference === undefined) return checkValue(chain, fact, value.value, context)
  checkReference(reference, chain, context)
}

export function checkPriority(member: Member | undefined, problems: Problems): undefined {
  const value = member?.value.kind === 'number' ? Number(member.value.value) : undefined
  if (member === undefined || (value !== undefined && Number.isInteger(value) && value > 0)) return
  problems.odd(member.value.at, 'type', 'priority must be a whole number above zero')
}

function checkOperator(member: Member | undefined, problems: Problems): Chain | undefined {
  const name = member && textOf(member.value, 'operator', problems)
  if (member === undefined || name === undefined) return undefined
  const chain = chainOf(name)
  if (!('unknown' in chain)) return chain
  const known = [...OPERATORS.keys(), ...DECORATORS.keys()]
  return problems.unknown(member.value.at, 'unknown-operator', 'operator', chain.unknown, known)
}

/** Checks `fact` and `path` of a condition or of a value that names a fact; gives the fact's name if it is an ECS field. */
function checkFact(
  members: ReadonlyMap<string, Member>,
  at: number,
  context: ConditionContext,
): string | undefined {
  const { problems, vocabulary, gate } = context
  const fact = members.get('fact')
  const path = members.get('path')
  if (path !== undefined) checkPath(path.value, problems)
  const name = fact && nameOf(fact.value, 'fact', problems)
  if (fact === undefined || name === undefined) return undefined
  if (name === RECORD) {
    if (path === undefined)
      problems.odd(at, 'required', '"record" needs a "path" into the provider\'s record; all of it is "$"')
    return undefined
  }
  if (vocabulary.hasField(gate, name)) return path === undefined ? name : undefined
  const known = [RECORD, ...vocabulary.fieldNames(gate)]
  return problems.odd(fact.value.at, 'unknown-fact', unknownField('field', name, gate, vocabulary, known))
}

function nameOf(node: Node, what: string, problems: Problems): string | undefined {
  if (node.kind === 'string' && typeof node.value === 'string' && node.value !== '') return node.value
  return problems.odd(node.at, 'type', `${what} must be text, and not empty`)
}

function checkPath(node: Node, problems: Problems): undefined {
  const path = nameOf(node, 'path', problems)
  if (path === undefined) return
  if (!path.startsWith('$')) problems.odd(node.at, 'path', 'a path begins with "$"')
  else if (hasDoubleQuotes(path))
    problems.odd(node.at, 'path', 'within brackets, write [\'name\'], not ["name"]')
  else if (stepsOf(path) === undefined)
    problems.warn(node.at, 'slow', 'this path does more than step down: the rule runs in the library, slowly')
}

/** A value that names another fact: `{ "fact": "destination.ip" }`. */
function referenceIn(node: Node): ObjectNode | undefined {
  return node.kind === 'object' && byKey(node).has('fact') ? node : undefined
}

function checkReference(node: ObjectNode, { operator }: Chain, context: ConditionContext): undefined {
  const { problems } = context
  const members = membersOf(node, 'a value that names a fact', ['fact', 'path', 'params'], problems)!
  if (isWritten(operator))
    problems.error(node.at, 'value', `${operator.name} needs its value written out, not another fact`)
  checkFact(members, node.at, context)
}
