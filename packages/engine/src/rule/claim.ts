import { type Node, plain } from './json-tree.ts'
import type { Chain, Test, ValueKind } from './operator.ts'
import { chainOf } from './operators.ts'
import { byKey } from './read-tree.ts'

/** What one test says of one place of an event, as far as it can be told without an event. */
export interface Claim {
  readonly node: Node
  /** Fact and path: only claims of one place can bear on each other. */
  readonly place: string
  readonly operator: string
  readonly value: unknown
  /** The only values that meet it; absent where they cannot be listed. */
  readonly values: readonly unknown[] | undefined
  readonly bound: Bound | undefined
  readonly piece: Piece | undefined
  /** The operator's own answer for a value. */
  readonly holds: (value: unknown) => boolean
}

interface Bound {
  readonly end: 'low' | 'high'
  readonly value: number
  /** The bound itself does not meet it. */
  readonly open: boolean
}

/** A piece of text that must be there. */
export interface Piece {
  readonly at: 'startsWith' | 'endsWith' | 'containsText'
  readonly fold: boolean
  readonly text: string
}

/** Kinds of value that say the same whatever stands outside the rule file. */
const TOLD: readonly ValueKind[] = [
  'scalar',
  'list',
  'ordered',
  'text',
  'boolean',
  'networks',
  'regex',
  'wildcard',
]

/** The claim of a test; `undefined` where it compares with another fact, or depends on more than its literal. */
export function claimOf(node: Node): Claim | undefined {
  if (node.kind !== 'object') return undefined
  const members = byKey(node)
  const [fact, path, operator, value] = ['fact', 'path', 'operator', 'value'].map((key) => members.get(key))
  if (fact === undefined || operator === undefined || value === undefined) return undefined
  if (members.has('params') || value.value.kind === 'object') return undefined
  const name = String(plain(operator.value))
  const chain = chainOf(name)
  if ('unknown' in chain || !TOLD.includes(chain.operator.value)) return undefined
  const literal = plain(value.value)
  return {
    node,
    place: `${plain(fact.value)} ${path === undefined ? '' : plain(path.value)}`,
    operator: name,
    value: literal,
    values: valuesOf(name, literal),
    bound: BOUNDS[name]?.(literal),
    piece: pieceOf(name, literal),
    holds: lazily(chain, literal),
  }
}

/** A test as a person would say it; a compound one by its word. */
export function textOf(node: Node): string {
  if (node.kind !== 'object') return '?'
  const { fact, path, operator, value, ...rest } = plain(node) as Record<string, unknown>
  if (fact === undefined) return wordOf(rest)
  return `${[fact, path, operator].filter((part) => part !== undefined).join(' ')} ${JSON.stringify(value)}`
}

function wordOf(rest: Readonly<Record<string, unknown>>): string {
  const word = ['all', 'any', 'not', 'condition'].find((key) => key in rest)
  return word === undefined ? '?' : `the "${word}"`
}

function valuesOf(operator: string, value: unknown): readonly unknown[] | undefined {
  if (operator === 'equal') return [value]
  if (operator === 'in') return Array.isArray(value) ? value : undefined
  return operator === 'exists' && value === false ? [undefined, null] : undefined
}

function bound(end: Bound['end'], open: boolean): (value: unknown) => Bound | undefined {
  return (value) => (typeof value === 'number' ? { end, value, open } : undefined)
}

const BOUNDS: Readonly<Record<string, (value: unknown) => Bound | undefined>> = {
  lessThan: bound('high', true),
  lessThanInclusive: bound('high', false),
  greaterThan: bound('low', true),
  greaterThanInclusive: bound('low', false),
}

function pieceOf(operator: string, value: unknown): Piece | undefined {
  const [fold, at] = operator.startsWith('fold:') ? [true, operator.slice('fold:'.length)] : [false, operator]
  if (at !== 'startsWith' && at !== 'endsWith' && at !== 'containsText') return undefined
  return { at, fold, text: fold ? String(value).toLowerCase() : String(value) }
}

/** Prepared when first asked: few tests are, and a pattern costs. One that throws may hold for all we know. */
function lazily({ prepare }: Chain, literal: unknown): Claim['holds'] {
  let test: Test | undefined
  return (value) => {
    try {
      test ??= prepare(literal)
      return test(value)
    } catch {
      return true
    }
  }
}
