import { isDeepStrictEqual } from 'node:util'
import { type Clock, messageOf, type Report } from '@weir/runtime'

interface Tools {
  readonly clock: Clock
  readonly report: Report
}

/** How long a credential is taken for what it was before its file is looked at again. */
const REFRESH_MS = 5000
/** Certificate and key are two files: between one and the other they do not fit, and that is no news. */
const FAILURES_MIN = 2

/**
 * A credential in a file that somebody may replace while we run: `current` is what the file holds, or what it
 * held before where that cannot be used.
 */
export class Fresh<T> {
  readonly #name: string
  readonly #read: () => T
  readonly #tools: Tools
  #value: T
  #lookedAt: number
  #failures = 0

  /** `name` is for the log. Throws what `read` throws. */
  constructor(name: string, read: () => T, tools: Tools) {
    this.#name = name
    this.#read = read
    this.#tools = tools
    this.#value = read()
    this.#lookedAt = tools.clock.now()
  }

  /** The same object until there is another credential. */
  get current(): T {
    const now = this.#tools.clock.now()
    if (Math.abs(now - this.#lookedAt) >= REFRESH_MS) {
      this.#lookedAt = now
      this.#look()
    }
    return this.#value
  }

  #look(): void {
    const { report } = this.#tools
    const credential = this.#name
    try {
      const found = this.#read()
      this.#failures = 0
      if (isDeepStrictEqual(found, this.#value)) return
      this.#value = found
      report.event('info', 'credential_changed', { credential })
    } catch (error) {
      this.#failures++
      if (this.#failures === FAILURES_MIN)
        report.event('error', 'credential_unreadable', { credential, reason: messageOf(error) })
    }
  }
}
