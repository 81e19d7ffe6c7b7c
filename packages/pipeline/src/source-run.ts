import type { Cursor, EventSource, HealthReport, SourceContext, SourceSignal } from '@weir/model'
import { type Backoff, backoffMs, type Clock, messageOf, type Report } from '@weir/runtime'

export interface SourceRunPorts {
  readonly clock: Clock
  readonly report: Report
  readonly random: () => number
  readonly health: (report: HealthReport) => void
  /** Told of a source that was read to its end. */
  readonly over: (source: string) => void
}

const BACKOFF: Backoff = { firstMs: 1_000, maxMs: 60_000 }

/** How often a source that was read to its end is said to be caught up: rules that it fed judge so much later at most. */
const OVER_MS = 60_000

/** Runs a source until the signal aborts, again after each failure, behind what `put` has taken; never rejects. */
export async function runSource(
  source: EventSource,
  stored: ReadonlyMap<string, string>,
  put: (item: SourceSignal) => Promise<void>,
  ports: SourceRunPorts,
  signal: AbortSignal,
): Promise<void> {
  const { clock, report, random, health } = ports
  // What is in the queue is committed or this life ends, so a source that starts again goes on behind it.
  const reached = new Map(stored)
  const cutOff = { code: 'source-cut-off', subject: source.name } as const
  let partitions: readonly string[] = []
  const deliver = (item: SourceSignal): Promise<void> => {
    if (reads(item)) health({ ...cutOff, state: 'cleared', detail: 'It runs.' })
    if (item.kind === 'batch') for (const cursor of item.cursors) move(reached, cursor)
    if (item.kind === 'partitions') partitions = item.partitions
    return put(item)
  }
  for (let attempt = 1; !signal.aborted; attempt++) {
    try {
      await source.run({ cursors: new Map(reached), deliver, signal })
      return await stayCaughtUp(source.name, partitions, deliver, ports, signal)
    } catch (error) {
      report.event('error', 'source_failed', { source: source.name, error: messageOf(error) }, ['source'])
      health({ ...cutOff, state: 'raised', detail: messageOf(error) })
      await clock.sleep(backoffMs(BACKOFF, attempt, random()), signal)
    }
  }
}

/** A source that cannot read may name its partitions all the same, each time that it is tried. */
function reads(item: SourceSignal): boolean {
  return item.kind === 'batch' || (item.kind === 'state' && item.state !== 'cut-off')
}

/** As the store will: what is empty is gone, so that a source whose keys come and go does not gather them here. */
function move(cursors: Map<string, string>, { key, value }: Cursor): void {
  if (value === '') cursors.delete(key)
  else cursors.set(key, value)
}

/** Nothing will ever wait at a source that was read to its end, and no rule must wait for it. */
async function stayCaughtUp(
  source: string,
  partitions: readonly string[],
  deliver: SourceContext['deliver'],
  { clock, over }: SourceRunPorts,
  signal: AbortSignal,
): Promise<void> {
  if (!signal.aborted) over(source)
  while (!signal.aborted) {
    const now = clock.now()
    for (const partition of partitions)
      await deliver({ kind: 'state', source, partition, state: 'caught-up', now })
    await clock.sleep(OVER_MS, signal)
  }
}
