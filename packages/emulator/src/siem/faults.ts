import type { JsonObject, JsonValue } from '@weir/model'

/** What is wrong with the SIEM at the moment. */
export interface FaultState {
  /** TLS connections are closed before the handshake. */
  readonly refuseTls: boolean
  /** Nothing is read from syslog connections and no HEC request is answered. */
  readonly stall: boolean
  /** Syslog connections are reset after so many bytes of payload; 0 for never. */
  readonly resetAfterBytes: number
  /** So many resets, then no more. */
  readonly resetTimes: number
  /** HEC answers 503, code 9. */
  readonly hecBusy: boolean
  /** HEC keeps what it got and drops the connection instead of answering, so many times. */
  readonly hecLoseAnswerTimes: number
  /** HEC refuses events whose text holds this as invalid, code 6; '' for none. */
  readonly hecRefuse: string
  /** HEC tells no acknowledgement. */
  readonly neverAcknowledge: boolean
}

const NONE: FaultState = {
  refuseTls: false,
  stall: false,
  resetAfterBytes: 0,
  resetTimes: 0,
  hecBusy: false,
  hecLoseAnswerTimes: 0,
  hecRefuse: '',
  neverAcknowledge: false,
}

/** Faults that tests switch on and off. */
export class Faults {
  #state = NONE
  #flowing = Promise.withResolvers<void>()

  get state(): FaultState {
    return this.#state
  }

  /** Takes over the members given. Throws on one that does not exist or has the wrong type. */
  set(changes: JsonObject): void {
    for (const [name, value] of Object.entries(changes)) checkFault(name, value)
    this.#become({ ...this.#state, ...changes } as FaultState)
  }

  clear(): void {
    this.#become(NONE)
  }

  /** Resolves when nothing is stalled. */
  async flowing(): Promise<void> {
    while (this.#state.stall) await this.#flowing.promise
  }

  /** True so many times as were asked for. */
  takeReset(): boolean {
    if (this.#state.resetTimes === 0) return false
    this.#become({ ...this.#state, resetTimes: this.#state.resetTimes - 1 })
    return true
  }

  takeLostAnswer(): boolean {
    if (this.#state.hecLoseAnswerTimes === 0) return false
    this.#become({ ...this.#state, hecLoseAnswerTimes: this.#state.hecLoseAnswerTimes - 1 })
    return true
  }

  #become(state: FaultState): void {
    this.#state = state
    if (state.stall) return
    this.#flowing.resolve()
    this.#flowing = Promise.withResolvers<void>()
  }
}

function checkFault(name: string, value: JsonValue | undefined): void {
  if (!(name in NONE)) throw new Error(`no such fault: ${name}`)
  const wanted = typeof NONE[name as keyof FaultState]
  if (typeof value !== wanted) throw new Error(`${name} must be a ${wanted}`)
}
