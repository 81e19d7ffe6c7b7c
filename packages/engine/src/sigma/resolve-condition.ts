import { wildcardTest } from '../rule/wildcard.ts'
import type { Expression } from './condition-grammar.ts'
import { Refused } from './refusal.ts'

/** A condition over what its identifiers stand for. */
export type Logic<Leaf> =
  | { readonly kind: 'and' | 'or'; readonly inner: readonly Logic<Leaf>[] }
  | { readonly kind: 'not'; readonly inner: Logic<Leaf> }
  | { readonly kind: 'leaf'; readonly leaf: Leaf }

/**
 * Puts in place of each name what `of` gives for it, and works out what is decided already: an empty `1 of` is
 * false. Throws `Refused` for an unknown name, and where the whole is decided without an event.
 */
export function resolved<Leaf>(
  expression: Expression,
  names: readonly string[],
  of: (name: string) => Logic<Leaf>,
): Logic<Leaf> {
  const logic = simplified(named(expression, names, of))
  if (logic === true) throw new Refused('always-matches', 'every event meets the condition')
  if (logic === false)
    throw new Refused('never-matches', 'no event can meet the condition: "1 of" finds no identifier')
  return logic
}

type Decided<Leaf> = Logic<Leaf> | boolean

function named<Leaf>(
  expression: Expression,
  names: readonly string[],
  of: (name: string) => Logic<Leaf>,
): Logic<Leaf> {
  switch (expression.kind) {
    case 'identifier':
      if (!names.includes(expression.name))
        throw new Refused('condition', `there is no search identifier "${expression.name}"`)
      return of(expression.name)
    case 'of':
      return { kind: expression.every ? 'and' : 'or', inner: chosen(expression, names).map(of) }
    case 'not':
      return { kind: 'not', inner: named(expression.inner, names, of) }
    case 'and':
    case 'or':
      return { kind: expression.kind, inner: expression.inner.map((each) => named(each, names, of)) }
    default:
      return expression satisfies never
  }
}

/** Names beginning with an underscore are never meant by a quantifier, unless the pattern has it too. */
function chosen(
  { every, pattern }: Expression & { kind: 'of' },
  names: readonly string[],
): readonly string[] {
  const fits = pattern === undefined ? undefined : wildcardTest(pattern)
  const found = names.filter(
    (name) => (fits?.(name) ?? true) && (!name.startsWith('_') || pattern?.startsWith('_')),
  )
  if (found.length === 0 && every)
    throw new Refused('condition', `"all of ${pattern ?? 'them'}" finds no identifier`)
  return found
}

function simplified<Leaf>(logic: Logic<Leaf>): Decided<Leaf> {
  if (logic.kind === 'leaf') return logic
  if (logic.kind === 'not') {
    const inner = simplified(logic.inner)
    return typeof inner === 'boolean' ? !inner : { kind: 'not', inner }
  }
  const deciding = logic.kind === 'or'
  const inner = logic.inner.map(simplified)
  if (inner.includes(deciding)) return deciding
  const open = inner.filter((each) => typeof each !== 'boolean')
  if (open.length === 0) return !deciding
  return open.length === 1 ? open[0]! : { kind: logic.kind, inner: open }
}
