import type { Report } from '@weir/runtime'

/**
 * Tells of what is cut off: a warning for each reason once in an outage, everything else for debugging. An
 * outage lasts until nothing is out any more, so a connection that breaks is one line, not one a partition and
 * attempt.
 */
export class Outages {
  readonly #report: Report
  readonly #source: string
  readonly #out = new Set<string>()
  readonly #told = new Set<string>()

  constructor(report: Report, source: string) {
    this.#report = report
    this.#source = source
  }

  cutOff(partition: string, reason: string, attempt: number, pauseMs: number): void {
    const level = this.#told.has(reason) ? 'debug' : 'warn'
    this.#out.add(partition)
    this.#told.add(reason)
    const details = { source: this.#source, partition, reason, attempt, pauseMs }
    this.#report.event(level, 'source_cut_off', details, ['source'])
  }

  back(partition: string): void {
    this.#out.delete(partition)
    if (this.#out.size === 0) this.#told.clear()
  }
}
