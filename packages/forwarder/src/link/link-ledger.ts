import { LINK_DAYS_MAX, type MarksRequest } from '@weir/contract'
import { type Clock, messageOf, type Report } from '@weir/runtime'
import type { LinkDay, LinkDays } from '../spool/link-days.ts'
import type { LinkBytes } from './byte-counter.ts'

/** Time between two writes to the spool; a crash forgets at most the bytes of one such step. */
const STEP_MS = 5000
/** Time between two reports to the aggregator: a day costs sixty bytes of the link that it counts. */
const TELL_MS = 3_600_000
/** Days of a report: the one that has turned since the last is told whole. At first, all that may have been missed. */
const DAYS_TOLD = 2

interface LedgerParts {
  readonly aggregator: string
  /** Since the start, of all connections to it. */
  readonly bytes: () => LinkBytes
  readonly days: LinkDays
  readonly clock: Clock
  readonly report: Report
}

/** The forwarder's own count of what crosses the link to one aggregator, by day. */
export class LinkLedger {
  readonly #parts: LedgerParts
  #seen: LinkBytes = { sent: 0, received: 0 }
  /** By day, not yet in the spool. */
  readonly #unkept = new Map<string, LinkDay>()
  #keptAt = Number.NEGATIVE_INFINITY
  #toldAt = Number.NEGATIVE_INFINITY
  #told = false

  constructor(parts: LedgerParts) {
    this.#parts = parts
  }

  /** Counts what crossed until now; returns it since the start. */
  count(): LinkBytes {
    const now = this.#parts.clock.now()
    this.#add(new Date(now).toISOString().slice(0, 10))
    if (now - this.#keptAt >= STEP_MS) this.keep()
    return this.#seen
  }

  /** Writes to the spool what it has not been told of; when that fails, the next time. */
  keep(): void {
    const { aggregator, days, clock, report } = this.#parts
    this.#add(new Date(clock.now()).toISOString().slice(0, 10))
    this.#keptAt = clock.now()
    if (this.#unkept.size === 0) return
    try {
      days.add(aggregator, [...this.#unkept.values()])
      this.#unkept.clear()
    } catch (error) {
      report.event('warn', 'link_days_failed', { aggregator, reason: messageOf(error) })
    }
  }

  /** The aggregator is to be told. */
  get due(): boolean {
    return this.#parts.clock.now() >= this.#toldAt + TELL_MS
  }

  /** Makes a report due. */
  tell(): void {
    this.#toldAt = Number.NEGATIVE_INFINITY
  }

  /** What a report tells. */
  days(): Pick<MarksRequest, 'linkDays'> {
    this.keep()
    const daysMax = this.#told ? DAYS_TOLD : LINK_DAYS_MAX
    const linkDays = this.#parts.days.last(this.#parts.aggregator, daysMax)
    return linkDays.length === 0 ? {} : { linkDays }
  }

  told(): void {
    this.#told = true
    this.#toldAt = this.#parts.clock.now()
  }

  #add(day: string): void {
    const { sent, received } = this.#parts.bytes()
    const more = { sent: sent - this.#seen.sent, received: received - this.#seen.received }
    this.#seen = { sent, received }
    if (more.sent === 0 && more.received === 0) return
    const known = this.#unkept.get(day) ?? { day, sent: 0, received: 0 }
    this.#unkept.set(day, { day, sent: known.sent + more.sent, received: known.received + more.received })
  }
}
