import type { Broker } from './broker.ts'
import type { FaultRule, Place } from './faults.ts'
import type { Refusal } from './refusal.ts'
import type { ServedConnection } from './served-connection.ts'

/** How the emulator stands. Sequence numbers are -1 where a partition never had a message. */
export interface EmulatorState {
  readonly hubs: readonly {
    readonly name: string
    readonly partitions: readonly { readonly id: string; readonly begin: number; readonly last: number }[]
  }[]
  readonly receivers: readonly ReceiverState[]
  readonly connections: number
  readonly faults: readonly FaultRule[]
  readonly sent: { readonly messages: number; readonly bytes: number }
  /** Protocol errors seen, and the last of them. */
  readonly errors: { readonly count: number; readonly last: string | null }
}

/** A reader: where it reads, its open credit, the next sequence number, what it was sent so far. */
interface ReceiverState extends Place {
  readonly epoch: number | null
  readonly credit: number
  readonly next: number
  readonly delivered: number
  readonly bytes: number
  readonly unsettled: number
}

/** What an operator, or a test, does to a running emulator. */
export class Operator {
  readonly #broker: Broker
  readonly #connections: ReadonlySet<ServedConnection>

  constructor(broker: Broker, connections: ReadonlySet<ServedConnection>) {
    this.#broker = broker
    this.#connections = connections
  }

  addFault(rule: FaultRule): void {
    this.#broker.faults.add(rule)
  }

  clearFaults(): void {
    this.#broker.faults.clear()
  }

  /** Detaches the readers of a place; the count of them. */
  detach(place: Place, error: Refusal | undefined): number {
    const readers = this.#broker.receivers.at(place)
    for (const reader of readers) reader.detach(error)
    return readers.length
  }

  /** Resets every connection; the count of them. */
  dropConnections(): number {
    const dropped = this.#connections.size
    for (const connection of [...this.#connections]) connection.drop()
    return dropped
  }

  /**
   * Drops the messages before `from`; the earliest sequence number left, `undefined` without such a
   * partition.
   */
  retain(hub: string, partition: string, from: number): number | undefined {
    const found = this.#broker.hubs.partition(hub, partition)
    if (found === undefined) return undefined
    this.#broker.queue.flush()
    found.retain(from)
    return found.begin
  }

  /** Drops every message of a hub; false when there is none of that name. */
  empty(hub: string): boolean {
    const found = this.#broker.hubs.hub(hub)
    if (found === undefined) return false
    this.#broker.queue.flush()
    for (const partition of found.partitions) partition.retain(partition.next)
    return true
  }

  /** Gives a hub more partitions while it is read; false when there is none of that name. */
  grow(hub: string, partitions: number): boolean {
    this.#broker.queue.flush()
    return this.#broker.hubs.grow(hub, partitions, this.#broker.now())
  }

  state(): EmulatorState {
    const { hubs, receivers, faults, sent, errors } = this.#broker
    return {
      hubs: hubs.all().map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ number, begin, last }) => ({ id: number, begin, last: last.seq })),
      })),
      receivers: receivers.all().map((receiver) => receiver.state),
      connections: this.#connections.size,
      faults: faults.waiting,
      sent: { ...sent },
      errors: { ...errors },
    }
  }
}
