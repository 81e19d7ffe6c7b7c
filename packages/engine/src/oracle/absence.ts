import type { Match } from '@weir/model'
import type { Correlation } from '../rule/rule.ts'
import { moments, type Piece } from './piece.ts'

/** Looks from each match of the first rule for one of the second, no earlier and no more than a timespan later. */
export function unanswered(correlation: Correlation, matches: readonly Match[]): Piece[] {
  const [asking, answering] = correlation.rules
  const { timespanMs } = correlation
  const isAnswered = ({ time }: Match): boolean =>
    matches.some((each) => each.rule === answering && each.time >= time && each.time <= time + timespanMs)
  return moments(
    matches.filter((match) => match.rule === asking && !isAnswered(match)),
    (time) => time + timespanMs,
  )
}
