import rhea, { type Delivery, type EventContext, type Receiver } from 'rhea'
import type { AppendQueue } from './append-queue.ts'
import { BATCH_FORMAT, readBatch, readEvent, type SentBatch } from './batch.ts'
import type { FaultAction, Faults } from './faults.ts'
import type { Hub } from './hubs.ts'
import type { Partition } from './partition.ts'
import { errorOf } from './receiver-link.ts'
import type { Refusal } from './receivers.ts'

/** Largest transfer taken, bytes, as announced at the attach; a larger one is rejected. */
export const MESSAGE_BYTES_MAX = 1_048_576

export interface SenderOptions {
  readonly hub: Hub
  /** `undefined` where the sender leaves the choice to the hub. */
  readonly partition: Partition | undefined
}

/** Takes what one producer sends, and accepts it when it is on disk. */
export class SenderLink {
  readonly #link: Receiver
  readonly #options: SenderOptions
  readonly #queue: AppendQueue
  readonly #faults: Faults
  readonly #drop: () => void

  constructor(link: Receiver, options: SenderOptions, queue: AppendQueue, faults: Faults, drop: () => void) {
    this.#link = link
    this.#options = options
    this.#queue = queue
    this.#faults = faults
    this.#drop = drop
  }

  start(): void {
    this.#link.on('message', (context: EventContext) => this.#take(context))
  }

  #take({ message, delivery }: EventContext): void {
    if (delivery === undefined) return
    const batch = readSent(message, delivery.format)
    if ('condition' in batch) return delivery.reject(batch)
    const partition = this.#options.partition ?? this.#options.hub.choose(batch.partitionKey)
    const fault = this.#faults.take('send', { hub: partition.hub, partition: partition.number })
    if (fault?.kind === 'refuse') return delivery.reject(errorOf(fault.condition))
    if (fault?.kind === 'detach') return this.#link.close(errorOf(fault.condition))
    this.#queue.append(partition, batch.events, (error) => this.#answer(delivery, fault, error))
  }

  #answer(delivery: Delivery, fault: FaultAction | undefined, error: unknown): void {
    if (error !== undefined) {
      delivery.reject({ condition: 'amqp:internal-error', description: String(error) })
      return
    }
    if (fault === undefined) return delivery.accept()
    if (fault.kind === 'drop') this.#drop()
    if (fault.kind === 'stall') setTimeout(() => delivery.accept(), fault.ms).unref()
  }
}

function readSent(message: unknown, format: number): SentBatch | Refusal {
  const bytes = Buffer.isBuffer(message) ? message : rhea.message.encode(message)
  if (bytes.length > MESSAGE_BYTES_MAX)
    return {
      condition: 'amqp:link:message-size-exceeded',
      description: `A message of ${bytes.length} bytes; at most ${MESSAGE_BYTES_MAX} are taken.`,
    }
  try {
    if (format === BATCH_FORMAT) return readBatch(bytes)
    const event = readEvent(bytes)
    return { partitionKey: event.partitionKey, events: [event] }
  } catch (error) {
    return { condition: 'amqp:decode-error', description: String(error) }
  }
}
