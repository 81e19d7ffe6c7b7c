import { RE2JS } from 're2js'

/** A longer pattern is refused when the rule loads. */
const patternCharsMax = 2_000

/** Finds a pattern anywhere in a text, in time linear in the text; throws for a pattern that cannot be read. */
export function regexTest(value: unknown): (fact: unknown) => boolean {
  if (typeof value !== 'string') throw new Error(`not a pattern: ${JSON.stringify(value)}`)
  if (value.length > patternCharsMax) throw new Error(`a pattern longer than ${patternCharsMax} characters`)
  const pattern = compiled(value)
  return (fact) => typeof fact === 'string' && pattern.test(fact)
}

/** The first thing that people miss in RE2 is named beside its own words. */
function compiled(value: string): RE2JS {
  try {
    return RE2JS.compile(value)
  } catch (cause) {
    if (!/\(\?<?[=!]|\\[1-9]/.test(value)) throw cause
    throw new Error('RE2 has no look-around and no back-references', { cause })
  }
}
