import type { Clock, Report } from '@weir/runtime'

/** What a source is given from outside besides its configuration. */
export interface SourceDeps {
  readonly clock: Clock
  readonly report: Report
  /** Uniform in [0, 1); spreads retries. */
  readonly random: () => number
}
