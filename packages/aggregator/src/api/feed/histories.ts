import { type History, historyAfter, NO_HISTORY } from '@weir/contract'
import type { Lane } from '@weir/model'

/**
 * What each forwarder remembers of each lane: the history before the last page and the one after it, as nobody here
 * knows whether that page arrived.
 */
export class Histories {
  readonly #known = new Map<string, readonly [History, History]>()

  /** The history that a forwarder names; none when it is not one of those that it can have. */
  named(forwarder: string, lane: Lane, name: string | undefined): History {
    return this.#known.get(`${lane} ${forwarder}`)?.find((each) => each.name === name) ?? NO_HISTORY
  }

  /** A page goes out, packed against `before`. */
  served(forwarder: string, lane: Lane, before: History, page: Buffer): void {
    this.#known.set(`${lane} ${forwarder}`, [before, historyAfter(before, page)])
  }
}
