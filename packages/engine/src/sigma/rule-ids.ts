import type { SigmaDocument } from './document.ts'
import { Refused } from './refusal.ts'

interface Named {
  readonly file: string
  readonly document: SigmaDocument | Refused
}

/** Weir ids, one for each document: `sigma.` and the file's name, and the rule's name where a file holds several. */
export function ruleIds(documents: readonly Named[]): readonly string[] {
  const taken = new Set<string>()
  return documents.map(({ file, document }) => {
    if (document instanceof Refused || document.kind === 'filter') return ''
    const several = documents.filter((each) => each.file === file && isRule(each.document)).length > 1
    const stem = wordOf(
      file
        .split(/[\\/]/)
        .at(-1)!
        .replace(/\.ya?ml$/i, ''),
    )
    const wanted = several ? `${stem}.${wordOf(document.words.name ?? document.words.title)}` : stem
    const id = free(`sigma.${wanted}`, taken)
    taken.add(id)
    return id
  })
}

function isRule(document: Named['document']): boolean {
  return !(document instanceof Refused) && document.kind !== 'filter'
}

/** An id of a rule may have up to 128 characters; what is put behind it to make it unique takes some. */
const stemCharsMax = 56

function wordOf(text: string): string {
  const word = text
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return word.slice(0, stemCharsMax) || 'rule'
}

function free(id: string, taken: ReadonlySet<string>): string {
  if (!taken.has(id)) return id
  for (let count = 2; ; count++) if (!taken.has(`${id}-${count}`)) return `${id}-${count}`
}
