import { messageAnnotations, type Stamp } from './annotations.ts'
import type { SentEvent } from './batch.ts'
import type { MessageStore, PartitionEnd, StoredMessage, StoredPartition } from './message-store.ts'

/** The service's least date, 0001-01-01: the last enqueued time of a partition that never had a message. */
const NEVER_MS = -62_135_596_800_000

/** One partition's log: what it holds, who waits for more. */
export class Partition {
  readonly id: number
  readonly hub: string
  readonly number: string
  #store: MessageStore
  #stored: StoredPartition
  #waiting = new Set<() => void>()

  constructor(store: MessageStore, stored: StoredPartition) {
    this.#store = store
    this.#stored = stored
    this.id = stored.id
    this.hub = stored.hub
    this.number = String(stored.number)
  }

  /** Sequence number of the earliest message left; equals `next` when there is none. */
  get begin(): number {
    return this.#stored.begin
  }

  /** Sequence number of the next message to come. */
  get next(): number {
    return this.#stored.next
  }

  get createdAt(): number {
    return this.#stored.createdAt
  }

  /** The stamp of the last message ever enqueued. */
  get last(): Stamp {
    const { next, lastOffset, lastAt } = this.#stored
    return { seq: next - 1, offset: lastOffset, at: next === 0 ? NEVER_MS : lastAt }
  }

  read(seq: number): Iterable<Buffer> {
    return this.#store.read(this.id, seq)
  }

  /** Offsets grow with sequence numbers, so a binary search finds the first at or after `offset`. */
  firstFromOffset(offset: number): number {
    let low = this.begin
    let high = this.next
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      if (this.#store.offsetOf(this.id, middle) < offset) low = middle + 1
      else high = middle
    }
    return low
  }

  firstFromTime(at: number): number {
    return this.#store.firstAt(this.id, at) ?? this.next
  }

  /** Stamps events that would follow `end`; nothing changes until `advance`. */
  stamp(
    events: readonly SentEvent[],
    end: PartitionEnd,
    atOf: (event: SentEvent) => number,
  ): { messages: StoredMessage[]; end: PartitionEnd } {
    const messages: StoredMessage[] = []
    let { next, nextOffset, lastOffset, lastAt } = end
    for (const event of events) {
      lastAt = atOf(event)
      lastOffset = nextOffset
      const annotations = messageAnnotations(
        { seq: next, offset: lastOffset, at: lastAt },
        event.partitionKey,
        event.annotations,
      )
      const bytes = Buffer.concat([annotations, event.rest])
      messages.push({ partition: this.id, seq: next, offset: lastOffset, at: lastAt, bytes })
      next += 1
      nextOffset += bytes.length
    }
    return { messages, end: { id: this.id, next, nextOffset, lastOffset, lastAt } }
  }

  get end(): PartitionEnd {
    return this.#stored
  }

  /** The end after a commit; wakes those who wait for more. */
  advance(end: PartitionEnd): void {
    this.#stored = { ...this.#stored, ...end }
    for (const wake of this.#waiting) wake()
  }

  /** Drops the messages before `seq` and goes on from the earliest left. */
  retain(seq: number): void {
    const begin = Math.min(Math.max(seq, this.begin), this.next)
    this.#store.retain(this.id, begin)
    this.#stored = { ...this.#stored, begin }
  }

  /** Calls `wake` after every append, until the returned function is called. */
  onAppend(wake: () => void): () => void {
    this.#waiting.add(wake)
    return () => this.#waiting.delete(wake)
  }
}
