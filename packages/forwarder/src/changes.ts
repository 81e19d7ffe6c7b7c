/** Tells waiters that something changed; a change between looking and waiting is not missed. */
export class Changes {
  readonly #waiting = new Set<() => void>()
  #version = 0

  get version(): number {
    return this.#version
  }

  announce(): void {
    this.#version++
    for (const wake of [...this.#waiting]) wake()
  }

  /** Resolves once the version is no longer `seen`, or the signal aborts. */
  async after(seen: number, signal: AbortSignal): Promise<void> {
    if (this.#version !== seen || signal.aborted) return
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      this.#waiting.add(wake)
      signal.addEventListener('abort', wake)
    })
  }
}
