import type { Entry } from './entry.ts'
import { Refused } from './refusal.ts'

/** Finds rules and correlations by name or id; one of the same file goes before others. */
export class References {
  readonly #byWord = new Map<string, Entry[]>()

  constructor(entries: readonly Entry[]) {
    for (const entry of entries) {
      if (entry.document.kind === 'filter') continue
      const { id, name } = entry.document.words
      for (const word of new Set([id, name?.toLowerCase()])) if (word !== undefined) this.#add(word, entry)
    }
  }

  #add(word: string, entry: Entry): void {
    const entries = this.#byWord.get(word)
    if (entries === undefined) this.#byWord.set(word, [entry])
    else entries.push(entry)
  }

  /** Throws `Refused` for a word that no rule, or more than one, has. */
  find(word: string, file: string): Entry {
    const entry = this.findAny(word, file)
    if (entry === undefined)
      throw new Refused('unknown-rule', `there is no rule with the name or id "${word}" among these files`)
    return entry
  }

  findAny(word: string, file: string): Entry | undefined {
    const found = this.#byWord.get(word.toLowerCase()) ?? []
    const near = found.filter((entry) => entry.file === file)
    const choice = near.length > 0 ? near : found
    if (choice.length > 1)
      throw new Refused('unknown-rule', `more than one rule has the name or id "${word}"`)
    return choice[0]
  }
}
