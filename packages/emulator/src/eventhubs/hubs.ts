import { MessageStore } from './message-store.ts'
import { Partition } from './partition.ts'

/** Partitions of one hub, at most: what the service allows in its larger tiers. */
export const HUB_PARTITIONS_MAX = 1024

export interface HubSpec {
  readonly name: string
  readonly partitions: number
}

export interface Hub {
  readonly name: string
  readonly partitions: readonly Partition[]
  /** Partition for a batch that names none: by its key, or each in turn. */
  choose(key: string | undefined): Partition
}

interface GrowingHub extends Hub {
  readonly partitions: Partition[]
}

/** The hubs of the emulator, over one store. */
export class Hubs {
  readonly store: MessageStore
  readonly #hubs = new Map<string, GrowingHub>()

  /** Opens the file and the hubs in it. Throws when a hub would lose partitions. */
  constructor(file: string, specs: readonly HubSpec[], now: number) {
    this.store = new MessageStore(file)
    for (const { name, partitions } of specs) {
      const stored = this.store.openHub(name, partitions, now)
      this.#hubs.set(
        name,
        hubOf(
          name,
          stored.map((each) => new Partition(this.store, each)),
        ),
      )
    }
  }

  /** Adds partitions until there are so many; throws when there are more. False when there is no such hub. */
  grow(name: string, partitions: number, now: number): boolean {
    const had = this.#hubs.get(name)?.partitions
    if (had === undefined) return false
    const stored = this.store.openHub(name, partitions, now)
    had.push(...stored.slice(had.length).map((each) => new Partition(this.store, each)))
    return true
  }

  hub(name: string): Hub | undefined {
    return this.#hubs.get(name)
  }

  partition(hub: string, partition: string): Partition | undefined {
    return this.#hubs.get(hub)?.partitions.find((each) => each.number === partition)
  }

  all(): readonly Hub[] {
    return [...this.#hubs.values()]
  }
}

function hubOf(name: string, partitions: Partition[]): GrowingHub {
  let turn = 0
  return {
    name,
    partitions,
    choose(key) {
      const index = key === undefined ? turn++ : hashOf(key)
      return partitions[index % partitions.length]!
    },
  }
}

/**
 * FNV-1a, 32 bits: the service's own hash is not the emulator's business, only that a key stays where it
 * is.
 */
function hashOf(key: string): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(key)) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}
