/** Holds traffic up after so many deliveries, until it is opened. */
export class Valve {
  readonly #after: number
  readonly #reached = Promise.withResolvers<void>()
  readonly #opened = Promise.withResolvers<void>()
  #deliveries = 0

  constructor(after: number) {
    this.#after = after
  }

  /** Resolves when the traffic stands. */
  get reached(): Promise<void> {
    return this.#reached.promise
  }

  open(): void {
    this.#opened.resolve()
  }

  /** For `feed`, which asks it before every delivery. */
  readonly gate = async (): Promise<void> => {
    if (this.#deliveries++ < this.#after) return
    this.#reached.resolve()
    await this.#opened.promise
  }
}
