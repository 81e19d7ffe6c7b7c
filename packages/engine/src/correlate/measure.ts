import type { Bounds, Correlation } from '../rule/rule.ts'
import type { Held } from './state.ts'

/** The number that the condition is asked of, over members by time; counts are of distinct values. */
export function measureOf(correlation: Correlation, members: readonly Held[]): number {
  switch (correlation.type) {
    case 'value_sum':
      return sumOf(numbersOf(members))
    case 'value_avg': {
      const numbers = numbersOf(members)
      return sumOf(numbers) / numbers.length
    }
    case 'value_percentile':
      return nearestRank(numbersOf(members), correlation.condition.percentile ?? 50)
    case 'event_count':
    case 'value_count':
    case 'temporal':
    case 'temporal_ordered':
    case 'new_terms':
    case 'absence':
      return new Set(members.map((held) => held.value)).size
    default:
      return correlation.type satisfies never
  }
}

/** True when the number is none of a count. */
export function isMeasured({ type }: Correlation): boolean {
  return type === 'value_sum' || type === 'value_avg' || type === 'value_percentile'
}

/** One number for each event: members of one identity stand side by side, and the first of them counts. */
export function numbersOf(members: readonly Held[]): number[] {
  return members
    .filter((held, i) => held.match.identity !== members[i - 1]?.match.identity)
    .map((held) => Number(held.value))
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0)
}

/** The value at rank ⌈percentile / 100 · n⌉ in ascending order; the least one for the percentile 0. */
function nearestRank(numbers: number[], percentile: number): number {
  const rank = Math.max(1, Math.ceil((percentile * numbers.length) / 100))
  return Float64Array.from(numbers).sort()[rank - 1] as number
}

export function meets(number: number, { gt, gte, lt, lte, eq, neq }: Bounds): boolean {
  return (
    (gt === undefined || number > gt) &&
    (gte === undefined || number >= gte) &&
    (lt === undefined || number < lt) &&
    (lte === undefined || number <= lte) &&
    (eq === undefined || number === eq) &&
    (neq === undefined || number !== neq)
  )
}
