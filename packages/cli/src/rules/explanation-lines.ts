import type { ExplainedCondition, ExplainedCorrelation, ExplainedKey, Explanation } from '@weir/engine'
import { printable } from '../printable.ts'

/** Characters of a value on a line; the rest is left to `--json`. */
const SHOWN_CHARACTERS_MAX = 160

/** An explanation as a tree of lines, each with its verdict before it: yes, no, or `--` for what was not asked. */
export function explanationLines(explanation: Explanation, depth = 0): readonly string[] {
  const { rule, matched, conditions, threw, correlations, bases } = explanation
  return [
    line(depth, matched, `rule ${rule}`),
    gateLine(explanation, depth + 1),
    ...(threw === undefined ? [] : [line(depth + 1, false, `the evaluation threw: ${threw}`)]),
    ...(conditions === undefined ? [] : conditionLines(conditions, depth + 1)),
    ...bases.flatMap((base) => explanationLines(base, depth + 1)),
    ...correlations.flatMap((each) => correlationLines(each, depth + 1)),
  ]
}

function line(depth: number, verdict: boolean | undefined, text: string): string {
  const word = verdict === undefined ? '--' : verdict ? 'yes' : 'no'
  return `${word.padEnd(4)}${'  '.repeat(depth)}${printable(text)}`
}

function gateLine({ dataset }: Explanation, depth: number): string {
  const wanted = dataset.rule.length === 0 ? 'every dataset' : dataset.rule.join(', ')
  return line(depth, dataset.admitted, `dataset ${dataset.event}; the rule looks at ${wanted}`)
}

function conditionLines(node: ExplainedCondition, depth: number): readonly string[] {
  const name = node.name === undefined ? '' : `${node.name}: `
  const unasked = node.result === undefined ? '  (not asked: a higher priority had decided)' : ''
  if (node.kind === 'test') {
    const { fact, path, operator, value } = node
    const asked = [fact, path, operator, shown(value)].filter((part) => part !== undefined).join(' ')
    return [line(depth, node.result, `${name}${asked}${unasked || seenBy(node)}`)]
  }
  const empty = node.inner.length === 0 ? ' of nothing: always true' : ''
  return [
    line(depth, node.result, `${name}${node.kind}${empty}${unasked}`),
    ...(node.result === undefined ? [] : node.inner.flatMap((each) => conditionLines(each, depth + 1))),
  ]
}

function seenBy(node: ExplainedCondition & { readonly kind: 'test' }): string {
  const seen = 'seen' in node ? shown(node.seen) : 'nothing'
  return `  saw ${seen}${'compared' in node ? ` beside ${shown(node.compared)}` : ''}`
}

function correlationLines(
  { type, timespanMs, of, taken, keys }: ExplainedCorrelation,
  depth: number,
): readonly string[] {
  const skipped = taken ? '' : ': a field is lacking, the match is skipped'
  return [
    line(depth, taken, `correlation ${type} within ${timespanMs / 1000} s takes a match of ${of}${skipped}`),
    ...keys.map((key) => keyLine(key, depth + 1)),
  ]
}

function keyLine({ use, name, field, value }: ExplainedKey, depth: number): string {
  const alias = field === name ? name : `${name} = ${field}`
  return line(
    depth,
    value !== undefined,
    `${use} ${alias}  ${value === undefined ? 'lacking' : shown(value)}`,
  )
}

function shown(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length <= SHOWN_CHARACTERS_MAX ? text : `${text.slice(0, SHOWN_CHARACTERS_MAX)}…`
}
