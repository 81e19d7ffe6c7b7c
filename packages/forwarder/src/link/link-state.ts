import { LANES, type Lane } from '@weir/contract'
import type { Clock, Report } from '@weir/runtime'
import type { LinkBytes } from './byte-counter.ts'

export interface LinkStatus {
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
  readonly #clock: Clock
  readonly #report: Report
  readonly #bytes: () => LinkBytes
  readonly #paused = new Set<Lane>()
  #session: string | undefined
  #lastHeard = 0
  #failure = ''

  constructor(clock: Clock, report: Report, bytes: () => LinkBytes) {
    this.#bytes = bytes
    this.#clock = clock
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
    this.#failure = ''
    this.heard()
    this.#gauges()
  }

  heard(): void {
    this.#lastHeard = this.#clock.now()
    const { sent, received } = this.#bytes()
    this.#report.gauge('link_bytes', { direction: 'sent' }, sent)
    this.#report.gauge('link_bytes', { direction: 'received' }, received)
  }

  failed(reason: string): void {
    this.#failure = reason
  }

  lost(): void {
    this.#session = undefined
    this.#gauges()
  }

  paused(lane: Lane, paused: boolean): void {
    if (paused) this.#paused.add(lane)
    else this.#paused.delete(lane)
    this.#gauges()
  }

  status(): LinkStatus {
    return {
      connected: this.#session !== undefined,
      lastHeard: this.#lastHeard,
      failure: this.#failure,
      paused: [...this.#paused],
      bytes: this.#bytes(),
    }
  }

  #gauges(): void {
    this.#report.gauge('link_connected', {}, this.#session === undefined ? 0 : 1)
    for (const lane of LANES) this.#report.gauge('pull_paused', { lane }, this.#paused.has(lane) ? 1 : 0)
  }
}
