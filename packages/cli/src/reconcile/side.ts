import { type SourceConfig, sourceOf } from '@weir/aggregator'
import type { Event, RawBatch, SourceSignal } from '@weir/model'
import { classify, eventsOf, identityOf, unwrap } from '@weir/normalize'
import { createReport, systemClock, WeirError } from '@weir/runtime'

const HOUR_MS = 3_600_000

/** Epoch milliseconds; event times from `from` up to, and without, `to` are compared. */
export interface Interval {
  readonly from: number
  readonly to: number
  /** How long after its time an event may have arrived and is still looked for. */
  readonly lateMs: number
}

/** An event of the interval, and its record as it could be handed to an aggregator. */
export interface Seen {
  readonly event: Event
  readonly identity: string
  recordBytes(): Uint8Array
}

/** What a reading saw beside the events. */
export interface SideCounts {
  /** Pieces that could not be read as records, of whatever time. */
  unreadable: number
}

/**
 * Reads a source of its own making from the beginning of the interval to its end, whatever an aggregator has read:
 * no cursor is used or kept, nothing is taken out of a queue. Throws `WeirError` SOURCE_UNREACHABLE as soon as any part of it
 * cannot be reached: what was not read must not pass for missing.
 */
export async function readSide(
  config: SourceConfig,
  interval: Interval,
  see: (seen: Seen) => Promise<void> | void,
): Promise<SideCounts> {
  const counts: SideCounts = { unreadable: 0 }
  const over = new AbortController()
  const progress = new Progress(interval)
  let failure: unknown
  const deliver = async (signal: SourceSignal): Promise<void> => {
    if (over.signal.aborted) return
    try {
      if (signal.kind === 'batch') {
        await takeBatch(signal, interval, see, counts)
        signal.committed?.()
      }
      progress.take(signal)
      if (progress.done) over.abort()
    } catch (error) {
      failure = error
      over.abort()
    }
  }
  const report = createReport('silent')
  const source = sourceOf(configOf(config, interval), { clock: systemClock, report, random: Math.random })
  try {
    await source.run({ cursors: new Map(), deliver, signal: over.signal })
  } finally {
    await source.close?.()
  }
  if (failure !== undefined) throw failure
  return counts
}

/** Knows when every partition was read to the end of the interval. */
class Progress {
  readonly #until: number
  readonly #done = new Set<string>()
  #partitions: readonly string[] | undefined

  constructor({ to, lateMs }: Interval) {
    // A busy hub is never caught up; what comes while it is read is left for another time.
    this.#until = Math.min(to + lateMs, systemClock.now())
  }

  get done(): boolean {
    return this.#partitions?.every((each) => this.#done.has(each)) ?? false
  }

  take(signal: SourceSignal): void {
    if (signal.kind === 'partitions') this.#partitions = signal.partitions
    else if (signal.kind === 'batch') this.#passed(signal)
    else if (signal.state === 'caught-up') this.#done.add(signal.partition)
    else if (signal.state === 'cut-off') throw unreachable(signal.source, signal.partition, signal.reason)
  }

  /** Where messages come in the order of their arrival, one from beyond the interval ends it. */
  #passed({ unordered, partition, messages }: RawBatch): void {
    if (unordered !== true && messages.some(({ arrival }) => arrival >= this.#until))
      this.#done.add(partition)
  }
}

async function takeBatch(
  batch: RawBatch,
  interval: Interval,
  see: (seen: Seen) => Promise<void> | void,
  counts: SideCounts,
): Promise<void> {
  for (const message of batch.messages) {
    const unwrapped = unwrap(message.bytes, message.format)
    counts.unreadable += unwrapped.quarantined.length
    const { source, partition } = batch
    const { at, arrival, format, dataset: hint } = message
    const origin = { source, partition, at, arrival, bytesOf: (index: number) => unwrapped.bytesOf(index) }
    for (const [index, record] of unwrapped.records.entries()) {
      const events: Event[] = []
      eventsOf(record, classify(record, hint), origin, index, events)
      // Bytes in another format than JSON could not be read again without what the source knows of them.
      const recordBytes = (): Uint8Array =>
        format === undefined ? unwrapped.bytesOf(index) : Buffer.from(JSON.stringify(record))
      for (const event of events) {
        if (event.time < interval.from || event.time >= interval.to) continue
        await see({ event, identity: identityOf(event), recordBytes })
      }
    }
  }
}

/** The same source, to be read from the beginning of the interval. */
function configOf(config: SourceConfig, { from }: Interval): SourceConfig {
  switch (config.type) {
    case 'event-hubs':
      // An event arrives after its time, but for the clocks of those who send it.
      return { ...config, start: new Date(from - HOUR_MS).toISOString() }
    case 'blobs': {
      const hours = Math.ceil((systemClock.now() - from) / HOUR_MS) + 1
      const { notify: _, ...rest } = config
      return { ...rest, hoursFirst: hours, hoursBack: hours }
    }
    default:
      throw new WeirError(
        'WRONG_USE',
        `source ${config.name} is of type ${config.type}; only event-hubs and blobs can be reconciled`,
      )
  }
}

function unreachable(source: string, partition: string, reason = 'no reason given'): WeirError {
  const remedy = 'nothing was compared; try again, or see what `weir doctor` says'
  return new WeirError('SOURCE_UNREACHABLE', `${source} ${partition} cannot be reached: ${reason}; ${remedy}`)
}
