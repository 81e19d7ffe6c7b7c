import type { PartitionState, RawBatch, RawMessage, SourceContext } from '@weir/model'
import { BoundedQueue } from '@weir/runtime'
import type { Message } from 'rhea'
import type { SourceDeps } from '../deps.ts'
import { TookTooLong } from '../within.ts'
import { bodyBytes } from './body.ts'
import { type EventHubsConfig, retryPauseMs, type Start } from './config.ts'
import type { CreditPool } from './credit-pool.ts'
import type { HubCursor } from './cursor.ts'
import { hubFailure } from './failure.ts'
import type { HubMetadata, PartitionProperties } from './metadata.ts'
import type { Outages } from './outages.ts'
import type { PartitionLink } from './partition-link.ts'
import { resume } from './resume.ts'
import type { HubService } from './service.ts'

/** What the readers of one hub share. */
export interface HubReading {
  readonly hub: string
  readonly config: EventHubsConfig
  readonly deps: SourceDeps
  readonly context: SourceContext
  readonly credits: CreditPool
  readonly metadata: HubMetadata
  readonly outages: Outages
  /** The connection that there is, or a new one. */
  readonly service: () => Promise<HubService>
}

/** A message, or a step of the position without one. */
interface Arrived {
  readonly message: RawMessage | undefined
  readonly cursor: HubCursor
  readonly gap: RawBatch['gap']
  readonly notice?: RawBatch['notice']
}

/** What a message costs in memory beside its body; without it a flood of tiny ones would know no bound. */
export const MESSAGE_OVERHEAD_BYTES = 1_000

/** Reads one partition: attaches, receives, delivers, and begins anew after every failure, until the signal aborts. */
export class PartitionReader {
  readonly partition: string
  readonly #reading: HubReading
  readonly #arrived = new BoundedQueue<Arrived>(Number.POSITIVE_INFINITY)
  readonly #start: Start
  /** Last message received, and last delivered. */
  #received: HubCursor | undefined
  #delivered: HubCursor | undefined
  #link: PartitionLink | undefined
  /** In a row, since the service last told how the partition stands. */
  #failures = 0

  constructor(partition: string, reading: HubReading, start: Start, cursor: HubCursor | undefined) {
    this.partition = partition
    this.#reading = reading
    this.#start = start
    this.#received = cursor
    this.#delivered = cursor
    reading.credits.expect()
  }

  /** When the last message came or was handed on, or the link was made; epoch milliseconds. */
  #quietSince = 0

  get key(): string {
    return `${this.#reading.hub}/${this.partition}`
  }

  async run(): Promise<void> {
    const { signal } = this.#reading.context
    signal.addEventListener('abort', () => this.#stop(), { once: true })
    await Promise.all([this.#receiveForever(signal), this.#deliverForever(signal)])
  }

  get attached(): boolean {
    return this.#link !== undefined
  }

  /** Tells how the partition stands, if it is attached; rejects when the service cannot say. */
  async tell(): Promise<void> {
    const link = this.#link
    if (link === undefined) return
    const now = this.#reading.deps.clock.now()
    const delivered = this.#delivered
    const properties = await this.#reading.metadata.partition(this.partition).catch(endSilent(link))
    if (this.#link !== link || this.#reading.context.signal.aborted) return
    this.#failures = 0
    this.#reading.outages.back(this.key)
    const behind = this.#behind(properties, delivered)
    if (behind === 0) await this.#state({ state: 'caught-up', now })
    else await this.#state({ state: 'lagging', now, behind })
    if (behind > 0) this.#endStalled(link, now)
  }

  /** Whatever it is that keeps messages from coming: what has come is delivered, and more waits. */
  #endStalled(link: PartitionLink, now: number): void {
    const { config, credits } = this.#reading
    const { stallMsMax } = config
    const allDelivered = this.#delivered?.sequenceNumber === this.#received?.sequenceNumber
    // Who waited for us has not stalled, and needs its time once we are no longer what it waits for.
    if (!allDelivered || credits.full) this.#quietSince = now
    if (now - this.#quietSince < stallMsMax) return
    link.giveUp(new Error(`nothing came for ${stallMsMax} ms although messages wait`))
  }

  #stop(): void {
    this.#link?.close()
    this.#arrived.close()
  }

  async #receiveForever(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#receive(await this.#attach())
      } catch (error) {
        if (!signal.aborted) await this.#cutOff(error, ++this.#failures, signal)
      }
    }
  }

