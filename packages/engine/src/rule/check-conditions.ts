import { checkLeaf, checkPriority } from './check-leaf.ts'
import type { ConditionContext } from './condition-context.ts'
import type { Member, Node, ObjectNode } from './json-tree.ts'
import { byKey, listOf, membersOf, textOf } from './read-tree.ts'

/** In the order in which the library looks for them. */
const COMPOUNDS = ['any', 'all', 'not'] as const
const FORMS: readonly string[] = [...COMPOUNDS, 'condition']

/** Checks json-rules-engine conditions: their shape, and that every name in them is known. */
export function checkConditions(node: Node, context: ConditionContext): undefined {
  if (node.kind !== 'object') return context.problems.error(node.at, 'type', 'conditions must be an object')
  if (node.members.some((member) => FORMS.includes(member.key))) return checkForm(node, context)
  context.problems.error(node.at, 'conditions', 'conditions must begin with one of all, any, not, condition')
}

function checkNested(node: Node, context: ConditionContext): undefined {
  if (node.kind !== 'object') return context.problems.error(node.at, 'type', 'a condition must be an object')
  if (node.members.some((member) => FORMS.includes(member.key))) return checkForm(node, context)
  checkLeaf(node, context)
}

function checkForm(node: ObjectNode, context: ConditionContext): undefined {
  const { problems } = context
  const members = byKey(node)
  const forms = FORMS.filter((key) => members.has(key))
  if (forms.length > 1)
    problems.odd(node.at, 'conditions', `only one of ${forms.join(', ')} can stand in one condition`)
  membersOf(node, 'a compound condition', [...FORMS, 'name', 'priority'], problems)
  checkPriority(members.get('priority'), problems)
  const name = members.get('condition')
  if (name !== undefined) checkReference(name, context)
  const kind = COMPOUNDS.find((key) => members.has(key))
  if (kind !== undefined) checkCompound(kind, members.get(kind)!.value, context)
}

function checkCompound(kind: string, inner: Node, context: ConditionContext): undefined {
  if (kind === 'not') return checkNested(inner, context)
  const list = listOf(inner, `"${kind}"`, context.problems)
  if (list?.items.length === 0)
    context.problems.warn(inner.at, 'conditions', `an empty "${kind}" is always true`)
  for (const item of list?.items ?? []) checkNested(item, context)
}

/** A named condition is checked again for each rule: the rule's datasets decide which fields there are. */
function checkReference(member: Member, context: ConditionContext): undefined {
  const { problems, named } = context
  const name = textOf(member.value, 'condition', problems)
  if (name === undefined) return
  const condition = named.get(name)
  if (condition === undefined)
    return problems.unknown(member.value.at, 'unknown-condition', 'condition', name, named.keys())
  const inner = condition.problems.blank(problems.bare)
  checkConditions(condition.node, { ...context, problems: inner })
  for (const { file, line, column, severity, code, message } of inner.list)
    if (severity === 'error')
      problems.error(member.value.at, code, `condition "${name}" (${file}:${line}:${column}): ${message}`)
}
