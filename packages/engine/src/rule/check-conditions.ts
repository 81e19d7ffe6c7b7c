import { checkValue, isWritten } from './check-value.ts'
import type { ConditionContext } from './condition-context.ts'
import { hasDoubleQuotes, stepsOf } from './json-path.ts'
import type { Member, Node, ObjectNode } from './json-tree.ts'
import type { Chain } from './operator.ts'
import { chainOf, DECORATORS, OPERATORS } from './operators.ts'
import type { Problems } from './problem.ts'
import { byKey, listOf, membersOf, textOf } from './read-tree.ts'
import { RECORD } from './vocabulary.ts'

const COMPOUNDS = ['all', 'any', 'not'] as const
const COMPOUND_KEYS = [...COMPOUNDS, 'name', 'priority']
const LEAF_KEYS = ['fact', 'operator', 'value', 'path', 'params', 'priority', 'name']

/** Checks json-rules-engine conditions: their shape, and that every name in them is known. */
export function checkConditions(node: Node, context: ConditionContext): undefined {
  if (node.kind !== 'object') return context.problems.error(node.at, 'type', 'conditions must be an object')
  const keys = node.members.map((member) => member.key)
  if (keys.includes('condition')) return refuseNamed(node, context)
  if (COMPOUNDS.some((key) => keys.includes(key))) return checkCompound(node, context)
  context.problems.error(node.at, 'conditions', 'conditions must begin with one of all, any, not')
}

function checkNested(node: Node, context: ConditionContext): undefined {
  if (node.kind !== 'object') return context.problems.error(node.at, 'type', 'a condition must be an object')
  const keys = node.members.map((member) => member.key)
  if (keys.includes('condition')) return refuseNamed(node, context)
  if (COMPOUNDS.some((key) => keys.includes(key))) return checkCompound(node, context)
  checkLeaf(node, context)
}

function refuseNamed(node: Node, { problems }: ConditionContext): undefined {
  problems.error(
    node.at,
    'unsupported',
    'named conditions belong to an engine, a rule file has none: write them out',
  )
}

function checkCompound(node: ObjectNode, context: ConditionContext): undefined {
  const { problems } = context
  const members = membersOf(node, 'a compound condition', COMPOUND_KEYS, problems)
  const kinds = COMPOUNDS.filter((key) => members?.has(key))
  if (kinds.length > 1)
    return problems.error(node.at, 'conditions', `only one of ${kinds.join(', ')} can stand in one condition`)
  checkPriority(members?.get('priority'), problems)
  const kind = kinds[0]!
  const inner = members!.get(kind)!.value
  if (kind === 'not') return checkNested(inner, context)
  const list = listOf(inner, `"${kind}"`, problems)
  if (list?.items.length === 0) problems.warn(inner.at, 'conditions', `an empty "${kind}" is always true`)
  for (const item of list?.items ?? []) checkNested(item, context)
}

function checkPriority(member: Member | undefined, problems: Problems): undefined {
  const value = member?.value.kind === 'number' ? Number(member.value.value) : undefined
  if (member === undefined || (value !== undefined && Number.isInteger(value) && value > 0)) return
  problems.error(member.value.at, 'type', 'priority must be a whole number above zero')
}

function checkLeaf(node: ObjectNode, context: ConditionContext): undefined {
  const { problems } = context
  const members = membersOf(node, 'a condition', LEAF_KEYS, problems)!
  for (const key of ['fact', 'operator', 'value'])
    if (!members.has(key)) problems.error(node.at, 'required', `a condition needs "${key}"`)
  checkPriority(members.get('priority'), problems)
  const fact = checkFact(members, node.at, context)
  const operator = members.get('operator')
  const value = members.get('value')
  const name = operator && textOf(operator.value, 'operator', problems)
  if (operator === undefined || name === undefined) return
  const chain = chainOf(name)
  if ('unknown' in chain) {
    const known = [...OPERATORS.keys(), ...DECORATORS.keys()]
    return problems.unknown(operator.value.at, 'unknown-operator', 'operator', chain.unknown, known)
  }
  if (value === undefined) return
  const reference = referenceIn(value.value)
  if (reference === undefined) return checkValue(chain, fact, value.value, context)
  checkReference(reference, chain, context)
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
  const name = fact && textOf(fact.value, 'fact', problems)
  if (path !== undefined) checkPath(path.value, problems)
  if (fact === undefined || name === undefined) return undefined
  if (name === RECORD) {
    if (path === undefined)
      problems.error(at, 'required', '"record" needs a "path" into the provider\'s record')
    return undefined
  }
  if (vocabulary.hasField(gate, name)) return path === undefined ? name : undefined
  problems.unknown(fact.value.at, 'unknown-fact', 'field', name, [RECORD, ...vocabulary.fieldNames(gate)])
  return undefined
}

function checkPath(node: Node, problems: Problems): undefined {
  const path = textOf(node, 'path', problems)
  if (path === undefined) return
  if (!path.startsWith('$')) problems.error(node.at, 'path', 'a path begins with "$"')
  else if (hasDoubleQuotes(path))
    problems.error(node.at, 'path', 'within brackets, write [\'name\'], not ["name"]')
  else if (stepsOf(path) === undefined)
    problems.warn(node.at, 'slow', 'this path does more than step down: the rule runs in the library, slowly')
}

/** A value that names another fact: `{ "fact": "destination.ip" }`. */
function referenceIn(node: Node): ObjectNode | undefined {
  return node.kind === 'object' && byKey(node).has('fact') ? node : undefined
}

function checkReference(node: ObjectNode, chain: Chain, context: ConditionContext): undefined {
  const { problems } = context
  const members = membersOf(node, 'a value that names a fact', ['fact', 'path', 'params'], problems)!
  if (isWritten(chain.operator))
    problems.error(node.at, 'value', `${chain.operator.name} needs its value written out, not another fact`)
  checkFact(members, node.at, context)
}
