import type { Hit } from '@weir/engine'
import type {
  Books,
  Dataset,
  Event,
  Origin,
  Quarantined,
  RawBatch,
  RawMessage,
  Watermarks,
} from '@weir/model'
import { classify, eventsOf, repeatKey, type Unwrapped, unwrap, WEIR_CANARY } from '@weir/normalize'
import type { Repeats } from './repeats.ts'

/** What one batch of bytes became. */
export interface Intake {
  /** Events that met a rule, in their order; the others are let go at once. */
  readonly hits: readonly Hit[]
  readonly quarantined: Quarantined[]
  /** Those that were planted, whatever rules and filters make of them. */
  readonly canaries: readonly Event[]
  readonly books: Books
  /** Greatest lead of an event's time over its arrival, milliseconds; 0 when none lay in the future. */
  readonly aheadMs: number
  /** Days of the events, whole days since 1970, UTC. */
  readonly days: ReadonlySet<number>
}

export interface IntakePorts {
  readonly repeats: Repeats
  readonly watermarks: Watermarks
  /** Filters of the operator's that some of the events meet; absent where there are none. */
  readonly drop?: (events: readonly Event[]) => Promise<readonly Hit[]>
  readonly match: (events: readonly Event[]) => Promise<readonly Hit[]>
}

/**
 * Events that wait to be matched, unless one message brings more. So few are still in the processor's cache, and
 * are garbage before the collector has moved them once.
 */
const EVENTS_WAITING_MAX = 100

const DAY_MS = 86_400_000

interface Tally {
  read: number
  normalized: number
  duplicates: number
  dropped: number
  readonly droppedBy: Map<string, number>
  quarantined: number
  events: number
  rawBytes: number
  aheadMs: number
  readonly days: Set<number>
  readonly canaries: Event[]
}

/**
 * Bytes to hits: unwrap, drop repeats, normalize, filter, match; the partition's clock moves with what was read.
 */
export async function takeIn(batch: RawBatch, ports: IntakePorts): Promise<Intake> {
  const hits: Hit[] = []
  const quarantined: Quarantined[] = []
  const tally: Tally = {
    read: 0,
    normalized: 0,
    duplicates: 0,
    dropped: 0,
    droppedBy: new Map(),
    quarantined: 0,
    events: 0,
    rawBytes: 0,
    aheadMs: 0,
    days: new Set(),
    canaries: [],
  }
  let waiting: Event[] = []
  for (const message of batch.messages) {
    await takeMessage(batch, message, ports, waiting, quarantined, tally)
    if (waiting.length < EVENTS_WAITING_MAX) continue
    for (const hit of await ports.match(waiting)) hits.push(hit)
    waiting = []
  }
  for (const hit of await ports.match(waiting)) hits.push(hit)
  const { aheadMs, days, droppedBy, canaries, ...counts } = tally
  const books = { source: batch.source, ...counts, droppedBy: Object.fromEntries(droppedBy) }
  return { hits, quarantined, canaries, books, aheadMs, days }
}

async function takeMessage(
  batch: RawBatch,
  message: RawMessage,
  ports: IntakePorts,
  events: Event[],
  quarantined: Quarantined[],
  tally: Tally,
): Promise<void> {
  const { source, partition } = batch
  const unwrapped = unwrap(message.bytes, message.format)
  const origin = originOf(batch, message, unwrapped)
  const first = events.length
  const read = unwrapped.records.length + unwrapped.quarantined.length
  tally.rawBytes += unwrapped.rawBytes
  tally.read += read
  if (message.repeated) {
    tally.duplicates += read
    return
  }
  tally.quarantined += unwrapped.quarantined.length
  for (const { index, bytes, reason } of unwrapped.quarantined) {
    quarantined.push({ position: { source, partition, at: message.at, index }, bytes, reason })
  }
  takeRecords(unwrapped, message, origin, ports, events, tally)
  if (ports.drop !== undefined) await dropMet(events, first, ports.drop, tally)
  tally.events += events.length - first
  moveClock(batch, message, events, first, ports.watermarks, tally)
}

function takeRecords(
  unwrapped: Unwrapped,
  message: RawMessage,
  origin: Origin,
  ports: IntakePorts,
  events: Event[],
  tally: Tally,
): void {
  const { records } = unwrapped
  const datasets = records.map((record) => classify(record, message.dataset))
  const repeated = ports.repeats.seen(
    records.map((record, index) => repeatKey(record, datasets[index]!, () => unwrapped.bytesOf(index))),
  )
  for (let index = 0; index < records.length; index++) {
    if (repeated[index]) {
      tally.duplicates += 1
      continue
    }
    eventsOf(records[index]!, datasets[index]!, origin, index, events)
    if (datasets[index] === WEIR_CANARY) tally.canaries.push(events.at(-1)!)
    tally.normalized += 1
  }
}

/**
 * Takes the events from `first` on that meet a filter out of the list. A record of which nothing is left counts as
 * dropped, by the first filter that its first event met; one of which something is left stays normalized.
 */
async function dropMet(
  events: Event[],
  first: number,
  drop: NonNullable<IntakePorts['drop']>,
  tally: Tally,
): Promise<void> {
  const came = events.slice(first)
  const takenBy = new Map<Event, string>()
  for (const { event, rule } of await drop(came)) if (!takenBy.has(event)) takenBy.set(event, rule.id)
  if (takenBy.size === 0) return
  const kept = came.filter((event) => !takenBy.has(event))
  events.length = first
  events.push(...kept)
  const counted = new Set(kept.map(({ index }) => index))
  for (const [{ index }, name] of takenBy) {
    if (counted.has(index)) continue
    counted.add(index)
    tally.normalized -= 1
    tally.dropped += 1
    tally.droppedBy.set(name, (tally.droppedBy.get(name) ?? 0) + 1)
  }
}

/** One step per dataset and message, not per event: only the latest time matters to a clock, and the days are few. */
function moveClock(
  batch: RawBatch,
  message: RawMessage,
  events: readonly Event[],
  first: number,
  watermarks: Watermarks,
  tally: Tally,
): void {
  const latest = new Map<Dataset, number>()
  let last = Number.NaN
  for (let index = first; index < events.length; index++) {
    const { dataset, time } = events[index]!
    const day = Math.floor(time / DAY_MS)
    if (day !== last) tally.days.add(day)
    last = day
    if (time > (latest.get(dataset) ?? Number.NEGATIVE_INFINITY)) latest.set(dataset, time)
  }
  for (const [dataset, time] of latest) {
    const reached = batch.unordered === true ? Number.NEGATIVE_INFINITY : time
    watermarks.observe(batch.source, batch.partition, dataset.name, reached, message.arrival)
    tally.aheadMs = Math.max(tally.aheadMs, time - message.arrival)
  }
}

function originOf(batch: RawBatch, message: RawMessage, unwrapped: Unwrapped): Origin {
  return {
    source: batch.source,
    partition: batch.partition,
    at: message.at,
    arrival: message.arrival,
    bytesOf: (index) => unwrapped.bytesOf(index),
  }
}
