import { AppendQueue } from './append-queue.ts'
import { Faults } from './faults.ts'
import { type HubSpec, Hubs } from './hubs.ts'
import { Receivers } from './receivers.ts'

/** What every connection works with. */
export interface Broker {
  readonly hubs: Hubs
  readonly queue: AppendQueue
  readonly receivers: Receivers
  readonly faults: Faults
  /** Epoch milliseconds. */
  readonly now: () => number
  /** All that was delivered since the start. */
  readonly sent: { messages: number; bytes: number }
  /** What peers did wrong on the wire. */
  readonly errors: { count: number; last: string | null }
}

export interface BrokerOptions {
  /** The SQLite file that keeps everything. */
  readonly file: string
  readonly hubs: readonly HubSpec[]
  /**
   * A sender may give the enqueued time in the application property `weir-enqueued-at`, epoch
   * milliseconds.
   */
  readonly trustEnqueuedAt: boolean
}

/**
 * Opens the file and what works on it. Throws when the file cannot be opened or a hub would lose
 * partitions.
 */
export function openBroker({ file, hubs: specs, trustEnqueuedAt }: BrokerOptions, now: () => number): Broker {
  const hubs = new Hubs(file, specs, now())
  return {
    hubs,
    queue: new AppendQueue(hubs.store, ({ enqueuedAt }) => (trustEnqueuedAt && enqueuedAt) || now()),
    receivers: new Receivers(),
    faults: new Faults(),
    now,
    sent: { messages: 0, bytes: 0 },
    errors: { count: 0, last: null },
  }
}
