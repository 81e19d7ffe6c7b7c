import type { Clock } from '@weir/runtime'

/** Remembers that it rang until somebody has heard it. */
export class Bell {
  readonly #clock: Clock
  #rung = false
  #wake: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  ring(): void {
    this.#rung = true
    this.#wake?.()
  }

  /** Resolves when it has rung since it was last heard, after `ms`, or when the signal aborts. */
  async heard(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#rung) await this.#rungWithin(ms, signal)
    this.#rung = false
  }

  async #rungWithin(ms: number, signal: AbortSignal): Promise<void> {
    const sleep = new AbortController()
    const end = (): void => sleep.abort()
    this.#wake = end
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
    await this.#clock.sleep(ms, sleep.signal)
    signal.removeEventListener('abort', end)
    this.#wake = undefined
  }
}
