import type { RuleResult } from 'json-rules-engine'
import type { Rule } from '../rule/rule.ts'

/**
 * One condition as json-rules-engine left it. `result` is absent where it was not asked: conditions of a higher
 * priority had decided before.
 */
export type ExplainedCondition = ExplainedCompound | ExplainedTest

interface ExplainedCompound {
  readonly kind: 'all' | 'any' | 'not'
  /** Of a named condition. */
  readonly name?: string
  readonly result?: boolean
  readonly inner: readonly ExplainedCondition[]
}

interface ExplainedTest {
  readonly kind: 'test'
  readonly name?: string
  readonly fact: string
  readonly path?: string
  readonly operator: string
  readonly value: unknown
  readonly result?: boolean
  /** The fact's value; absent where the event has none, or the test was not asked. */
  readonly seen?: unknown
  /** The value of the other fact, where `value` names one. */
  readonly compared?: unknown
}

type Json = Readonly<Record<string, unknown>>

/** The tree of a rule's conditions with what was seen at each; words and values are those of the rule file. */
export function treeOf({ conditions, result }: RuleResult, rule: Rule): ExplainedCondition {
  // The library keeps the root's result beside the tree.
  const met = { ...(conditions as unknown as Json), result }
  return nodeOf(met, rule.conditions as unknown as Json, rule.named ?? new Map())
}

type Named = NonNullable<Rule['named']>

function nodeOf(met: Json, written: Json, named: Named): ExplainedCondition {
  const meant = named.get(String(written['condition'])) as Json | undefined
  const name = nameOf(written)
  // The library puts a named condition in the place of its name when it asks it; one not asked is a name still.
  const node = unnamed(met['condition'] === undefined ? met : (meant ?? met), meant ?? written, named)
  return name === undefined ? node : { ...node, name }
}

function unnamed(met: Json, written: Json, named: Named): ExplainedCondition {
  if (written['condition'] !== undefined) return nodeOf(met, written, named)
  const kind = (['any', 'all', 'not'] as const).find((each) => met[each] !== undefined)
  if (kind === undefined) return { kind: 'test', ...testOf(written), ...resultOf(met), ...seenBy(met) }
  const before = listOf(written[kind])
  const inner = listOf(met[kind]).map((each, index) => nodeOf(each, before[index]!, named))
  return { kind, ...resultOf(met), inner }
}

/** `not` holds one condition, the others a list; a named one, as it was written, holds none. */
function listOf(inner: unknown): readonly Json[] {
  if (inner === undefined) return []
  return Array.isArray(inner) ? inner : [inner as Json]
}

function testOf({ fact, path, operator, value }: Json): Pick<ExplainedTest, 'fact' | 'operator' | 'value'> {
  return {
    fact: String(fact),
    ...(path !== undefined && { path: String(path) }),
    operator: String(operator),
    value,
  }
}

function nameOf({ condition, name }: Json): string | undefined {
  const told = condition ?? name
  return typeof told === 'string' ? told : undefined
}

function resultOf({ result }: Json): { readonly result?: boolean } {
  return result === undefined ? {} : { result: result === true }
}

function seenBy({ result, factResult, value, valueResult }: Json): Pick<ExplainedTest, 'seen' | 'compared'> {
  if (result === undefined) return {}
  const refers = typeof value === 'object' && value !== null && 'fact' in value
  return {
    ...(factResult !== undefined && { seen: factResult }),
    ...(refers && valueResult !== undefined && { compared: valueResult }),
  }
}
