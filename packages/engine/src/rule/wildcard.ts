/**
 * Tests a whole text against `*` (any run) and `?` (any one UTF-16 unit); a backslash makes the next of `* ? \`
 * an ordinary character. Throws for a value that is not text.
 */
export function wildcardTest(value: unknown): (fact: unknown) => boolean {
  if (typeof value !== 'string') throw new Error(`not a wildcard: ${JSON.stringify(value)}`)
  const pieces = piecesOf(value)
  const first = pieces[0]!
  if (pieces.length === 1) {
    return (fact) => typeof fact === 'string' && fact.length === first.length && isAt(fact, 0, first)
  }
  const last = pieces.at(-1)!
  const middle = pieces.slice(1, -1).filter((piece) => piece.length > 0)
  return (fact) => {
    if (typeof fact !== 'string' || fact.length < first.length + last.length || !isAt(fact, 0, first))
      return false
    const end = fact.length - last.length
    return isAt(fact, end, last) && inOrder(fact, first.length, end, middle)
  }
}

/** The text between two stars, character by character; `undefined` stands for any one. */
type Piece = readonly (string | undefined)[]

function piecesOf(pattern: string): Piece[] {
  const pieces: (string | undefined)[][] = [[]]
  for (let index = 0; index < pattern.length; index++) {
    const char = pattern[index]!
    const next = pattern[index + 1]
    if (char === '*') pieces.push([])
    else if (char === '?') pieces.at(-1)!.push(undefined)
    else if (char === '\\' && next !== undefined && '*?\\'.includes(next)) {
      pieces.at(-1)!.push(next)
      index++
    } else pieces.at(-1)!.push(char)
  }
  return pieces
}

/** The earliest place for each piece in turn: what lies before it can only help the others. */
function inOrder(text: string, from: number, end: number, pieces: readonly Piece[]): boolean {
  let at = from
  for (const piece of pieces) {
    while (at + piece.length <= end && !isAt(text, at, piece)) at++
    at += piece.length
    if (at > end) return false
  }
  return true
}

function isAt(text: string, at: number, piece: Piece): boolean {
  for (let index = 0; index < piece.length; index++) {
    const char = piece[index]
    if (char !== undefined && char !== text[at + index]) return false
  }
  return true
}
