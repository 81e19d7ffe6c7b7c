import type { DraftCondition } from './draft.ts'
import type { Member, Node } from './json-tree.ts'
import type { Problems } from './problem.ts'
import { membersOf, type Placed, textOf, textsOf } from './read-tree.ts'
import type { Bounds, CorrelationType } from './rule.ts'

const LOWER = ['gt', 'gte'] as const
const UPPER = ['lt', 'lte'] as const
const ALONE = ['eq', 'neq'] as const
const WORDS = [...LOWER, ...UPPER, ...ALONE] as const
type Word = (typeof WORDS)[number]

/** What the types that ask a number of each window know beside bounds. */
const MORE: Readonly<Partial<Record<CorrelationType, readonly string[]>>> = {
  value_count: ['field'],
  value_sum: ['field'],
  value_avg: ['field'],
  value_percentile: ['field', 'percentile'],
}

/** Reads the `condition` of a correlation that counts or measures; `at` is where one is missing. */
export function checkBounds(
  at: number,
  member: Member | undefined,
  type: CorrelationType,
  problems: Problems,
): DraftCondition {
  if (member === undefined) {
    problems.error(at, 'required', `${type} needs "condition"`)
    return { fields: [] }
  }
  const { value } = member
  const members = membersOf(value, 'condition', [...WORDS, 'field', 'percentile'], problems)
  if (members === undefined) return { fields: [] }
  for (const key of ['field', 'percentile'] as const) checkPlace(value, key, members.get(key), type, problems)
  const bounds = boundsOf(value, members, isCount(type), problems)
  const fields = fieldsOf(members.get('field'), type === 'value_count', problems)
  const percentile = percentileOf(members.get('percentile'), problems)
  return { ...bounds, fields, ...(percentile !== undefined && { percentile }) }
}

/** One field, or a list of them where `many` may stand. */
export function fieldsOf(member: Member | undefined, many: boolean, problems: Problems): readonly Placed[] {
  if (member === undefined) return []
  if (many && member.value.kind === 'list') return textsOf(member.value, 'field', problems)
  const text = textOf(member.value, 'field', problems)
  return text === undefined ? [] : [{ text, at: member.value.at }]
}

function isCount(type: CorrelationType): boolean {
  return type === 'event_count' || type === 'value_count' || type.startsWith('temporal')
}

function checkPlace(
  node: Node,
  key: 'field' | 'percentile',
  member: Member | undefined,
  type: CorrelationType,
  problems: Problems,
): void {
  const isKnown = MORE[type]?.includes(key) === true
  const owner = key === 'field' ? 'value_count and its like' : 'value_percentile'
  if (isKnown && member === undefined) problems.error(node.at, 'required', `${type} needs "${key}"`)
  if (!isKnown && member !== undefined)
    problems.error(member.at, 'correlation', `${type} has no "${key}": it belongs to ${owner}`)
}

function percentileOf(member: Member | undefined, problems: Problems): number | undefined {
  if (member === undefined) return undefined
  const number = numberOf(member)
  if (number >= 0 && number <= 100) return number
  return problems.error(member.value.at, 'value', 'percentile must be a number from 0 to 100')
}

function boundsOf(
  node: Node,
  members: ReadonlyMap<string, Member>,
  count: boolean,
  problems: Problems,
): Bounds {
  const written = WORDS.flatMap((word) => members.get(word) ?? [])
  if (!isOneOrRange(written)) {
    const words = WORDS.map((word) => `"${word}"`).join(', ')
    problems.error(node.at, 'required', `condition needs one of ${words}, or a lower and an upper bound`)
    return {}
  }
  const bounds: Partial<Record<Word, number>> = {}
  for (const member of written) {
    const number = numberOf(member)
    const wrong = count ? countProblem(member.key as Word, number) : measureProblem(number)
    if (wrong !== undefined) problems.error(member.value.at, 'value', `${member.key} ${wrong}`)
    // A count is whole: so the growing conditions are one.
    else if (count && member.key === 'gt') bounds.gte = number + 1
    else bounds[member.key as Word] = number
  }
  if (isEmptyRange(bounds, count)) problems.error(node.at, 'value', 'no number lies between these bounds')
  return bounds
}

function isOneOrRange(written: readonly Member[]): boolean {
  const among = (words: readonly string[]): number => written.filter(({ key }) => words.includes(key)).length
  if (among(ALONE) > 0) return written.length === 1
  return written.length > 0 && among(LOWER) <= 1 && among(UPPER) <= 1
}

function numberOf({ value }: Member): number {
  return Number(value.kind === 'number' ? value.value : Number.NaN)
}

/** The least number that a count can be asked for: there is no window without a match. */
const LEAST: Readonly<Record<Word, number>> = { gt: 0, gte: 1, lt: 2, lte: 1, eq: 1, neq: 0 }

function countProblem(word: Word, number: number): string | undefined {
  if (Number.isSafeInteger(number) && number >= LEAST[word]) return undefined
  return LOWER.includes(word as (typeof LOWER)[number])
    ? 'must be a whole number that at least one match can reach'
    : `must be a whole number from ${LEAST[word]}: a window has at least one match, and none at all is the type absence`
}

function measureProblem(number: number): string | undefined {
  return Number.isFinite(number) ? undefined : 'must be a number'
}

function isEmptyRange({ gt, gte, lt, lte }: Bounds, count: boolean): boolean {
  const low = gte ?? gt
  const high = lte ?? lt
  if (low === undefined || high === undefined) return false
  if (count) return low > (lte ?? high - 1)
  return gte === undefined || lte === undefined ? low >= high : low > high
}
