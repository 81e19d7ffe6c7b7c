import type { MessagePlace, Refetch, Refetched } from '@weir/model'
import { aborted, BoundedQueue } from '@weir/runtime'
import type { Message } from 'rhea'
import type { SourceDeps } from '../deps.ts'
import { handed } from '../handed.ts'
import { unlessAborted, within } from '../within.ts'
import { bodyBytes } from './body.ts'
import { EVIDENCE_GROUP, type EventHubsConfig } from './config.ts'
import type { Endpoint } from './endpoint.ts'
import { HubMetadata } from './metadata.ts'
import type { PartitionLink } from './partition-link.ts'
import { SharedService } from './shared-service.ts'

/** Messages asked for at a time: what a receiver that is left early was sent for nothing. */
const CREDIT = 20
/** Messages between two wanted ones that are read and let go; over more a new receiver skips. */
const SKIPPED_MAX = 200
/** Partitions read at once. */
const PARTITIONS_MAX = 4

/**
 * Messages by their sequence numbers, through `evidenceConsumerGroup`: a receiver lives from the first to the last that
 * is wanted of a partition, and reads nobody's position.
 */
export function hubRefetch(
  config: EventHubsConfig,
  deps: SourceDeps,
  endpoint: Endpoint,
  signal: AbortSignal,
): Refetch {
  const service = new SharedService(endpoint, deps.clock, config.answerMsMax, signal)
  const hubs = new Map<string, HubMetadata>()
  const metadataOf = (hub: string): HubMetadata => {
    const known = hubs.get(hub) ?? new HubMetadata(endpoint, hub, deps.clock, config.answerMsMax)
    hubs.set(hub, known)
    return known
  }
  void aborted(signal).then(() =>
    Promise.allSettled([service.close(), ...[...hubs.values()].map((each) => each.close())]),
  )
  return (places) =>
    handed(async (hand) => {
      const partitions = [...byPartition(places)]
      const next = async (): Promise<void> => {
        for (let each = partitions.shift(); each !== undefined; each = partitions.shift()) {
          // What is opened from here on nobody would close.
          signal.throwIfAborted()
          const reading = new PartitionRefetch(config, deps, service, metadataOf, signal, each[0])
          for await (const found of reading.read(each[1])) await hand(found)
        }
      }
      await Promise.all(Array.from({ length: PARTITIONS_MAX }, next))
    })
}

/** Sequence numbers by partition, least first. */
function byPartition(places: readonly MessagePlace[]): Map<string, number[]> {
  const partitions = new Map<string, number[]>()
  for (const { partition, at } of places)
    partitions.set(partition, [...(partitions.get(partition) ?? []), Number(at)])
  for (const numbers of partitions.values()) numbers.sort((a, b) => a - b)
  return partitions
}

class PartitionRefetch {
  readonly #config: EventHubsConfig
  readonly #deps: SourceDeps
  readonly #service: SharedService
  readonly #metadata: HubMetadata
  readonly #signal: AbortSignal
  readonly #key: string
  readonly #hub: string
  readonly #id: string

  constructor(
    config: EventHubsConfig,
    deps: SourceDeps,
    service: SharedService,
    metadataOf: (hub: string) => HubMetadata,
    signal: AbortSignal,
    key: string,
  ) {
    this.#config = config
    this.#deps = deps
    this.#service = service
    this.#signal = signal
    this.#key = key
    this.#hub = key.slice(0, key.lastIndexOf('/'))
    this.#id = key.slice(key.lastIndexOf('/') + 1)
    this.#metadata = metadataOf(this.#hub)
  }

  async *read(numbers: readonly number[]): AsyncGenerator<Refetched> {
    const { empty, begin, last } = await this.#metadata.partition(this.#id)
    const left: number[] = []
    for (const number of numbers) {
      if (number > last) yield this.#gone(number, 'not-found')
      else if (empty || number < begin) yield this.#gone(number, 'retention')
      else left.push(number)
    }
    while (left.length > 0) yield* this.#run(left)
  }

  /** Takes from the front of `left` what one receiver brings: up to the last number, or a gap that is worth skipping. */
  async *#run(left: number[]): AsyncGenerator<Refetched> {
    const came = new BoundedQueue<Message>(Number.POSITIVE_INFINITY)
    const link = await this.#attach(left[0]!, (message) => void came.put(message, 1))
    try {
      link.credit(CREDIT)
      for (let taken = 1; left.length > 0; taken++) {
        const message = await this.#next(came, link)
        if (taken % (CREDIT / 2) === 0) link.credit(CREDIT / 2)
        const number = Number(annotationOf(message, 'x-opt-sequence-number'))
        // What the service passed over has gone since it told where the partition begins.
        while (left.length > 0 && left[0]! < number) yield this.#gone(left.shift()!, 'retention')
        if (left[0] === number) yield this.#found(left.shift()!, message)
        if (left.length > 0 && left[0]! - number > SKIPPED_MAX) return
      }
    } finally {
      link.giveUp(new Error('everything that was wanted has come'))
    }
  }

  async #attach(number: number, message: (message: Message) => void): Promise<PartitionLink> {
    const service = await unlessAborted(this.#signal, this.#service.get())
    return service.attach({
      hub: this.#hub,
      partition: this.#id,
      consumerGroup: this.#config.evidenceConsumerGroup ?? EVIDENCE_GROUP,
      selector: `amqp.annotation.x-opt-sequence-number >= '${number}'`,
      receiverName: `weir-${this.#config.name}-evidence-${Math.floor(this.#deps.random() * 1e9)}`,
      message,
    })
  }

  async #next(came: BoundedQueue<Message>, link: PartitionLink): Promise<Message> {
    for (;;) {
      const [message] = came.takeNow(1)
      if (message !== undefined) return message
      const arrival = Promise.race([came.ready(), link.over])
      const waited = within(this.#deps.clock, this.#config.answerMsMax, `reading ${this.#key}`, arrival)
      await unlessAborted(this.#signal, waited)
    }
  }

  #found(number: number, message: Message): Refetched {
    const at = String(number)
    const arrival = Number(annotationOf(message, 'x-opt-enqueued-time'))
    return { partition: this.#key, at, message: { bytes: bodyBytes(message.body), at, arrival } }
  }

  #gone(number: number, gone: 'retention' | 'not-found'): Refetched {
    return { partition: this.#key, at: String(number), gone }
  }
}

function annotationOf({ message_annotations: annotations }: Message, name: string): unknown {
  return (annotations as Readonly<Record<string, unknown>> | undefined)?.[name]
}
