import type { Cursor } from '@weir/model'

export interface RememberedBounds {
  /** How long a push is remembered, so that a repeat of it is known also after a restart. */
  readonly rememberMs: number
  /** Pushes remembered; beyond it the oldest are forgotten, which is counted, and a late repeat could count twice. */
  readonly rememberedPushesMax: number
}

/** Keys of pushes that were committed, each a cursor of its own, oldest first. */
export class Remembered {
  readonly #source: string
  readonly #bounds: RememberedBounds
  /** Epoch milliseconds by key. */
  readonly #times: Map<string, number>

  constructor(source: string, bounds: RememberedBounds, cursors: ReadonlyMap<string, string>) {
    this.#source = source
    this.#bounds = bounds
    const stored = [...cursors].map(([key, value]) => [key, Number(value)] as const)
    this.#times = new Map(stored.sort((a, b) => a[1] - b[1]))
  }

  has(key: string, now: number): boolean {
    return now - (this.#times.get(key) ?? Number.NEGATIVE_INFINITY) <= this.#bounds.rememberMs
  }

  /**
   * Remembers the key from now on and forgets what is too old, or too much: `early` says how many before their
   * time. The cursors are to be committed with what was pushed.
   */
  add(key: string, now: number): { readonly cursors: readonly Cursor[]; readonly early: number } {
    this.#times.delete(key)
    this.#times.set(key, now)
    const gone: Cursor[] = []
    let early = 0
    for (const [each, time] of this.#times) {
      const old = now - time > this.#bounds.rememberMs
      if (!old && this.#times.size <= this.#bounds.rememberedPushesMax) break
      if (!old) early++
      this.#times.delete(each)
      gone.push({ source: this.#source, key: each, value: '' })
    }
    return { cursors: [{ source: this.#source, key, value: String(now) }, ...gone], early }
  }
}
