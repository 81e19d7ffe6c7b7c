import { type Clock, Lifecycle, type Report, type Stoppable } from '@weir/runtime'
import { certificateEnds } from './certificate-ends.ts'
import type { AggregatorConfig, ForwarderConfig } from './config.ts'
import { deliver } from './deliver.ts'
import { Disk, freeBytes } from './disk.ts'
import { Fresh } from './fresh.ts'
import { LIMITS, type Limits } from './limits.ts'
import { LinkLedger } from './link/link-ledger.ts'
import { LinkState } from './link/link-state.ts'
import { reportMarks } from './link/marks.ts'
import { openClient } from './link/open-client.ts'
import { pull } from './link/pull.ts'
import { watchLink } from './link/watch-link.ts'
import { OutputStates } from './output-state.ts'
import { openOutput } from './outputs.ts'
import { shapeOf } from './shape/shape.ts'
import { Spool } from './spool/spool.ts'
import { type ForwarderStatus, statusOf } from './status.ts'

/** What a forwarder is given beside its configuration. */
export interface ForwarderTools {
  readonly clock: Clock
  readonly report: Report
  /** 0 to 1. */
  readonly random: () => number
  readonly limits?: Partial<Limits>
  /** Of the disk that holds a folder. */
  readonly freeBytes?: (folder: string) => Promise<number>
}

export interface Forwarder extends Stoppable {
  status(): ForwarderStatus
}

/**
 * Opens the spool and starts pulling and delivering; does not wait for the link. Stopping lets sends under
 * way come
 * to their end and tells the last marks. Throws `WeirError` STORE_FAILED, STORE_NEWER or CONFIG_INVALID.
 */
export async function startForwarder(config: ForwarderConfig, given: ForwarderTools): Promise<Forwarder> {
  const lifecycle = new Lifecycle()
  try {
    const status = startParts(config, { ...given, limits: limitsOf(config, given) }, lifecycle)
    return { status, stop: () => lifecycle.stop() }
  } catch (error) {
    await lifecycle.stop()
    throw error
  }
}

type Tools = ForwarderTools & { readonly limits: Limits }

function limitsOf({ watch }: ForwarderConfig, { limits }: ForwarderTools): Limits {
  const { outputStuckSecondsMax, linkDownSecondsMax } = watch
  const watched = { stuckAfterMs: outputStuckSecondsMax * 1000, linkDownMs: linkDownSecondsMax * 1000 }
  return { ...LIMITS, ...watched, ...limits }
}

/**
 * Parts stop in the other order: no more news, sends ended, the last marks told, and only then the spool
 * closed.
 */
function startParts(config: ForwarderConfig, tools: Tools, lifecycle: Lifecycle): () => ForwarderStatus {
  const names = config.outputs.map(({ name }) => name)
  const spool = new Spool(spoolOptions(config, names, tools))
  lifecycle.add('spool', { stop: () => spool.close() })
  const parts = { ...tools, spool, states: new OutputStates(names) }
  const ends = new Fresh('certificates', () => certificateEnds(config), tools)
  const certificates = () => ends.current
  const disk = new Disk({
    path: config.spool.path,
    freeBytesMin: config.watch.diskFreeBytesMin,
    freeBytes,
    changed: () => spool.changes.announce(),
    ...tools,
  })
  lifecycle.add(
    'disk',
    running((signal) => disk.watch(signal)),
  )
  const links = config.aggregators.map((each) => ({
    ...parts,
    certificates,
    disk,
    ...openLink(each, parts, lifecycle),
  }))
  const wake = (): void => spool.changes.announce()
  const outputs = config.outputs.map((each) => openOutput(each, { ...tools, wake }))
  lifecycle.add(
    'marks',
    running((signal) => all(links, (link) => reportMarks(link, signal))),
  )
  for (const output of outputs) lifecycle.add(output.name, { stop: () => output.close() })
  const shaped = config.outputs.map((each, n) => ({ output: outputs[n]!, shape: shapeOf(each) }))
  lifecycle.add(
    'delivery',
    running((signal) => all(shaped, (each) => deliver({ ...parts, ...each }, signal))),
  )
  lifecycle.add(
    'pull',
    running((signal) => all(links, (link) => pull(link, signal))),
  )
  lifecycle.add(
    'outages',
    running((signal) => all(links, (link) => watchLink(link, signal))),
  )
  lifecycle.add(
    'queue',
    running((signal) => noticeQueue(parts, signal)),
  )
  const linkStates = links.map(({ link }) => link)
  return () => statusOf(spool, linkStates, parts.states)
}

/** Wakes the outputs when `weir queue` changed something from outside. */
async function noticeQueue({ spool, clock, limits }: Tools & { readonly spool: Spool }, signal: AbortSignal) {
  while (!signal.aborted) {
    if (spool.changedByOthers()) spool.changes.announce()
    await clock.sleep(limits.queueLookMs, signal)
  }
}

/** What is one aggregator's alone: connections, how the link is, and its side of the spool. */
function openLink(
  config: AggregatorConfig,
  { spool, clock, report, limits }: Tools & { readonly spool: Spool },
  lifecycle: Lifecycle,
) {
  const { name } = config
  const { client, connections } = openClient(config, { clock, report, limits })
  const days = { aggregator: name, bytes: connections.bytes, days: spool.linkDays }
  const ledger = new LinkLedger({ ...days, clock, report })
  lifecycle.add(`ledger of ${name}`, { stop: () => ledger.keep() })
  lifecycle.add(`connections to ${name}`, { stop: () => connections.end(clock) })
  const link = new LinkState(name, clock, report, () => ledger.count())
  return { client, link, ledger, feed: spool.feed(name) }
}

async function all<T>(each: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  await Promise.all(each.map(work))
}

function spoolOptions(
  { spool, aggregators }: ForwarderConfig,
  outputs: readonly string[],
  { clock, limits }: Tools,
) {
  return {
    path: spool.path,
    bytesMax: spool.bytesMax,
    whenFull: spool.whenFull,
    aggregators: aggregators.map(({ name }) => name),
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
