/** Lets a test wait for what a stand-in sees, without looking at a clock. */
export class Watched {
  readonly #waiting = new Set<() => void>()

  /** To be called after every change. */
  changed(): void {
    for (const look of [...this.#waiting]) look()
  }

  /** Resolves once the condition holds; the test's own time limit ends a wait in vain. */
  async until(holds: () => boolean): Promise<void> {
    if (holds()) return
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!holds()) return
        this.#waiting.delete(look)
        resolve()
      }
      this.#waiting.add(look)
    })
  }
}
