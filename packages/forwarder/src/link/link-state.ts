import { type Broken, LANES, type Lane } from '@weir/contract'
import type { Clock, Report } from '@weir/runtime'
import type { LinkBytes } from './byte-counter.ts'

export interface LinkStatus {
  readonly aggregator: string
  readonly connected: boolean
  /** Epoch milliseconds of the last answer; 0 before the first. */
  readonly lastHeard: number
  /** Why the last session ended; empty while one is open. */
  readonly failure: string
  /** Lanes that are not pulled because the spool is full. */
  readonly paused: readonly Lane[]
  readonly bytes: LinkBytes
}

/** What is known of the link, for marks, status and gauges. */
export class LinkState {
  readonly #aggregator: string
  readonly #clock: Clock
  readonly #report: Report
  readonly #bytes: () => LinkBytes
  readonly #paused = new Set<Lane>()
  #session: string | undefined
  #lastHeard = 0
  #failure = ''
  #lastFailure = ''
  #broken: Broken | undefined
  /** Lanes that were answered in this session. */
  readonly #answered = new Set<Lane>()
  readonly #goodAt: Record<Lane, number>

  constructor(aggregator: string, clock: Clock, report: Report, bytes: () => LinkBytes) {
    this.#aggregator = aggregator
    this.#bytes = bytes
    this.#clock = clock
    this.#goodAt = { urgent: clock.now(), bulk: clock.now() }
    this.#report = report
    this.#gauges()
  }

  get session(): string | undefined {
    return this.#session
  }

  /** What crossed the link since we started. */
  bytes(): LinkBytes {
    return this.#bytes()
  }

  opened(session: string): void {
    this.#session = session
    this.#answered.clear()
    this.#failure = ''
    this.heard()
    this.#gauges()
  }

  heard(): void {
    this.#lastHeard = this.#clock.now()
    const { sent, received } = this.#bytes()
    const aggregator = this.#aggregator
    this.#report.gauge('link_bytes', { aggregator, direction: 'sent' }, sent)
    this.#report.gauge('link_bytes', { aggregator, direction: 'received' }, received)
  }

  /** A lane was asked and answered: with a page that is whole, or with nothing new. */
  good(lane: Lane, page = false): void {
    this.#goodAt[lane] = this.#clock.now()
    this.#answered.add(lane)
    if (page && this.#broken?.lane === lane) this.#broken = undefined
  }

  /** Since when a lane brings nothing that could be taken; epoch milliseconds. A lane that is paused is our own doing. */
  get deafSince(): number {
    const asked = LANES.filter((lane) => !this.#paused.has(lane))
    return asked.length === 0 ? this.#clock.now() : Math.min(...asked.map((lane) => this.#goodAt[lane]))
  }

  /** Why a session ended last, also while the next one is open. */
  get lastFailure(): string {
    return this.#lastFailure
  }

  /** A session is open in which each lane was answered, or is paused by ourselves. */
  get whole(): boolean {
    return this.#session !== undefined && this.#answered.size === LANES.length
  }

  /** Where the feed does not continue, until that lane brings a whole page. */
  get broken(): Broken | undefined {
    return this.#broken
  }

  failed(reason: string, broken?: Broken): void {
    this.#failure = reason
    this.#lastFailure = reason
    if (broken !== undefined) this.#broken = broken
  }

  lost(): void {
    this.#session = undefined
    this.#gauges()
  }

  paused(lane: Lane, paused: boolean): void {
    if (paused) this.#paused.add(lane)
    else this.#paused.delete(lane)
    this.good(lane)
    this.#gauges()
  }

  status(): LinkStatus {
    return {
      aggregator: this.#aggregator,
      connected: this.#session !== undefined,
      lastHeard: this.#lastHeard,
      failure: this.#failure,
      paused: [...this.#paused],
      bytes: this.#bytes(),
    }
  }

  #gauges(): void {
    const aggregator = this.#aggregator
    this.#report.gauge('link_connected', { aggregator }, this.#session === undefined ? 0 : 1)
    for (const lane of LANES)
      this.#report.gauge('pull_paused', { aggregator, lane }, this.#paused.has(lane) ? 1 : 0)
  }
}
