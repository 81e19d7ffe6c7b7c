/** Bytes read and not yet committed. Who wants to read waits here until others have been committed. */
export class ByteBudget {
  readonly #bytesMax: number
  readonly #waiting: { readonly bytes: number; readonly wake: () => void }[] = []
  #held = 0

  /** @param bytesMax sum held; a single taker over it is let in when nothing is held, so nothing is stuck. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  get held(): number {
    return this.#held
  }

  /** Resolves once the bytes are held, first come first served; rejects with the signal's reason when it aborts. */
  async take(bytes: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (!this.takeNow(bytes)) await this.#wait(bytes, signal)
  }

  /** Holds the bytes at once, or says that it would have to wait. */
  takeNow(bytes: number): boolean {
    const fits = this.#waiting.length === 0 && this.#fits(bytes)
    if (fits) this.#held += bytes
    return fits
  }

  /** Holds the bytes whether they fit or not: they are there already. */
  exceed(bytes: number): void {
    this.#held += bytes
  }

  /** Gives back what was taken, in whole or in part. */
  give(bytes: number): void {
    this.#held -= bytes
    while (this.#waiting.length > 0 && this.#fits(this.#waiting[0]!.bytes)) {
      const next = this.#waiting.shift()!
      this.#held += next.bytes
      next.wake()
    }
  }

  #fits(bytes: number): boolean {
    return this.#held === 0 || this.#held + bytes <= this.#bytesMax
  }

  #wait(bytes: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const entry = { bytes, wake: () => settle(resolve) }
      const abort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(entry), 1)
        settle(() => reject(signal.reason))
      }
      const settle = (done: () => void): void => {
        signal.removeEventListener('abort', abort)
        done()
      }
      signal.addEventListener('abort', abort, { once: true })
      this.#waiting.push(entry)
    })
  }
}
