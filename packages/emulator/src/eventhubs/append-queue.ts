import type { SentEvent } from './batch.ts'
import type { MessageStore, PartitionEnd, StoredMessage } from './message-store.ts'
import type { Partition } from './partition.ts'

/**
 * Beyond this the queue is committed at once, not at the end of the tick: it bounds memory, nothing is
 * refused.
 */
const QUEUED_BYTES_MAX = 4_000_000

interface Append {
  readonly partition: Partition
  readonly events: readonly SentEvent[]
  readonly done: (error?: unknown) => void
}

/** Group commit: the sends of one turn of the loop share one transaction and one sync. */
export class AppendQueue {
  readonly #store: MessageStore
  readonly #atOf: (event: SentEvent) => number
  #queued: Append[] = []
  #bytes = 0

  /** @param atOf the enqueued time of an event, epoch milliseconds. */
  constructor(store: MessageStore, atOf: (event: SentEvent) => number) {
    this.#store = store
    this.#atOf = atOf
  }

  /** Calls `done` when the events are on disk, or with the error that kept them off it. */
  append(partition: Partition, events: readonly SentEvent[], done: (error?: unknown) => void): void {
    if (this.#queued.length === 0) setImmediate(() => this.flush())
    this.#queued.push({ partition, events, done })
    for (const event of events) this.#bytes += event.rest.length
    if (this.#bytes >= QUEUED_BYTES_MAX) this.flush()
  }

  flush(): void {
    const queued = this.#queued
    if (queued.length === 0) return
    this.#queued = []
    this.#bytes = 0
    const failure = this.#commit(queued)
    for (const { done } of queued) done(failure)
  }

  #commit(queued: readonly Append[]): unknown {
    const messages: StoredMessage[] = []
    const ends = new Map<Partition, PartitionEnd>()
    try {
      for (const { partition, events } of queued) {
        const stamped = partition.stamp(events, ends.get(partition) ?? partition.end, this.#atOf)
        messages.push(...stamped.messages)
        ends.set(partition, stamped.end)
      }
      this.#store.append(messages, [...ends.values()])
    } catch (error) {
      return error
    }
    for (const [partition, end] of ends) partition.advance(end)
    return undefined
  }
}
