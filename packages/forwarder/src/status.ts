import type { LinkState, LinkStatus } from './link/link-state.ts'
import type { OutputState, OutputStates } from './output-state.ts'
import type { Spool } from './spool/spool.ts'
import type { SpoolStatus } from './spool/spool-status.ts'

/** How a running forwarder does. */
export interface ForwarderStatus {
  /** One of each aggregator. */
  readonly links: readonly LinkStatus[]
  readonly spool: SpoolStatus
  readonly outputs: readonly OutputState[]
}

export function statusOf(spool: Spool, links: readonly LinkState[], states: OutputStates): ForwarderStatus {
  return {
    links: links.map((link) => link.status()),
    spool: spool.status(),
    outputs: states.names.map((name) => states.of(name)),
  }
}
