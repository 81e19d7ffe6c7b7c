/** A number of places at work; who finds none free waits for the next one, first come first served. */
export class Slots {
  readonly #waiting: (() => void)[] = []
  #free: number

  constructor(max: number) {
    this.#free = max
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((wake) => this.#waiting.push(wake))
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free++
      else next()
    }
  }
}

/** Runs every job; rejects with the first failure only after all have ended, so that one blob holds up no other. */
export async function allEnded(jobs: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(jobs)).find((each) => each.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}
