/** Values remembered at one place; when there are more, all are forgotten, and it shows whether they come again. */
const VALUES_MAX = 1_000

/** A longer value is not remembered, so that what is bounded in number is bounded in bytes. */
const VALUE_LENGTH_MAX = 256

/** Looks in which nothing is remembered where fewer than three in four values had been seen before. */
const PAUSE_LOOKS = 200_000

/**
 * What was found for a text, for places whose texts come again and again: names of operations, programs, codes.
 * Where nearly every text is new (names of users, ids) it notices, and keeps out of the way.
 */
export class Memo<Item> {
  readonly #known = new Map<string, readonly Item[]>()
  #asked = 0
  #pause = 0

  get(text: string): readonly Item[] | undefined {
    if (this.#pause > 0) return undefined
    this.#asked++
    return this.#known.get(text)
  }

  /** Remembers a copy of what was found, unless it pauses; gives it back. */
  put(text: string, found: readonly Item[]): readonly Item[] {
    if (this.#pause > 0) this.#pause--
    else if (text.length <= VALUE_LENGTH_MAX) {
      if (this.#known.size >= VALUES_MAX) this.#forget()
      this.#known.set(text, found.length === 0 ? NOTHING : found.slice())
    }
    return found
  }

  #forget(): void {
    if (this.#asked < 4 * this.#known.size) this.#pause = PAUSE_LOOKS
    this.#known.clear()
    this.#asked = 0
  }
}

const NOTHING: readonly never[] = []
