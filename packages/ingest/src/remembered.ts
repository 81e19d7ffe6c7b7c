import type { Cursor } from '@weir/model'

export interface RememberedBounds {
  /** How long a push is remembered, so that a repeat of it is known also after a restart. */
  readonly rememberMs: number
  /** Pushes remembered; beyond it the oldest are forgotten, and a late repeat of one could count twice. */
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

  /** The cursors with which the key is remembered from now on and what is older is forgotten, to be committed. */
  add(key: string, now: number): Cursor[] {
    this.#times.delete(key)
    this.#times.set(key, now)
    return [{ source: this.#source, key, value: String(now) }, ...this.#forget(now)]
  }

  #forget(now: number): Cursor[] {
    const gone: Cursor[] = []
    for (const [key, time] of this.#times) {
      const old = now - time > this.#bounds.rememberMs
      if (!old && this.#times.size <= this.#bounds.rememberedPushesMax) break
      this.#times.delete(key)
      gone.push({ source: this.#source, key, value: '' })
    }
    return gone
  }
}
