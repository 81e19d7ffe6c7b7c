import { parseAllDocuments } from 'yaml'
import { Refused } from './refusal.ts'

/** A larger file is refused whole. */
const fileCharsMax = 1_000_000
/** More documents in a file are refused. */
const documentsMax = 1_000
/** More uses of aliases in a document are refused: they can blow a small text up without end. */
const aliasesMax = 100

/** The documents of a YAML text, maps as `Map`; a text or document that cannot be read is given as `Refused`. */
export function readYaml(text: string): readonly (unknown | Refused)[] {
  if (text.length > fileCharsMax)
    return [new Refused('yaml', `a file longer than ${fileCharsMax} characters`)]
  try {
    // Whole numbers as bigint: one beyond 2^53 would lose digits.
    const documents = parseAllDocuments(text, { schema: 'core', intAsBigInt: true, prettyErrors: true })
    if (!Array.isArray(documents)) return []
    if (documents.length > documentsMax)
      return [new Refused('yaml', `more than ${documentsMax} documents in a file`)]
    return documents.map((document) => {
      const [error] = document.errors
      if (error !== undefined) return new Refused('yaml', error.message.split('\n', 1)[0]!.replace(/:$/, ''))
      return plain(document.toJS({ mapAsMap: true, maxAliasCount: aliasesMax }))
    })
  } catch (error) {
    // What nests too deep for the stack, or has too many aliases, ends here.
    return [new Refused('yaml', error instanceof Error ? error.message : String(error))]
  }
}

/** A bigint as a number, or as its digits where a number could not hold it. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Map) return new Map([...value].map(([key, each]) => [plain(key), plain(each)]))
  return value
}
