import type { Match } from '@weir/model'
import { countedOf } from '../correlate/key.ts'
import type { Bounds, Correlation } from '../rule/rule.ts'
import type { Piece } from './piece.ts'

/** Lays every match into its window [k · timespan, (k + 1) · timespan) and asks each window that has any. */
export function satisfied(correlation: Correlation, matches: readonly Match[]): Piece[] {
  const { timespanMs, condition } = correlation
  const numbers = [...new Set(matches.map((match) => Math.floor(match.time / timespanMs)))]
  return numbers.flatMap((k) => {
    const window = matches.filter((match) => Math.floor(match.time / timespanMs) === k)
    if (!holds(condition, measured(correlation, window))) return []
    const end = (k + 1) * timespanMs
    return [{ matches: new Set(window), at: end - 1, first: k * timespanMs, last: end }]
  })
}

function holds({ gt, gte, lt, lte, eq, neq }: Bounds, number: number): boolean {
  if (gt !== undefined && !(number > gt)) return false
  if (gte !== undefined && !(number >= gte)) return false
  if (lt !== undefined && !(number < lt)) return false
  if (lte !== undefined && !(number <= lte)) return false
  if (eq !== undefined && number !== eq) return false
  return neq === undefined || number !== neq
}

function measured(correlation: Correlation, window: readonly Match[]): number {
  const numbers = numbersOf(correlation, window)
  const sum = numbers.reduce((total, number) => total + number, 0)
  switch (correlation.type) {
    case 'value_sum':
      return sum
    case 'value_avg':
      return sum / numbers.length
    case 'value_percentile':
      return percentile(numbers, correlation.condition.percentile as number)
    default:
      return new Set(window.map((match) => countedOf(correlation, match))).size
  }
}

/** One number for each event; of an event that met several rules, the one that it gives the first of them by name. */
function numbersOf(correlation: Correlation, window: readonly Match[]): number[] {
  return window
    .filter((match) => !window.some((other) => other.identity === match.identity && other.rule < match.rule))
    .map((match) => Number(countedOf(correlation, match)))
}

/** The least value that at least so many of a hundred values do not exceed: the nearest rank. */
function percentile(numbers: readonly number[], share: number): number {
  const enough = numbers.filter(
    (one) => 100 * numbers.filter((other) => other <= one).length >= share * numbers.length,
  )
  return Math.min(...enough)
}
