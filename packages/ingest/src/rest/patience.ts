import type { PartitionState } from '@weir/model'
import { backoffMs } from '@weir/runtime'
import type { SourceDeps } from '../deps.ts'
import type { Pace } from '../pace.ts'
import type { RestAnswer, RestClient } from './client.ts'
import { isThrottled, type Meaning, RestFailure } from './failure.ts'

export interface PatienceBounds {
  /** First and longest pause before trying again. */
  readonly retryMsFirst: number
  readonly retryMsMax: number
  /** Pause before trying again what an operator has to mend. */
  readonly hopelessRetryMs: number
  /** A longer pause that the service asks for is cut to it. */
  readonly retryAfterMsMax: number
}

export interface PatienceParts {
  readonly source: string
  readonly partition: string
  readonly client: RestClient
  readonly pace: Pace
  readonly bounds: PatienceBounds
  readonly meaning: (error: unknown) => Meaning
  readonly said: (state: PartitionState['state'], reason?: string) => Promise<void>
}

export interface Question<T> {
  readonly url: string
  readonly method?: 'GET' | 'POST'
  /** Makes of the answer what it is asked for; what it throws is tried again like a failed request. */
  readonly read: (answer: RestAnswer) => T
  /** Failures that the asker itself has an answer to: they are thrown, not tried again. */
  readonly final?: (failure: RestFailure) => boolean
  /** After so many failures the last of them is thrown; a refusal because of too many requests is none. */
  readonly attemptsMax?: number
}

/** Asks until there is an answer, says meanwhile how the partition stands, and never asks faster than its pace. */
export class Patience {
  readonly #parts: PatienceParts
  readonly #deps: SourceDeps
  #troubled = false

  constructor(parts: PatienceParts, deps: SourceDeps) {
    this.#parts = parts
    this.#deps = deps
  }

  /** Rejects with a final failure, with the last of as many as are let pass, or with the signal's reason when it aborts. */
  async ask<T>(question: Question<T>, signal: AbortSignal): Promise<T> {
    const { client, pace } = this.#parts
    for (let attempt = 1; ; attempt++) {
      await pace.turn(signal)
      try {
        const read = question.read(await client.ask(question.url, signal, question.method))
        await this.#well()
        return read
      } catch (error) {
        signal.throwIfAborted()
        if (error instanceof RestFailure && question.final?.(error) === true) throw error
        await this.#failed(error, attempt, signal)
        if (attempt >= (question.attemptsMax ?? Number.POSITIVE_INFINITY) && !isThrottled(error)) throw error
      }
    }
  }

  async #well(): Promise<void> {
    if (!this.#troubled) return
    this.#troubled = false
    await this.#parts.said('lagging')
  }

  async #failed(error: unknown, attempt: number, signal: AbortSignal): Promise<void> {
    const { source, partition, meaning, said } = this.#parts
    const { reason, hopeless } = meaning(error)
    const throttled = isThrottled(error)
    const happening = throttled ? 'source_throttled' : 'source_cut_off'
    this.#deps.report.event('warn', happening, { source, partition, reason, attempt }, ['source'])
    this.#troubled = true
    // Who is told to wait is still connected.
    await said(throttled ? 'lagging' : 'cut-off', reason)
    await this.#pause(error, hopeless, attempt, signal)
  }

  async #pause(error: unknown, hopeless: boolean, attempt: number, signal: AbortSignal): Promise<void> {
    const { bounds, pace } = this.#parts
    const { retryMsFirst: firstMs, retryMsMax: maxMs, hopelessRetryMs, retryAfterMsMax } = bounds
    const told = error instanceof RestFailure ? error.retryAfterMs : undefined
    const own = hopeless ? hopelessRetryMs : backoffMs({ firstMs, maxMs }, attempt, this.#deps.random())
    const pause = told === undefined ? own : Math.min(told, retryAfterMsMax)
    // The limit is the application's: the other partitions would only be refused as well.
    if (isThrottled(error)) pace.hold(pause)
    await this.#deps.clock.sleep(pause, signal)
    signal.throwIfAborted()
  }
}
