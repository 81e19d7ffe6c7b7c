import type { StampContext } from './stamp.ts'
import { fromLocal } from './zone.ts'

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** A number of at most so many digits for each letter of a pattern that stands for one. */
const NUMBERS: Readonly<Record<string, number>> = {
  y: 4,
  M: 2,
  d: 2,
  H: 2,
  h: 2,
  k: 2,
  K: 2,
  m: 2,
  s: 2,
  S: 9,
}

/**
 * Epoch milliseconds of a text written by a Java SimpleDateFormat pattern, for the letters that log times use:
 * y M d H h k K m s S a z Z X E. `undefined` when the text is not in that pattern, or lacks a year.
 */
export function javaTime(text: string, pattern: string, { zone }: StampContext): number | undefined {
  const parts = new Map<string, string>()
  let at = 0
  for (const token of tokensOf(pattern)) {
    const length =
      token.letter === undefined ? literalLength(text, at, token.text) : lengthAt(text, at, token)
    if (length === undefined) return undefined
    if (token.letter !== undefined) parts.set(token.letter, text.slice(at, at + length))
    at += length
  }
  return at === text.trimEnd().length ? timeOf(parts, zone) : undefined
}

interface Token {
  /** A pattern letter; `undefined` for a literal. */
  readonly letter?: string
  readonly text: string
  /** A number runs into the next one, so that it takes as many digits as the pattern has letters. */
  readonly tight: boolean
}

/** Runs of one letter, and what stands between them, in quotes or not. */
function tokensOf(pattern: string): Token[] {
  const found = [...pattern.matchAll(/([A-Za-z])\1*|'((?:[^']|'')*)'|[^A-Za-z']+/g)]
  return found.map((match, i) => {
    const letter = match[1]
    if (letter === undefined)
      return { text: match[2] === undefined ? match[0] : match[2] || "'", tight: false }
    return { letter, text: match[0], tight: found[i + 1]?.[1] !== undefined }
  })
}

function literalLength(text: string, at: number, literal: string): number | undefined {
  return text.startsWith(literal, at) ? literal.length : undefined
}

function lengthAt(text: string, at: number, { letter, text: written, tight }: Token): number | undefined {
  const digits = letter === undefined ? undefined : NUMBERS[letter]
  const isNumber = digits !== undefined && !(letter === 'M' && written.length > 2)
  const pattern = isNumber ? new RegExp(`\\d{1,${tight ? written.length : digits}}`, 'y') : WORD
  pattern.lastIndex = at
  return pattern.exec(text)?.[0].length
}

/** The name of a month, a day or a zone, a half of the day, an offset. */
const WORD = /[A-Za-z]+(?:\/[A-Za-z_]+)*(?:[+-]\d{1,2}:?\d{2})?|[+-]\d{2}:?\d{0,2}/y

function timeOf(parts: ReadonlyMap<string, string>, zone: string): number | undefined {
  const number = (letter: string): number => Number(parts.get(letter) ?? 0)
  if (!parts.has('y')) return undefined
  const year = number('y') < 100 ? 2000 + number('y') : number('y')
  const month = monthOf(parts.get('M') ?? '1')
  const ms = Number((parts.get('S') ?? '').slice(0, 3).padEnd(3, '0'))
  const local = Date.UTC(year, month, number('d') || 1, hourOf(parts), number('m'), number('s'), ms)
  const named = parts.get('z') ?? parts.get('Z') ?? parts.get('X') ?? zone
  return Number.isNaN(local) ? undefined : (fromLocal(local, named) ?? fromLocal(local, zone))
}

function monthOf(written: string): number {
  const named = MONTHS.indexOf(written.slice(0, 3).toLowerCase())
  return named === -1 ? Number(written) - 1 : named
}

function hourOf(parts: ReadonlyMap<string, string>): number {
  const half = parts.get('h') ?? parts.get('K')
  if (half === undefined) return Number(parts.get('H') ?? parts.get('k') ?? 0)
  return (Number(half) % 12) + (parts.get('a')?.toLowerCase() === 'pm' ? 12 : 0)
}
