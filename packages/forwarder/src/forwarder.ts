import { createClient } from '@weir/contract'
import { type Clock, Lifecycle, type Report, type Stoppable } from '@weir/runtime'
import type { ForwarderConfig } from './config.ts'
import { deliver } from './deliver.ts'
import { LIMITS, type Limits } from './limits.ts'
import { openConnections } from './link/connections.ts'
import { LinkState } from './link/link-state.ts'
import { reportMarks } from './link/marks.ts'
import { pull } from './link/pull.ts'
import { OutputStates } from './output-state.ts'
import { createOutput } from './outputs/create.ts'
import { Spool } from './spool/spool.ts'
import { type ForwarderStatus, statusOf } from './status.ts'

/** What a forwarder is given beside its configuration. */
export interface ForwarderTools {
  readonly clock: Clock
  readonly report: Report
  /** 0 to 1. */
  readonly random: () => number
  readonly limits?: Partial<Limits>
}

export interface Forwarder extends Stoppable {
  status(): ForwarderStatus
}

/**
 * Opens the spool and starts pulling and delivering; does not wait for the link. Stopping lets sends under way come
 * to their end and tells the last marks. Throws `WeirError` STORE_FAILED or STORE_NEWER.
 */
export async function startForwarder(config: ForwarderConfig, given: ForwarderTools): Promise<Forwarder> {
  const tools = { ...given, limits: { ...LIMITS, ...given.limits } }
  const names = config.outputs.map(({ name }) => name)
  const lifecycle = new Lifecycle()
  const spool = new Spool(spoolOptions(config, names, tools))
  lifecycle.add('spool', { stop: () => spool.close() })
  const connections = openConnections(config.aggregator, tools.limits.connectMs)
  lifecycle.add('connections', { stop: () => connections.close() })
  const client = createClient({
    url: config.aggregator.url,
    token: config.aggregator.token.reveal(),
    dispatcher: connections.dispatcher,
  })
  const parts = {
    ...tools,
    client,
    spool,
    link: new LinkState(tools.clock, tools.report, connections.bytes),
    states: new OutputStates(names),
  }
  lifecycle.add(
    'marks',
    running((signal) => reportMarks(parts, signal)),
  )
  for (const each of config.outputs) {
    const output = createOutput(each, { ...tools, wake: () => spool.changes.announce() })
    lifecycle.add(`output ${each.name}`, { stop: () => output.close() })
    lifecycle.add(
      `delivery to ${each.name}`,
      running((signal) => deliver({ ...parts, output }, signal)),
    )
  }
  lifecycle.add(
    'pull',
    running((signal) => pull(parts, signal)),
  )
  return { stop: () => lifecycle.stop(), status: () => statusOf(spool, parts.link, parts.states) }
}

function spoolOptions(
  { spool }: ForwarderConfig,
  outputs: readonly string[],
  { clock, limits }: { readonly clock: Clock; readonly limits: Limits },
) {
  return {
    path: spool.path,
    bytesMax: spool.bytesMax,
    outputs,
    clock,
    rememberMs: spool.rememberFor,
    rememberedEntriesMax: limits.rememberedEntriesMax,
    quarantineEntriesMax: limits.quarantineEntriesMax,
  }
}

/** Work that goes on until it is stopped. It handles its own failures: one that escapes ends the process. */
function running(work: (signal: AbortSignal) => Promise<void>): Stoppable {
  const controller = new AbortController()
  const done = work(controller.signal)
  return {
    stop: async () => {
      controller.abort()
      await done
    },
  }
}
