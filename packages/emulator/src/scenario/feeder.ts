import { EventHubProducerClient } from '@azure/event-hubs'
import { BlobServiceClient } from '@azure/storage-blob'
import { type Backoff, type Clock, messageOf, retryForever } from '@weir/runtime'
import { AppendLane, FlowLane } from './blob-lane.ts'
import type { Delivery } from './deliveries.ts'
import { HubLane } from './hub-lane.ts'
import { SCENARIO_HUBS } from './streams.ts'

export interface FeedOptions {
  readonly deliveries: Iterable<Delivery>
  /** Of the emulators, or of links in front of them. */
  readonly eventHubs: string
  readonly blobs: string
  readonly clock: Clock
  /** `paced`: each delivery waits for its time on the clock. `full`: one after another, as fast as it goes. */
  readonly speed: 'full' | 'paced'
  readonly signal: AbortSignal
  /** Awaited before every delivery: whoever wants something to happen in the midst of the traffic does it here. */
  readonly gate?: (progress: Progress) => Promise<void>
  /** Called after every delivery, and after every failed attempt. */
  readonly onProgress?: (progress: Progress) => void
}

/** What has arrived so far. */
export interface Progress {
  readonly deliveries: number
  readonly records: number
  /** Decompressed. */
  readonly rawBytes: number
  readonly failures: number
  readonly lastFailure?: string
}

/**
 * Hands over deliveries through the services' own libraries, in order within each partition and blob, and each
 * exactly once, however often connections are cut. Resolves when all have arrived, or at the signal with what has.
 */
export async function feed(options: FeedOptions): Promise<Progress> {
  const lanes = new Lanes(options)
  try {
    await lanes.prepare()
    for (const delivery of options.deliveries) {
      if (options.speed === 'paced') await until(delivery.at, options)
      if (options.signal.aborted) break
      await options.gate?.(lanes.progress)
      await lanes.take(delivery)
    }
    await lanes.settled()
  } finally {
    await lanes.close()
  }
  return lanes.progress
}

async function until(at: number, { clock, signal }: FeedOptions): Promise<void> {
  const ms = at - clock.now()
  if (ms > 0) await clock.sleep(ms, signal)
}

const BACKOFF: Backoff = { firstMs: 200, maxMs: 3_000 }

/** A partition or a blob, and the delivery that is on its way there. */
interface Lane {
  readonly send: (delivery: Delivery, again: boolean) => Promise<void>
  busy: Promise<void>
}

/** One lane for each partition and blob; each carries one delivery at a time. */
class Lanes {
  readonly #options: FeedOptions
  readonly #blobs: BlobServiceClient
  readonly #lanes = new Map<string, Lane>()
  readonly #hubLanes: HubLane[] = []
  readonly #partitions = new Map<string, readonly string[]>()
  readonly #turns = new Map<string, number>()
  progress: Progress = { deliveries: 0, records: 0, rawBytes: 0, failures: 0 }

  constructor(options: FeedOptions) {
    this.#options = options
    this.#blobs = BlobServiceClient.fromConnectionString(options.blobs, { retryOptions: { maxTries: 1 } })
  }

  /** Learns the partitions of every hub. */
  async prepare(): Promise<void> {
    for (const hub of SCENARIO_HUBS) {
      const ids = await this.#retried(() => partitionsOf(this.#options.eventHubs, hub))
      this.#partitions.set(hub, ids ?? [])
    }
  }

  /** Resolves when the delivery is on its way, which is when the one before it in its lane has arrived. */
  async take(delivery: Delivery): Promise<void> {
    const lane = this.#laneOf(delivery)
    await lane.busy
    lane.busy = this.#carry(lane, delivery)
  }

  async settled(): Promise<void> {
    for (const { busy } of this.#lanes.values()) await busy
  }

  async close(): Promise<void> {
    for (const lane of this.#hubLanes) await lane.close()
  }

  async #carry(lane: Lane, delivery: Delivery): Promise<void> {
    let again = false
    const arrived = await this.#retried(async () => {
      const repeated = again
      again = true
      await lane.send(delivery, repeated)
      return true
    })
    if (arrived === undefined) return
    const { deliveries, records, rawBytes } = this.progress
    this.#report({
      deliveries: deliveries + 1,
      records: records + delivery.records,
      rawBytes: rawBytes + delivery.rawBytes,
    })
  }

  #retried<T>(work: () => Promise<T>): Promise<T | undefined> {
    const { clock, signal } = this.#options
    const failed = (error: unknown): void =>
      this.#report({ failures: this.progress.failures + 1, lastFailure: messageOf(error) })
    return retryForever(work, { clock, signal, backoff: BACKOFF, random: () => 0, failed })
  }

  #report(changes: Partial<Progress>): void {
    this.progress = { ...this.progress, ...changes }
    this.#options.onProgress?.(this.progress)
  }

  #laneOf(delivery: Delivery): Lane {
    const key =
      delivery.kind === 'hub' ? this.#partitionFor(delivery.hub) : `${delivery.container}/${delivery.blob}`
    let lane = this.#lanes.get(key)
    if (lane === undefined) {
      lane = { send: this.#sender(delivery, key), busy: Promise.resolve() }
      this.#lanes.set(key, lane)
    }
    return lane
  }

  /** Azure Monitor sets no partition key, so messages go round. */
  #partitionFor(hub: string): string {
    const ids = this.#partitions.get(hub)!
    const turn = this.#turns.get(hub) ?? 0
    this.#turns.set(hub, turn + 1)
    return `${hub}/${ids[turn % ids.length]}`
  }

  #sender(delivery: Delivery, key: string): Lane['send'] {
    switch (delivery.kind) {
      case 'hub': {
        const lane = new HubLane(this.#options.eventHubs, delivery.hub, key.split('/')[1]!)
        this.#hubLanes.push(lane)
        return (next, again) => lane.send((next as typeof delivery).body, next.at, again)
      }
      case 'append': {
        const lane = new AppendLane(this.#blobs.getContainerClient(delivery.container), delivery.blob)
        return (next) => lane.append((next as typeof delivery).bytes)
      }
      case 'flow': {
        const lane = new FlowLane(this.#blobs.getContainerClient(delivery.container), delivery.blob)
        return (next) => lane.add((next as typeof delivery).block)
      }
      default:
        return delivery satisfies never
    }
  }
}

async function partitionsOf(connectionString: string, hub: string): Promise<readonly string[]> {
  const client = new EventHubProducerClient(connectionString, hub, { retryOptions: { maxRetries: 0 } })
  try {
    return await client.getPartitionIds()
  } finally {
    await client.close().catch(() => undefined)
  }
}
