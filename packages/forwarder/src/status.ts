import type { LinkState, LinkStatus } from './link/link-state.ts'
import type { OutputState, OutputStates } from './output-state.ts'
import type { Spool } from './spool/spool.ts'
import type { SpoolStatus } from './spool/spool-status.ts'

/** How a running forwarder does. */
export interface ForwarderStatus {
  readonly link: LinkStatus
  readonly spool: SpoolStatus
  readonly outputs: readonly OutputState[]
}

export function statusOf(spool: Spool, link: LinkState, states: OutputStates): ForwarderStatus {
  return {
    link: link.status(),
    spool: spool.status(),
    outputs: states.names.map((name) => states.of(name)),
  }
}
