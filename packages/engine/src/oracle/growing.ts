import type { Match } from '@weir/model'
import { countedOf } from '../correlate/key.ts'
import type { Correlation } from '../rule/rule.ts'
import { type Piece, pieceOf, union } from './piece.ts'

/** Tries every window and unites those that are satisfied and share a match. */
export function connected(correlation: Correlation, matches: readonly Match[]): Piece[] {
  let pieces: Piece[] = []
  for (const { time: from } of matches) {
    for (const { time: to } of matches) {
      if (to < from || to - from > correlation.timespanMs) continue
      const window = matches.filter((match) => match.time >= from && match.time <= to)
      if (!isSatisfied(correlation, window)) continue
      const sharing = pieces.filter((piece) => window.some((match) => piece.matches.has(match)))
      pieces = pieces.filter((piece) => !sharing.includes(piece))
      pieces.push(union([pieceOf(window, to), ...sharing]))
    }
  }
  return pieces
}

function isSatisfied(correlation: Correlation, window: readonly Match[]): boolean {
  const values = new Set(window.map((match) => countedOf(correlation, match)))
  const { gte = 1 } = correlation.condition
  switch (correlation.type) {
    case 'event_count':
    case 'value_count':
      return values.size >= gte
    case 'temporal':
      return values.size >= Math.min(gte, new Set(correlation.rules).size)
    case 'temporal_ordered':
      return sublists(correlation.rules, gte).some((steps) =>
        hasChain(steps, window, Number.NEGATIVE_INFINITY, []),
      )
    default:
      throw new Error(`${correlation.type} does not grow`)
  }
}

/** Every way to take so many of the steps, in their order. */
function sublists(steps: readonly string[], length: number): readonly (readonly string[])[] {
  if (length === 0) return [[]]
  return steps.flatMap((step, i) => sublists(steps.slice(i + 1), length - 1).map((rest) => [step, ...rest]))
}

/** Tries every match for the next step, and every match for the step after it. */
function hasChain(
  steps: readonly string[],
  window: readonly Match[],
  after: number,
  used: string[],
): boolean {
  const [step, ...rest] = steps
  if (step === undefined) return true
  return window.some(
    (match) =>
      match.rule === step &&
      match.time >= after &&
      !used.includes(match.identity) &&
      hasChain(rest, window, match.time, [...used, match.identity]),
  )
}
