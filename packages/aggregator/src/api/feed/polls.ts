import type { Lane } from '@weir/model'

/** Why a wait ended before its time. */
export type PollEnd = 'stopped' | 'taken' | 'replaced' | 'gone'

/** One request that waits for news. */
export class Poll {
  readonly #controller = new AbortController()
  #end: PollEnd | undefined

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get ended(): PollEnd | undefined {
    return this.#end
  }

  end(why: PollEnd): void {
    this.#end ??= why
    this.#controller.abort()
  }
}

/** The requests that wait: one per forwarder and lane, so that dead connections do not pile up. */
export class Polls {
  readonly #waiting = new Map<string, Map<Lane, Poll>>()
  #stopped = false

  /** A new wait; an earlier one of the same forwarder and lane ends. */
  open(forwarder: string, lane: Lane): Poll {
    const poll = new Poll()
    const lanes = this.#waiting.get(forwarder) ?? new Map<Lane, Poll>()
    lanes.get(lane)?.end('replaced')
    lanes.set(lane, poll)
    this.#waiting.set(forwarder, lanes)
    if (this.#stopped) poll.end('stopped')
    return poll
  }

  close(forwarder: string, lane: Lane, poll: Poll): void {
    const lanes = this.#waiting.get(forwarder)
    if (lanes?.get(lane) === poll) lanes.delete(lane)
  }

  /** Another session has taken over. */
  take(forwarder: string): void {
    for (const poll of this.#waiting.get(forwarder)?.values() ?? []) poll.end('taken')
  }

  /** Ends every wait, and every later one as it begins. */
  stop(): void {
    this.#stopped = true
    this.endAll('stopped')
  }

  endAll(why: PollEnd): void {
    for (const lanes of this.#waiting.values()) for (const poll of lanes.values()) poll.end(why)
  }
}