  async #attach(): Promise<PartitionLink> {
    const { config, deps, metadata } = this.#reading
    const service = await this.#reading.service()
    const { created } = await metadata.hub()
    this.#settle(await metadata.partition(this.partition), created)
    const link: PartitionLink = await service.attach({
      hub: this.#reading.hub,
      partition: this.partition,
      consumerGroup: config.consumerGroup,
      selector: this.#selector(),
      receiverName: `weir-${config.name}-${Math.floor(deps.random() * 1e9)}`,
      message: (message) => this.#take(link, message),
    })
    return link
  }

  /** Resolves never, rejects when the link is over. */
  async #receive(link: PartitionLink): Promise<void> {
    const { credits, context } = this.#reading
    this.#link = link
    this.#quietSince = this.#reading.deps.clock.now()
    if (context.signal.aborted) link.close()
    credits.join(link)
    try {
      await link.over
    } finally {
      this.#link = undefined
      credits.leave(link)
    }
  }

  /** What a look at the partition makes of our position goes the way of the messages, behind those that came before. */
  #settle(properties: PartitionProperties, created: number): void {
    const { cursor, gap, notice } = resume(this.#received, this.#start, properties, created)
    if (cursor === undefined || cursor === this.#received) return
    this.#received = cursor
    void this.#arrived.put({ message: undefined, cursor, gap, notice }, 0)
  }

  #selector(): string {
    if (this.#received !== undefined) return `amqp.annotation.x-opt-offset > '${this.#received.offset}'`
    const start = this.#start
    if (typeof start === 'object') return `amqp.annotation.x-opt-enqueued-time > '${start.after}'`
    return "amqp.annotation.x-opt-offset > '-1'"
  }

  #take(link: PartitionLink, message: Message): void {
    const { credits, config, deps } = this.#reading
    this.#quietSince = deps.clock.now()
    const cursor = cursorOf(message)
    const last = this.#received
    if (last !== undefined && cursor.sequenceNumber <= last.sequenceNumber) {
      deps.report.count('redelivered', { source: config.name }, 1)
      credits.received(link, 0)
      return
    }
    const bytes = bodyBytes(message.body)
    const gap = gapBetween(last?.sequenceNumber, cursor.sequenceNumber)
    this.#received = cursor
    const raw = { bytes, at: String(cursor.sequenceNumber), arrival: cursor.enqueuedTime }
    void this.#arrived.put({ message: raw, cursor, gap }, bytes.length)
    credits.received(link, bytes.length + MESSAGE_OVERHEAD_BYTES)
  }

  async #deliverForever(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#arrived.ready()
      const taken = this.#arrived.takeNow(this.#reading.config.batchBytesMax)
      for (const run of splitAtGaps(taken)) {
        if (signal.aborted) return
        this.#tellLoss(run[0]!)
        await this.#batch(run)
        this.#delivered = run.at(-1)!.cursor
        this.#quietSince = this.#reading.deps.clock.now()
      }
    }
  }

  #tellLoss({ gap, notice }: Arrived): void {
    const { config, deps } = this.#reading
    const where = { source: config.name, partition: this.key }
    const labels = ['source', 'partition']
    if (notice !== undefined)
      deps.report.event('warn', 'position_reset', { ...where, reason: notice.detail }, labels)
    if (gap === undefined) return
    const [from, to] = [Number(gap.after) + 1, Number(gap.next) - 1]
    deps.report.event('warn', 'sequence_gap', { ...where, from, to, records: to - from + 1 }, labels)
  }

  async #batch(run: readonly Arrived[]): Promise<void> {
    const { config, context, credits } = this.#reading
    const messages = run.flatMap(({ message }) => message ?? [])
    const { gap, notice } = run[0]!
    let held = messages.reduce((sum, { bytes }) => sum + bytes.length + MESSAGE_OVERHEAD_BYTES, 0)
    await context.deliver({
      kind: 'batch',
      source: config.name,
      partition: this.key,
      messages,
      cursors: [{ source: config.name, key: this.key, value: JSON.stringify(run.at(-1)!.cursor) }],
      ...(gap === undefined ? {} : { gap }),
      ...(notice === undefined ? {} : { notice }),
      committed: () => {
        credits.release(held)
        held = 0
      },
    })
  }

  /** Messages that wait; none where there are none from our start on. */
  #behind(
    { empty, begin, last, lastEnqueued }: PartitionProperties,
    delivered: HubCursor | undefined,
  ): number {
    if (empty || last < begin) return 0
    if (delivered !== undefined) return Math.max(0, last - Math.max(delivered.sequenceNumber, begin - 1))
    if (typeof this.#start === 'object' && lastEnqueued <= this.#start.after) return 0
    return last - begin + 1
  }

  async #cutOff(error: unknown, failures: number, signal: AbortSignal): Promise<void> {
    const { config, deps, outages } = this.#reading
    const { reason, hopeless, evicted } = hubFailure(error)
    const pauseMs = retryPauseMs(config, hopeless, failures, deps.random())
    outages.cutOff(this.key, reason, failures, pauseMs)
    const state = { state: 'cut-off', now: deps.clock.now() } as const
    const group = `Consumer group ${config.consumerGroup} of hub ${this.#reading.hub}`
    if (evicted) await this.#state({ ...state, code: 'reader-evicted', reason: `${group}: ${reason}` })
    else await this.#state({ ...state, reason })
    await deps.clock.sleep(pauseMs, signal)
  }

  async #state(state: Omit<PartitionState, 'kind' | 'source' | 'partition'>): Promise<void> {
    const source = this.#reading.config.name
    await this.#reading.context.deliver({ kind: 'state', source, partition: this.key, ...state })
  }
}

/** Where one connection has fallen silent the other may have too, and would be waited for in vain. */
function endSilent(link: PartitionLink): (error: unknown) => never {
  return (error) => {
    if (error instanceof TookTooLong) link.close(error)
    throw error
  }
}

function cursorOf(message: Message): HubCursor {
  const annotations: Readonly<Record<string, unknown>> = message.message_annotations ?? {}
  return {
    sequenceNumber: Number(annotations['x-opt-sequence-number']),
    offset: String(annotations['x-opt-offset']),
    enqueuedTime: Number(annotations['x-opt-enqueued-time']),
  }
}

function gapBetween(before: number | undefined, next: number): RawBatch['gap'] {
  if (before === undefined || next === before + 1) return undefined
  return { after: String(before), next: String(next) }
}

/** A batch can tell of one gap or notice, at its beginning. */
function splitAtGaps(arrived: readonly Arrived[]): Arrived[][] {
  const runs: Arrived[][] = []
  for (const each of arrived) {
    if (runs.length === 0 || each.gap !== undefined || each.notice !== undefined) runs.push([])
    runs.at(-1)!.push(each)
  }
  return runs
}
