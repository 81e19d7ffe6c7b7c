import { type Client, LANES, type Lane, type MarksRequest } from '@weir/contract'
import { type Clock, messageOf, type Report } from '@weir/runtime'
import type { Limits } from '../limits.ts'
import type { OutputStates } from '../output-state.ts'
import type { Feed } from '../spool/feed.ts'
import type { Spool } from '../spool/spool.ts'
import type { LinkState } from './link-state.ts'

export interface MarksParts {
  readonly client: Client
  readonly spool: Spool
  readonly feed: Feed
  readonly link: LinkState
  readonly states: OutputStates
  readonly clock: Clock
  readonly report: Report
  readonly limits: Limits
}

/**
 * Tells the aggregator how far spool and outputs are, whenever that has changed, and once more at the end.
 */
export async function reportMarks(parts: MarksParts, signal: AbortSignal): Promise<void> {
  const { spool, clock, limits } = parts
  let told = ''
  while (!signal.aborted) {
    const seen = spool.changes.version
    parts.report.gauge('spool_bytes', {}, spool.bytes)
    const due = gather(parts)
    if (key(due) !== told && (await send(parts, due, signal))) told = key(due)
    await clock.sleep(limits.marksEveryMs, signal)
    if (key(gather(parts)) === told) await spool.changes.after(seen, signal)
  }
  const last = gather(parts)
  if (key(last) !== told) await send(parts, last, AbortSignal.timeout(limits.stopMs))
}

async function send(parts: MarksParts, marks: MarksRequest, signal: AbortSignal): Promise<boolean> {
  const { session } = parts.link
  if (session === undefined) return false
  try {
    await parts.client.feed.marks(session, marks, signal)
    return true
  } catch (error) {
    // The pull notices the same failure and opens a new session; the next round tells the marks again.
    if (!signal.aborted)
      parts.report.event('warn', 'marks_failed', {
        aggregator: parts.feed.aggregator,
        reason: messageOf(error),
      })
    return false
  }
}

function gather({ feed, states, clock, limits }: MarksParts): MarksRequest {
  const lanes = feed.standing()?.lanes
  const delivered = states.names.map((name) => [name, deliveredBy(feed, name)])
  const stuck = states.stuck(clock.now(), limits.stuckAfterMs)
  return {
    ...(lanes === undefined ? {} : { spooled: { urgent: lanes.urgent.seq, bulk: lanes.bulk.seq } }),
    delivered: Object.fromEntries(delivered),
    ...(stuck.length === 0 ? {} : { stuck: [...stuck] }),
  }
}

function deliveredBy(feed: Feed, output: string): Partial<Record<Lane, number>> {
  const marks = LANES.map((lane) => [lane, feed.delivered(output, lane)] as const)
  return Object.fromEntries(marks.filter(([, seq]) => seq !== undefined))
}

/** What makes a report worth sending: the marks, and which outputs are stuck; not for how long. */
function key({ spooled, delivered, stuck }: MarksRequest): string {
  return JSON.stringify([spooled, delivered, stuck?.map(({ output, reason }) => [output, reason])])
}
