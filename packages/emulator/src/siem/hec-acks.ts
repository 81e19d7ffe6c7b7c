/** Acknowledgements kept per channel; beyond it the oldest are forgotten, and their sender must send again. */
const ACKS_PER_CHANNEL_MAX = 10_000

/** What was taken and what of it is indexed, by channel. Lives in memory, as the real one does. */
export class HecAcks {
  readonly #channels = new Map<string, { next: number; readonly indexed: Map<number, boolean> }>()

  /** Numbers a request; the returned function says that it is indexed. */
  take(channel: string): { readonly ackId: number; readonly indexed: () => void } {
    let state = this.#channels.get(channel)
    if (state === undefined) {
      state = { next: 0, indexed: new Map() }
      this.#channels.set(channel, state)
    }
    const { indexed } = state
    const ackId = state.next++
    indexed.set(ackId, false)
    if (indexed.size > ACKS_PER_CHANNEL_MAX) indexed.delete(indexed.keys().next().value!)
    return { ackId, indexed: () => void (indexed.has(ackId) && indexed.set(ackId, true)) }
  }

  /** Each id's state; one that was told as indexed is forgotten and is `false` when asked for again. */
  poll(channel: string, ids: readonly number[]): Record<string, boolean> {
    const indexed = this.#channels.get(channel)?.indexed
    const told: Record<string, boolean> = {}
    for (const id of ids) {
      told[id] = indexed?.get(id) ?? false
      if (told[id]) indexed?.delete(id)
    }
    return told
  }
}
