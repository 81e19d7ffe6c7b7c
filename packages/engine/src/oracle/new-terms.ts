import type { Match } from '@weir/model'
import { countedOf } from '../correlate/key.ts'
import type { Correlation } from '../rule/rule.ts'
import { moments, type Piece } from './piece.ts'

/** Looks back over all matches of the group from each of them; nothing is new while the rule learns. */
export function newcomers(
  correlation: Correlation,
  matches: readonly Match[],
  all: readonly Match[],
): Piece[] {
  const from = Math.min(...all.map((match) => match.time)) + (correlation.learnMs ?? 0)
  const isKnown = (match: Match): boolean =>
    matches.some(
      (other) =>
        countedOf(correlation, other) === countedOf(correlation, match) &&
        other.time < match.time &&
        other.time >= match.time - correlation.timespanMs,
    )
  return moments(
    matches.filter((match) => match.time >= from && !isKnown(match)),
    (time) => time,
  )
}
