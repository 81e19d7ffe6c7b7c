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
    const id = free(`sigma.${wanted.slice(0, nameCharsMax)}`, taken)
    taken.add(id)
    return id
  })
}

function isRule(document: Named['document']): boolean {
  return !(document instanceof Refused) && document.kind !== 'filter'
}

/** A longer name is cut: an id may have 128 characters, and what makes it unique takes some. */
const nameCharsMax = 110

function wordOf(text: string): string {
  const word = text.normalize('NFKD').replace(/[^A-Za-z0-9_-]+/g, '-')
  return word.replace(/^-+|-+$/g, '') || 'rule'
}

function free(id: string, taken: ReadonlySet<string>): string {
  if (!taken.has(id)) return id
  for (let count = 2; ; count++) if (!taken.has(`${id}-${count}`)) return `${id}-${count}`
}
