import { covers, type Place } from './faults.ts'
import type { ReceiverLink } from './receiver-link.ts'
import { type Refusal, stolen, tooManyReaders } from './refusal.ts'

/**
 * Readers without an epoch on one partition of one consumer group; the next one is refused, as the service
 * does.
 */
const NON_EPOCH_RECEIVERS_MAX = 5

/** All readers of all partitions, and who must go when another comes. */
export class Receivers {
  readonly #byPartition = new Map<string, Set<ReceiverLink>>()

  /** Lets a reader in, and others out, by their epochs; or says why it may not come in. */
  admit(receiver: ReceiverLink): Refusal | undefined {
    const key = keyOf(receiver.place)
    const others = this.#byPartition.get(key) ?? new Set()
    const refusal = refusalOf(receiver.epoch, [...others])
    if (refusal !== undefined) return refusal
    if (receiver.epoch !== undefined)
      for (const other of [...others])
        other.detach(stolen(`A reader with epoch ${receiver.epoch} took over.`))
    this.#byPartition.set(key, others.add(receiver))
    return undefined
  }

  remove(receiver: ReceiverLink): void {
    const key = keyOf(receiver.place)
    const others = this.#byPartition.get(key)
    others?.delete(receiver)
    if (others?.size === 0) this.#byPartition.delete(key)
  }

  all(): ReceiverLink[] {
    return [...this.#byPartition.values()].flatMap((each) => [...each])
  }

  /** The readers of a place. */
  at(wish: Place): ReceiverLink[] {
    return this.all().filter((receiver) => covers(wish, receiver.place))
  }
}

/** Equal epochs steal: that is how partitions move between consumers. */
function refusalOf(epoch: number | undefined, others: readonly ReceiverLink[]): Refusal | undefined {
  const held = others.map((other) => other.epoch).filter((each) => each !== undefined)
  const highest = Math.max(...held)
  if (held.length > 0 && (epoch === undefined || epoch < highest))
    return stolen(`A reader with epoch ${highest} holds the partition.`)
  if (epoch === undefined && others.length >= NON_EPOCH_RECEIVERS_MAX)
    return tooManyReaders(NON_EPOCH_RECEIVERS_MAX)
  return undefined
}

function keyOf({ hub, group, partition }: Place): string {
  return `${hub}\n${group}\n${partition}`
}
