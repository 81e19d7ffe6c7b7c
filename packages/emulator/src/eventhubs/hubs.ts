import { MessageStore } from './message-store.ts'
import { Partition } from './partition.ts'

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

/** The hubs of the emulator, over one store. */
export class Hubs {
  readonly store: MessageStore
  readonly #hubs = new Map<string, Hub>()

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

function hubOf(name: string, partitions: readonly Partition[]): Hub {
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
