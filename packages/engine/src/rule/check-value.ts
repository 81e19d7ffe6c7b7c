import type { ConditionContext } from './condition-context.ts'
import { folded, foldedPart } from './folded.ts'
import { type Node, plain, type ScalarNode } from './json-tree.ts'
import type { Chain, Decorator, Operator, ValueKind } from './operator.ts'

/** True for values that are read once, when the rule loads: an event may not bring them. */
export function isWritten(operator: Operator): boolean {
  return ['regex', 'timeOfDay', 'watchlist'].includes(operator.value)
}

/** Checks that a literal fits its operator, and that it can meet the field at all. */
export function checkValue(
  chain: Chain,
  field: string | undefined,
  node: Node,
  context: ConditionContext,
): undefined {
  if (chain.decorators.some((each) => each.name === 'swap')) return checkSwapped(chain, node, context)
  for (const literal of seenLiterals(chain.decorators, node, context)) {
    if (fits(chain.operator.value, literal, context)) checkReach(chain, field, literal, context)
  }
}

/** With `swap` the fact stands where the value does: nothing is known of it before there is an event. */
function checkSwapped({ operator }: Chain, node: Node, { problems }: ConditionContext): undefined {
  if (isWritten(operator)) problems.error(node.at, 'value', `swap does not go with ${operator.name}`)
}

/** The literals that the operator itself sees: `someValue` and `everyValue` hand on one by one, others convert. */
function seenLiterals(
  decorators: readonly Decorator[],
  node: Node,
  { problems }: ConditionContext,
): readonly Node[] {
  let literals: readonly Node[] = [node]
  for (const { name, converts } of decorators) {
    if (name !== 'fold' && converts !== undefined)
      literals = literals.map((each) => converted(each, converts.value))
    if (name !== 'someValue' && name !== 'everyValue') continue
    literals = literals.flatMap((each) => {
      if (each.kind === 'list') return each.items
      problems.odd(each.at, 'value', `${name} needs a list`)
      return []
    })
  }
  return literals
}

function converted(node: Node, convert: (value: unknown) => unknown): Node {
  if (node.kind === 'object') return node
  if (node.kind === 'list') return { ...node, items: node.items.map((each) => converted(each, convert)) }
  const value = convert(node.value) as ScalarNode['value']
  return { ...node, value, kind: value === null ? 'null' : (typeof value as ScalarNode['kind']) }
}

function fits(kind: ValueKind, node: Node, context: ConditionContext): boolean {
  const reason = misfit(kind, node)
  if (reason !== undefined) context.problems.odd(node.at, 'value', reason)
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
    case 'watchlist':
      return node.kind === 'string' ? undefined : 'write the name of a list'
    case 'boolean':
      return node.kind === 'boolean' ? undefined : 'write true or false'
    case 'networks':
    case 'regex':
    case 'wildcard':
    case 'timeOfDay':
      return undefined
    default:
      return kind satisfies never
  }
}

function checkReach(
  chain: Chain,
  field: string | undefined,
  node: Node,
  context: ConditionContext,
): undefined {
  if (chain.operator.value === 'watchlist') return checkList(node, context)
  prepares(chain, node, context)
  if (chain.operator.value === 'ordered' && node.kind === 'string') checkSeen(chain, node, context)
  if (!['scalar', 'list', 'text', 'wildcard'].includes(chain.operator.value)) return
  for (const literal of node.kind === 'list' ? node.items : [node]) {
    checkSeen(chain, literal, context)
    if (field !== undefined && context.vocabulary.isFolded(context.gate, field))
      checkFolded(chain, field, literal, context)
  }
}

function checkList(node: Node, { problems, lists }: ConditionContext): undefined {
  const name = String(plain(node))
  if (!lists.has(name))
    problems.unknown(node.at, 'unknown-list', 'list, or one that did not load,', name, lists.keys())
}

/** Behind `hour`, `number` or `anyText` no other kind of literal is ever met. */
function checkSeen({ decorators, operator }: Chain, node: Node, { problems }: ConditionContext): undefined {
  const giving = decorators.findLast((each) => each.sees !== undefined || each.name === 'text')
  if (giving?.sees === undefined || giving.sees.has(plain(node))) return
  problems.odd(node.at, 'never-matches', `${giving.name}:${operator.name} needs ${giving.sees.what}`)
}

function checkFolded(chain: Chain, field: string, node: Node, { problems }: ConditionContext): undefined {
  if (node.kind !== 'string') return
  const form = formOf(chain.operator.name)
  const byCase = chain.decorators.some((each) => each.name === 'fold')
  const text = byCase ? String(node.value).toLowerCase() : String(node.value)
  if (form(text) === text) return
  const message = `${field} is kept folded and never holds "${text}": write "${form(text)}"`
  problems.odd(node.at, 'never-matches', message)
}

/** A whole text is folded whole; of a piece only the end that is the text's own loses its full stop. */
function formOf(operator: string): (text: string) => string {
  if (operator === 'endsWith') return (text) => foldedPart(text).replace(/[.\s]+$/, '')
  return ['startsWith', 'containsText', 'wildcard'].includes(operator) ? foldedPart : folded
}

/** Networks, patterns and wildcards are read once here, to refuse what cannot be. */
function prepares(chain: Chain, node: Node, { problems }: ConditionContext): undefined {
  if (!chain.operator.own) return
  if (chain.operator.name === 'matches' && chain.decorators.some((each) => each.name === 'fold'))
    return problems.error(node.at, 'value', 'fold would change the pattern: begin it with (?i) instead')
  try {
    chain.operator.prepare(plain(node))
  } catch (error) {
    problems.error(node.at, 'value', error instanceof Error ? error.message : String(error))
  }
}
