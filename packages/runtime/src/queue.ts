interface Weighed<T> {
  readonly item: T
  readonly weight: number
}

/** A first-in first-out queue whose producers wait while it is full, and enter in the order in which they came. */
export class BoundedQueue<T> {
  readonly #items: Weighed<T>[] = []
  /** What everyone who waits for something waits on; one promise, so that waits given up leave nothing behind. */
  #arrival: PromiseWithResolvers<void> | undefined
  readonly #putters: (Weighed<T> & { readonly entered: () => void })[] = []
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
    if (this.#closed) return
    // Who is lighter than the one that waits would tell of a later position first.
    if (this.#putters.length === 0 && this.#fits(weight)) this.#enter({ item, weight })
    else await new Promise<void>((entered) => this.#putters.push({ item, weight, entered }))
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
    while (this.#putters.length > 0 && this.#fits(this.#putters[0]!.weight)) {
      const next = this.#putters.shift()!
      this.#enter(next)
      next.entered()
    }
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
    for (const { entered } of this.#putters.splice(0)) entered()
  }

  #fits(weight: number): boolean {
    return this.#items.length === 0 || this.#weight + weight <= this.#weightMax
  }

  #enter({ item, weight }: Weighed<T>): void {
    this.#items.push({ item, weight })
    this.#weight += weight
    this.#arrived()
  }

  #arrived(): void {
    this.#arrival?.resolve()
    this.#arrival = undefined
  }
}
