import { FIRST_HISTORY, type History, historyAfter } from '@weir/contract'
import type { Lane } from '@weir/model'

/**
 * What each forwarder remembers of each lane: the history before the last page and the one after it, as nobody here
 * knows whether that page arrived.
 */
export class Histories {
  readonly #known = new Map<string, readonly [History, History]>()

  /** The history that a forwarder names; `undefined` when it is not one of those that it can have. */
  named(forwarder: string, lane: Lane, name: string | undefined): History | undefined {
    const known = this.#known.get(`${lane} ${forwarder}`) ?? []
    return [...known, FIRST_HISTORY].find((each) => each.name === name)
  }

  /** A page goes out, packed against `before` or by itself. */
  served(forwarder: string, lane: Lane, page: Buffer, before: History = FIRST_HISTORY): void {
    this.#known.set(`${lane} ${forwarder}`, [before, historyAfter(before, page)])
  }
}
