import { Refused } from './refusal.ts'

/** A condition as it is written: identifiers, and how they are joined. */
export type Expression =
  | { readonly kind: 'and' | 'or'; readonly inner: readonly Expression[] }
  | { readonly kind: 'not'; readonly inner: Expression }
  | { readonly kind: 'identifier'; readonly name: string }
  /** `1 of sel*`, `all of them`; the pattern `them` is written `undefined`. */
  | { readonly kind: 'of'; readonly every: boolean; readonly pattern?: string }

/** A longer condition is refused. */
const conditionCharsMax = 10_000
/** Deeper parentheses and negations are refused. */
const depthMax = 100

/** Reads a condition: `or` binds least, then `and`, `not`, `x of`, parentheses. Throws `Refused`. */
export function parseCondition(text: string): Expression {
  if (text.length > conditionCharsMax)
    throw new Refused('condition', `a condition is longer than ${conditionCharsMax} characters`)
  const reader = new Reader(tokensOf(text))
  const expression = reader.or(0)
  reader.end()
  return expression
}

const TOKEN = /\s*(?:([()])|([^\s()|]+)|(\|))/y

function tokensOf(text: string): readonly string[] {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  for (let token = TOKEN.exec(text); token !== null; token = TOKEN.exec(text)) {
    if (token[3] !== undefined) throw legacy(text)
    tokens.push(token[1] ?? token[2]!)
  }
  return tokens
}

function legacy(text: string): Refused {
  const aggregation = text.slice(text.indexOf('|')).trim()
  return new Refused(
    'legacy-aggregation',
    `"${aggregation}" is gone from Sigma 2: write a correlation over this rule`,
  )
}

const WORDS = ['and', 'or', 'not', 'of']
const IDENTIFIER = /^[\p{L}\p{N}_.-]+$/u
const PATTERN = /^[\p{L}\p{N}_.*-]+$/u

class Reader {
  readonly #tokens: readonly string[]
  #at = 0

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens
  }

  end(): void {
    if (this.#at < this.#tokens.length)
      throw new Refused('condition', `"${this.#tokens[this.#at]}" stands where the condition should end`)
  }

  or(depth: number): Expression {
    return this.#list('or', () => this.#and(depth))
  }

  #and(depth: number): Expression {
    return this.#list('and', () => this.#not(depth))
  }

  #list(kind: 'and' | 'or', next: () => Expression): Expression {
    const inner = [next()]
    while (this.#take(kind)) inner.push(next())
    return inner.length === 1 ? inner[0]! : { kind, inner }
  }

  #not(depth: number): Expression {
    if (depth > depthMax) throw new Refused('condition', `the condition is nested deeper than ${depthMax}`)
    return this.#take('not') ? { kind: 'not', inner: this.#not(depth + 1) } : this.#operand(depth)
  }

  #operand(depth: number): Expression {
    if (this.#take('(')) {
      const inner = this.or(depth + 1)
      if (!this.#take(')')) throw new Refused('condition', 'a parenthesis is not closed')
      return inner
    }
    const word = this.#tokens[this.#at++]
    if (word === undefined) throw new Refused('condition', 'the condition ends where an identifier belongs')
    if (this.#take('of')) return this.#of(word)
    if (!IDENTIFIER.test(word) || WORDS.includes(word.toLowerCase()))
      throw new Refused('condition', `"${word}" stands where an identifier belongs`)
    return { kind: 'identifier', name: word }
  }

  #of(quantifier: string): Expression {
    const quantity = quantifier.toLowerCase()
    if (!['1', 'any', 'all'].includes(quantity))
      throw new Refused('condition', `"${quantifier} of" is not in Sigma: there are "1 of" and "all of"`)
    const pattern = this.#tokens[this.#at++]
    if (pattern === undefined || !PATTERN.test(pattern))
      throw new Refused('condition', `"${quantifier} of" needs a pattern or "them"`)
    const every = quantity === 'all'
    return pattern.toLowerCase() === 'them' ? { kind: 'of', every } : { kind: 'of', every, pattern }
  }

  #take(word: string): boolean {
    if (this.#tokens[this.#at]?.toLowerCase() !== word) return false
    this.#at++
    return true
  }
}
