/** A first-in first-out queue whose producers wait while it is full. */
export class BoundedQueue<T> {
  readonly #items: { readonly item: T; readonly weight: number }[] = []
  /** What everyone who waits for something waits on; one promise, so that waits given up leave nothing behind. */
  #arrival: PromiseWithResolvers<void> | undefined
  readonly #putters: (() => void)[] = []
  readonly #weightMax: number
  #weight = 0
  #closed = false

  /** @param weightMax sum of weights held; one item over it is let in when the queue is empty, so nothing is stuck. */
  constructor(weightMax: number) {
    this.#weightMax = weightMax
  }

  get size(): number {
    return this.#items.length
  }

  get weight(): number {
    return this.#weight
  }

  /** Resolves once the item is in; drops it silently after `close`. */
  async put(item: T, weight: number): Promise<void> {
    while (!this.#closed && this.#items.length > 0 && this.#weight + weight > this.#weightMax) {
      await new Promise<void>((wake) => this.#putters.push(wake))
    }
    if (this.#closed) return
    this.#items.push({ item, weight })
    this.#weight += weight
    this.#arrived()
  }

  /** What is there now, up to a weight; empty when there is nothing. */
  takeNow(weightMax: number): T[] {
    const taken: T[] = []
    let weight = 0
    while (this.#items.length > 0 && (taken.length === 0 || weight + this.#items[0]!.weight <= weightMax)) {
      const next = this.#items.shift()!
      taken.push(next.item)
      weight += next.weight
    }
    this.#weight -= weight
    if (taken.length > 0) for (const wake of this.#putters.splice(0)) wake()
    return taken
  }

  /** Resolves when something may be there, or the queue was closed. */
  async ready(): Promise<void> {
    if (this.#items.length > 0 || this.#closed) return
    this.#arrival ??= Promise.withResolvers<void>()
    await this.#arrival.promise
  }

  /** Wakes everyone; later puts are dropped. */
  close(): void {
    this.#closed = true
    this.#arrived()
    for (const wake of this.#putters.splice(0)) wake()
  }

  #arrived(): void {
    this.#arrival?.resolve()
    this.#arrival = undefined
  }
}
