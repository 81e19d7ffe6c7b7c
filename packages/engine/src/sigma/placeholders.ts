import { Refused } from './refusal.ts'
import { joined, type Pattern, patternOf } from './sigma-string.ts'

/** The values of each placeholder, as Sigma strings. */
export type Placeholders = ReadonlyMap<string, readonly string[]>

/** More combinations of placeholders in one value are refused. */
const combinationsMax = 10_000

/** A pattern with its `%name%` replaced by every value in turn; `\%` is a percent sign. */
export function expanded(pattern: Pattern, placeholders: Placeholders): readonly Pattern[] {
  let found: Pattern[] = [[]]
  for (const token of pattern) {
    const pieces: readonly (readonly Pattern[])[] =
      typeof token === 'string' ? piecesOf(token, placeholders) : [[[token]]]
    for (const alternatives of pieces) {
      found = found.flatMap((before) => alternatives.map((after) => joined(before, after)))
      if (found.length > combinationsMax)
        throw new Refused('size', `placeholders give more than ${combinationsMax} values`)
    }
  }
  return found
}

/** Text and placeholders in turn, each as its alternatives. */
function piecesOf(text: string, placeholders: Placeholders): readonly (readonly Pattern[])[] {
  const parts = text.split(/(?<!\\)%((?:[^%\\]|\\.)+?)%/)
  return parts.map((part, at) =>
    at % 2 === 0 ? [[part.replaceAll('\\%', '%')]] : valuesOf(part, placeholders),
  )
}

function valuesOf(name: string, placeholders: Placeholders): readonly Pattern[] {
  const values = placeholders.get(name)
  if (values === undefined || values.length === 0)
    throw new Refused(
      'placeholder',
      `nothing is given for %${name}%: name its values under "placeholders" in a --map file`,
    )
  return values.map(patternOf)
}
