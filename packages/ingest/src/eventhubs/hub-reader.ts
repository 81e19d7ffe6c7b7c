import type { SourceContext } from '@weir/model'
import { retryPauseMs, startOf } from './config.ts'
import { parseHubCursor, parseHubFound } from './cursor.ts'
import { hubFailure } from './failure.ts'
import { type HubReading, PartitionReader } from './partition-reader.ts'

/** Finds the partitions of one hub, now and when they become more, and reads each. */
export class HubReader {
  readonly #hub: string
  readonly #reading: HubReading
  readonly #changed: () => Promise<void>
  readonly #running: Promise<void>[] = []
  #readers: readonly PartitionReader[] = []
  #found = false
  #kept = false

  /** @param changed called before a partition is read for the first time. */
  constructor(reading: HubReading, changed: () => Promise<void>) {
    this.#hub = reading.hub
    this.#reading = reading
    this.#changed = changed
  }

  get readers(): readonly PartitionReader[] {
    return this.#readers
  }

  /** Until the hub has told its partitions, it stands for them itself, so that they are waited for. */
  get partitions(): readonly string[] {
    return this.#found ? this.#readers.map(({ key }) => key) : [this.#hub]
  }

  /** One look at the hub; the caller announces what it found. */
  async find(): Promise<void> {
    const { partitionIds: ids } = await this.#reading.metadata.hub()
    const known = new Set(this.#readers.map(({ partition }) => partition))
    const fresh = ids.filter((id) => !known.has(id)).map((id) => this.#reader(id))
    this.#readers = [...this.#readers, ...fresh]
    this.#found = true
    this.#reading.outages.back(this.#hub)
  }

  /** Reads until the signal aborts; looks for new partitions now and then, and soon when none is known yet. */
  async run(failure: unknown): Promise<void> {
    const { config, context, deps } = this.#reading
    let failures = 0
    let failed = failure
    while (!context.signal.aborted) {
      await this.#keepFound()
      this.#startFresh()
      const pause = failed === undefined ? config.discoverMs : await this.#cutOff(failed, ++failures)
      await deps.clock.sleep(pause, context.signal)
      if (context.signal.aborted) break
      failed = await this.#look()
      if (failed === undefined) failures = 0
    }
    await Promise.all(this.#running)
  }

  async #look(): Promise<unknown> {
    const before = this.partitions.length
    const wasFound = this.#found
    try {
      await this.find()
      if (!wasFound || this.partitions.length !== before) await this.#changed()
      return undefined
    } catch (error) {
      return error
    }
  }

  #startFresh(): void {
    for (const reader of this.#readers.slice(this.#running.length)) this.#running.push(reader.run())
  }

  #reader(id: string): PartitionReader {
    const { config, context } = this.#reading
    const start = this.#isNew(id) ? 'earliest' : startOf(config)
    const cursor = parseHubCursor(context.cursors.get(`${this.#hub}/${id}`))
    return new PartitionReader(id, this.#reading, start, cursor)
  }

  /** A partition that was not there when we began with its hub, be it in an earlier life: everything in it is new. */
  #isNew(id: string): boolean {
    if (this.#found) return true
    const { cursors } = this.#reading.context
    const first = parseHubFound(cursors.get(this.#hub))
    if (first !== undefined) return !first.includes(id)
    return [...cursors.keys()].some((key) => key.startsWith(`${this.#hub}/`))
  }

  /** What the hub consisted of when we began with it, once; only a start other than the earliest has to know. */
  async #keepFound(): Promise<void> {
    const { config, context } = this.#reading
    const [first] = this.#readers
    if (this.#kept || first === undefined) return
    this.#kept = true
    const known = [...context.cursors.keys()].some((key) => `${key}/`.startsWith(`${this.#hub}/`))
    if (known || config.start === 'earliest') return
    const value = JSON.stringify({ partitions: this.#readers.map(({ partition }) => partition) })
    const cursors = [{ source: config.name, key: this.#hub, value }]
    await context.deliver({
      kind: 'batch',
      source: config.name,
      partition: first.key,
      messages: [],
      cursors,
    })
  }

  /** Only a hub that has told no partition yet speaks for itself; the others' readers do. */
  async #cutOff(error: unknown, failures: number): Promise<number> {
    const { config, deps, context, outages } = this.#reading
    const { reason, hopeless } = hubFailure(error)
    if (!this.#found) await tellCutOff(context, config.name, this.#hub, deps.clock.now(), reason)
    const pauseMs = retryPauseMs(config, hopeless, failures, deps.random())
    outages.cutOff(this.#hub, reason, failures, pauseMs)
    return pauseMs
  }
}

async function tellCutOff(
  context: SourceContext,
  source: string,
  partition: string,
  now: number,
  reason: string,
): Promise<void> {
  await context.deliver({ kind: 'state', source, partition, state: 'cut-off', now, reason })
}
