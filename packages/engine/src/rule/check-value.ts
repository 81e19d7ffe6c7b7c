import type { ConditionContext } from './condition-context.ts'
import { folded, foldedPart } from './folded.ts'
import { type Node, plain } from './json-tree.ts'
import type { Chain, ValueKind } from './operators.ts'

/** Checks that a literal fits its operator, and that it can meet the field at all. */
export function checkValue(
  chain: Chain,
  field: string | undefined,
  node: Node,
  context: ConditionContext,
): undefined {
  if (chain.decorators.includes('swap')) return checkSwapped(chain, node, context)
  for (const literal of spread(chain.decorators, node, context)) {
    if (fits(chain.operator.value, literal, context)) checkFolded(chain, field, literal, context)
  }
}

/** With `swap` the fact stands where the value does: nothing is known of it before there is an event. */
function checkSwapped(chain: Chain, node: Node, { problems }: ConditionContext): undefined {
  if (['networks', 'regex', 'wildcard', 'boolean'].includes(chain.operator.value))
    problems.error(node.at, 'value', `swap does not go with ${chain.operator.name}`)
}

/** The literals that the operator itself sees: `someValue` and `everyValue` hand on one by one. */
function spread(decorators: readonly string[], node: Node, { problems }: ConditionContext): readonly Node[] {
  let literals: readonly Node[] = [node]
  for (const name of decorators) {
    if (name !== 'someValue' && name !== 'everyValue') continue
    literals = literals.flatMap((each) => {
      if (each.kind === 'list') return each.items
      problems.error(each.at, 'value', `${name} needs a list`)
      return []
    })
  }
  return literals
}

function fits(kind: ValueKind, node: Node, context: ConditionContext): boolean {
  const reason = misfit(kind, node)
  if (reason !== undefined) context.problems.error(node.at, 'value', reason)
  return reason === undefined
}

const SCALARS = ['string', 'number', 'boolean', 'null']

/** Why a literal is of no use to an operator. */
function misfit(kind: ValueKind, node: Node): string | undefined {
  switch (kind) {
    case 'scalar':
      return SCALARS.includes(node.kind) ? undefined : 'a list or object equals nothing: write a single value'
    case 'list':
      if (node.kind !== 'list') return 'write a list of values'
      return node.items.every((item) => SCALARS.includes(item.kind))
        ? undefined
        : 'only single values in this list'
    case 'ordered':
      return node.kind === 'number' || node.kind === 'string' ? undefined : 'write a number'
    case 'text':
      return node.kind === 'string' ? undefined : 'write a text'
    case 'boolean':
      return node.kind === 'boolean' ? undefined : 'write true or false'
    case 'networks':
    case 'regex':
    case 'wildcard':
      return undefined
    default:
      return kind satisfies never
  }
}

function checkFolded(
  chain: Chain,
  field: string | undefined,
  node: Node,
  context: ConditionContext,
): undefined {
  prepares(chain, node, context)
  if (field === undefined || !context.vocabulary.isFolded(context.gate, field)) return
  const form = formOf(chain.operator.name)
  if (!['scalar', 'list', 'text', 'wildcard'].includes(chain.operator.value)) return
  const byCase = chain.decorators.includes('fold')
  for (const literal of node.kind === 'list' ? node.items : [node]) {
    if (literal.kind !== 'string') continue
    const text = byCase ? String(literal.value).toLowerCase() : String(literal.value)
    if (form(text) === text) continue
    const message = `${field} is kept folded and never holds "${text}": write "${form(text)}"`
    context.problems.error(literal.at, 'never-matches', message)
  }
}

/** A whole text is folded whole; of a piece only the end that is the text's own loses its full stop. */
function formOf(operator: string): (text: string) => string {
  if (operator === 'endsWith') return (text) => foldedPart(text).replace(/[.\s]+$/, '')
  return ['startsWith', 'containsText', 'wildcard'].includes(operator) ? foldedPart : folded
}

/** Networks, patterns and wildcards are read once here, to refuse what cannot be. */
function prepares(chain: Chain, node: Node, { problems }: ConditionContext): undefined {
  if (!chain.operator.own) return
  if (chain.operator.name === 'matches' && chain.decorators.includes('fold'))
    return problems.error(node.at, 'value', 'fold would change the pattern: begin it with (?i) instead')
  try {
    chain.operator.prepare(plain(node))
  } catch (error) {
    problems.error(node.at, 'value', error instanceof Error ? error.message : String(error))
  }
}
