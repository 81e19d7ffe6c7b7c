let lastFact: object | undefined
let lastTexts: readonly string[] = []

/**
 * Every text within a JSON value, at any depth, numbers and booleans as text; keys are not among them. Many
 * conditions ask of the same record, one after another: its texts are gathered once.
 */
export function textsWithin(fact: unknown): readonly string[] {
  if (typeof fact !== 'object' || fact === null) return gathered(fact)
  if (fact !== lastFact) {
    lastTexts = gathered(fact)
    lastFact = fact
  }
  return lastTexts
}

/** With a list of what is still to be seen instead of recursion: a record may nest deeper than the stack. */
function gathered(fact: unknown): readonly string[] {
  const texts: string[] = []
  const open: unknown[] = [fact]
  while (open.length > 0) {
    const value = open.pop()
    if (typeof value === 'string') texts.push(value)
    else if (typeof value === 'number' || typeof value === 'boolean') texts.push(String(value))
    else if (typeof value === 'object' && value !== null)
      for (const each of Object.values(value)) open.push(each)
  }
  return texts
}
