import type { Progress } from '@weir/emulator'

/** Holds traffic up once so many records have been handed over, until it is opened. */
export class Valve {
  readonly #at: number
  readonly #reached = Promise.withResolvers<void>()
  readonly #opened = Promise.withResolvers<void>()

  constructor(at: number) {
    this.#at = at
  }

  /** Resolves when the traffic stands. */
  get reached(): Promise<void> {
    return this.#reached.promise
  }

  open(): void {
    this.#opened.resolve()
  }

  /** For `feed`: asked before every delivery. */
  readonly gate = async ({ records }: Progress): Promise<void> => {
    if (records < this.#at) return
    this.#reached.resolve()
    await this.#opened.promise
  }
}
