import rhea, { type Delivery, type EventContext, type Receiver } from 'rhea'
import { BATCH_FORMAT, readBatch, readEvent, type SentBatch } from './batch.ts'
import type { Broker } from './broker.ts'
import type { FaultAction } from './faults.ts'
import type { Hub } from './hubs.ts'
import type { Partition } from './partition.ts'
import { notStored, type Refusal, tooLarge, undecodable } from './refusal.ts'
import { strike } from './strike.ts'

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
  readonly #broker: Broker
  readonly #drop: () => void

  constructor(link: Receiver, options: SenderOptions, broker: Broker, drop: () => void) {
    this.#link = link
    this.#options = options
    this.#broker = broker
    this.#drop = drop
  }

  start(): void {
    this.#link.on('message', (context: EventContext) => this.#take(context))
  }

  #take({ message, delivery }: EventContext): void {
    if (delivery === undefined) return
    const batch = readSent(message, delivery.format)
    if ('condition' in batch) {
      delivery.reject(batch)
      return
    }
    const partition = this.#options.partition ?? this.#options.hub.choose(batch.partitionKey)
    const fault = this.#broker.faults.take('send', { hub: partition.hub, partition: partition.number })
    if (fault?.kind === 'refuse' || fault?.kind === 'detach') this.#strike(fault, delivery)
    else this.#broker.queue.append(partition, batch.events, (error) => this.#answer(delivery, fault, error))
  }

  #answer(delivery: Delivery, fault: FaultAction | undefined, error: unknown): void {
    if (error !== undefined) delivery.reject(notStored(error))
    else if (fault === undefined) delivery.accept()
    else this.#strike(fault, delivery)
  }

  #strike(fault: FaultAction, delivery: Delivery): void {
    strike(fault, {
      refuse: (error) => delivery.reject(error),
      detach: (error) => this.#link.close(error),
      drop: this.#drop,
      goOn: () => delivery.accept(),
    })
  }
}

function readSent(message: unknown, format: number): SentBatch | Refusal {
  const bytes = Buffer.isBuffer(message) ? message : rhea.message.encode(message)
  if (bytes.length > MESSAGE_BYTES_MAX) return tooLarge(bytes.length, MESSAGE_BYTES_MAX)
  try {
    if (format === BATCH_FORMAT) return readBatch(bytes)
    const event = readEvent(bytes)
    return { partitionKey: event.partitionKey, events: [event] }
  } catch (error) {
    return undecodable(error)
  }
}
