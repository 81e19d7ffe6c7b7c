/** Any run of characters, also none: `*`. */
export const ANY = Symbol('*')
/** Any one character: `?`. */
const ONE = Symbol('?')

export type Token = string | typeof ANY | typeof ONE

/** A Sigma string taken apart: text and wildcards in turn, no two texts and no two `ANY` side by side. */
export type Pattern = readonly Token[]

/** How a pattern can be tested: the plain forms are cheaper than a wildcard. */
export interface Form {
  readonly kind: 'anything' | 'equal' | 'startsWith' | 'endsWith' | 'containsText' | 'wildcard'
  /** The text without its outer wildcards; for `wildcard` in the notation of Weir's operator. */
  readonly text: string
}

/**
 * Reads a Sigma string: a backslash takes the wildcard behind it as it is, or the backslash behind it where a
 * wildcard or another backslash follows; any other backslash is only itself.
 */
export function patternOf(text: string): Pattern {
  const tokens: Token[] = []
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!
    const next = text[at + 1]
    if (char === '\\' && next !== undefined && '*?\\'.includes(next)) {
      tokens.push(next)
      at++
    } else if (char === '*') tokens.push(ANY)
    else if (char === '?') tokens.push(ONE)
    else tokens.push(char)
  }
  return joined(tokens)
}

/** Several patterns, one behind the other. */
export function joined(...parts: readonly Pattern[]): Pattern {
  const tokens: Token[] = []
  for (const token of parts.flat()) {
    const last = tokens.at(-1)
    if (typeof token === 'string' && typeof last === 'string') tokens[tokens.length - 1] = last + token
    else if (token !== '' && !(token === ANY && last === ANY)) tokens.push(token)
  }
  return tokens
}

/** The text of a pattern without wildcards; `undefined` for one that has some. */
export function literalOf(pattern: Pattern): string | undefined {
  if (pattern.length === 0) return ''
  return pattern.length === 1 && typeof pattern[0] === 'string' ? pattern[0] : undefined
}

/** The pattern between its outer `ANY`s. */
export function coreOf(pattern: Pattern): Pattern {
  return pattern.slice(
    pattern[0] === ANY ? 1 : 0,
    pattern.length > 1 && pattern.at(-1) === ANY ? -1 : undefined,
  )
}

/** The same outer `ANY`s around another core. */
export function withCore(pattern: Pattern, core: Pattern): Pattern {
  return joined(
    pattern[0] === ANY ? [ANY] : [],
    core,
    pattern.length > 1 && pattern.at(-1) === ANY ? [ANY] : [],
  )
}

/** The cheapest operator that asks what the pattern asks. */
export function formOf(pattern: Pattern): Form {
  const text = literalOf(coreOf(pattern))
  if (text === undefined) return { kind: 'wildcard', text: pattern.map(notation).join('') }
  const before = pattern[0] === ANY
  const after = pattern.at(-1) === ANY
  if (text === '' && before) return { kind: 'anything', text }
  if (before && after) return { kind: 'containsText', text }
  if (before) return { kind: 'endsWith', text }
  return { kind: after ? 'startsWith' : 'equal', text }
}

function notation(token: Token): string {
  if (token === ANY) return '*'
  return token === ONE ? '?' : (token as string).replace(/[\\*?]/g, '\\$&')
}

/** The same pattern with its texts changed one by one. */
export function mapTexts(pattern: Pattern, change: (text: string) => string): Pattern {
  return joined(pattern.map((token) => (typeof token === 'string' ? change(token) : token)))
}
