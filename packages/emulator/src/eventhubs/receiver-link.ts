import type { Delivery, Sender } from 'rhea'
import { partitionProgress } from './annotations.ts'
import type { Faults, Place } from './faults.ts'
import type { Partition } from './partition.ts'
import type { Refusal } from './refusal.ts'
import { creditLeft, creditOf, sessionRoom } from './rhea-gaps.ts'
import { strike } from './strike.ts'

/** What a receiver needs of the broker. */
export interface ReceiverPorts {
  readonly faults: Faults
  readonly receivers: { remove(receiver: ReceiverLink): void }
  readonly sent: { messages: number; bytes: number }
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** Bytes that one reader may have on the way, not yet settled; beyond it delivery waits for the reader. */
const IN_FLIGHT_BYTES_MAX = 4_000_000

/** Bytes and messages sent before other links get their turn. */
const TURN_BYTES_MAX = 1_000_000
const TURN_MESSAGES_MAX = 500

export interface ReceiverOptions {
  readonly partition: Partition
  readonly group: string
  /** Sequence number of the first message to deliver. */
  readonly start: number
  /** `undefined` for a reader that does not claim the partition for itself. */
  readonly epoch: number | undefined
  /** Every message says how far the partition is. */
  readonly progress: boolean
}

/** Delivers one partition to one reader, in order, as fast as its credit and its settling allow. */
export class ReceiverLink {
  readonly place: Place
  readonly epoch: number | undefined
  readonly #link: Sender
  readonly #options: ReceiverOptions
  readonly #broker: ReceiverPorts
  readonly #drop: () => void
  readonly #unsettled = new Map<Delivery, number>()
  #forget: () => void = () => {}
  #next: number
  #sent = 0
  #sentBytes = 0
  #inFlightBytes = 0
  #waking = false
  #paused = false

  constructor(link: Sender, options: ReceiverOptions, broker: ReceiverPorts, drop: () => void) {
    this.#link = link
    this.#options = options
    this.#broker = broker
    this.#drop = drop
    this.#next = options.start
    this.epoch = options.epoch
    this.place = { hub: options.partition.hub, partition: options.partition.number, group: options.group }
  }

  /** Begins to deliver; the link is attached. */
  start(): void {
    const wake = () => this.#wake()
    this.#forget = this.#options.partition.onAppend(wake)
    this.#link.on('sendable', wake)
    this.#link.on('settled', ({ delivery }: { delivery?: Delivery }) => this.#settled(delivery))
    wake()
  }

  /** Sends no more. */
  stop(): void {
    this.#paused = true
    this.#forget()
  }

  /** Ends the link from this side, with an error unless `error` is undefined. */
  detach(error: Refusal | undefined): void {
    this.stop()
    this.#broker.receivers.remove(this)
    this.#link.close(error)
  }

  get state() {
    return {
      ...this.place,
      epoch: this.epoch ?? null,
      credit: creditOf(this.#link),
      next: this.#next,
      delivered: this.#sent,
      bytes: this.#sentBytes,
      unsettled: this.#unsettled.size,
    }
  }

  get link(): Sender {
    return this.#link
  }

  #settled(delivery: Delivery | undefined): void {
    if (delivery === undefined) return
    this.#inFlightBytes -= this.#unsettled.get(delivery) ?? 0
    this.#unsettled.delete(delivery)
    this.#wake()
  }

  /** Many causes, one turn: whatever happens before the next round of the loop is answered together. */
  #wake(): void {
    if (this.#waking || this.#paused) return
    if (this.#next >= this.#options.partition.next) return
    this.#waking = true
    setImmediate(() => {
      this.#waking = false
      if (!this.#paused && this.#link.is_open()) this.#turn()
    })
  }

  #turn(): void {
    const { partition } = this.#options
    this.#next = Math.max(this.#next, partition.begin)
    const end = this.#sentBytes + TURN_BYTES_MAX
    let messages = 0
    if (!this.#maySend()) return
    for (const bytes of partition.read(this.#next)) {
      if (!this.#deliver(bytes)) return
      messages += 1
      if (!this.#maySend()) return
      if (messages >= TURN_MESSAGES_MAX || this.#sentBytes >= end) break
    }
    this.#wake()
  }

  /** Credit, room in the session, and bytes on the way; whoever changes one of them wakes this link. */
  #maySend(): boolean {
    return (
      this.#inFlightBytes < IN_FLIGHT_BYTES_MAX &&
      creditLeft(this.#link, this.#sent) > 0 &&
      sessionRoom(this.#link) > 0
    )
  }

  /** False when a fault ends the turn. */
  #deliver(bytes: Buffer): boolean {
    const fault = this.#broker.faults.take('deliver', this.place)
    if (fault !== undefined && fault.kind !== 'duplicate') {
      this.#paused = true
      const detach = (error: Refusal | undefined) => this.detach(error)
      strike(fault, { refuse: detach, detach, drop: this.#drop, goOn: () => this.#resume() })
      return false
    }
    this.#send(bytes)
    if (fault !== undefined && this.#maySend()) this.#send(bytes)
    this.#next += 1
    return true
  }

  #send(bytes: Buffer): void {
    const { partition, progress } = this.#options
    const wire = progress
      ? Buffer.concat([partitionProgress(partition.last, this.#broker.now()), bytes])
      : bytes
    this.#unsettled.set(this.#link.send(wire, undefined, 0), wire.length)
    this.#sent += 1
    this.#sentBytes += wire.length
    this.#inFlightBytes += wire.length
    this.#broker.sent.messages += 1
    this.#broker.sent.bytes += wire.length
  }

  #resume(): void {
    this.#paused = false
    this.#wake()
  }
}
