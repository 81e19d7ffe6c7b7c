import type { Match } from '@weir/model'

/** Matches that belong together. */
export interface Piece {
  readonly matches: ReadonlySet<Match>
  /** Its time for a further correlation. */
  readonly at: number
  /** Between whose end and beginning a gap is measured. */
  readonly first: number
  readonly last: number
}

export function pieceOf(matches: readonly Match[], at: number): Piece {
  const times = matches.map((match) => match.time)
  return { matches: new Set(matches), at, first: Math.min(...times), last: Math.max(...times) }
}

/** One piece for each moment. */
export function moments(matches: readonly Match[], atOf: (time: number) => number): Piece[] {
  const times = [...new Set(matches.map((match) => match.time))]
  return times.map((time) =>
    pieceOf(
      matches.filter((match) => match.time === time),
      atOf(time),
    ),
  )
}

/** Unites pieces until no two are within the gap of each other; no gap at all joins nothing. */
export function joined(pieces: readonly Piece[], gapMs: number): Piece[] {
  if (gapMs === 0) return [...pieces]
  const sorted = [...pieces].sort((a, b) => a.first - b.first)
  const result: Piece[] = []
  for (const piece of sorted) {
    const before = result.at(-1)
    if (before !== undefined && piece.first - before.last <= gapMs)
      result.splice(-1, 1, union([before, piece]))
    else result.push(piece)
  }
  return result
}

export function union(pieces: readonly Piece[]): Piece {
  return {
    matches: new Set(pieces.flatMap((piece) => [...piece.matches])),
    at: Math.min(...pieces.map((piece) => piece.at)),
    first: Math.min(...pieces.map((piece) => piece.first)),
    last: Math.max(...pieces.map((piece) => piece.last)),
  }
}
