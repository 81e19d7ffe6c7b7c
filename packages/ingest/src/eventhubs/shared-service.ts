import type { Clock } from '@weir/runtime'
import type { Endpoint } from './endpoint.ts'
import { HubService } from './service.ts'

/** One connection for all who read: whoever needs it after it is gone makes a new one, the others join. */
export class SharedService {
  readonly #endpoint: Endpoint
  readonly #clock: Clock
  readonly #answerMsMax: number
  #connecting: Promise<HubService> | undefined
  #current: HubService | undefined
  readonly #signal: AbortSignal

  /** @param signal ends what is being opened and lets nothing be opened any more. */
  constructor(endpoint: Endpoint, clock: Clock, answerMsMax: number, signal: AbortSignal) {
    this.#endpoint = endpoint
    this.#clock = clock
    this.#answerMsMax = answerMsMax
    this.#signal = signal
  }

  async get(): Promise<HubService> {
    if (this.#current?.open === true) return this.#current
    this.#connecting ??= this.#connect()
    return this.#connecting
  }

  /** Resolves when what was open is closed. */
  async close(): Promise<void> {
    await this.#current?.close()
  }

  async #connect(): Promise<HubService> {
    try {
      const service = await HubService.connect(this.#endpoint, this.#clock, this.#answerMsMax, this.#signal)
      this.#current = service
      return service
    } finally {
      this.#connecting = undefined
    }
  }
}
