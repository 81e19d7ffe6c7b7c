import { type Client, ContractError, LANES, type Lane, type SessionReply } from '@weir/contract'
import { backoffMs, type Clock, messageOf, type Report, WeirError } from '@weir/runtime'
import type { Limits } from '../limits.ts'
import type { OutputStates } from '../output-state.ts'
import type { Feed, Standing } from '../spool/feed.ts'
import type { Spool } from '../spool/spool.ts'
import type { LinkState } from './link-state.ts'
import { FeedBroken, verifyPage } from './verify-page.ts'

export interface PullParts {
  readonly client: Client
  readonly spool: Spool
  readonly feed: Feed
  readonly link: LinkState
  readonly states: OutputStates
  readonly clock: Clock
  readonly report: Report
  readonly random: () => number
  readonly limits: Limits
}

/**
 * Pulls both lanes into the spool until the signal aborts. Whatever fails ends the session, and the next
 * one goes on
 * from the last good point; nothing is left out to get past a failure.
 */
export async function pull(parts: PullParts, signal: AbortSignal): Promise<void> {
  for (let attempt = 1; !signal.aborted; attempt++) {
    const before = progress(parts.feed)
    const failure = await pullSession(parts, signal).catch((error: unknown) => error)
    if (signal.aborted) return
    parts.link.lost()
    if (progress(parts.feed) !== before) attempt = 1
    tell(parts, failure, attempt)
    await parts.clock.sleep(waitAfter(parts, failure, attempt), signal)
  }
}

/** One session: ends when either lane fails, and takes the other with it. */
async function pullSession(parts: PullParts, outer: AbortSignal): Promise<void> {
  const { session } = await openSession(parts, outer)
  parts.link.opened(session)
  const inner = new AbortController()
  const signal = AbortSignal.any([outer, inner.signal])
  const lanes = LANES.map(async (lane) => {
    try {
      await pullLane(parts, session, lane, signal)
    } finally {
      inner.abort()
    }
  })
  const ended = await Promise.allSettled(lanes)
  // The lane that failed first is the reason; the other one was only told to stop.
  const reasons = ended.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []))
  throw reasons.find((reason) => !isAbort(reason)) ?? reasons[0] ?? new Error('stopped')
}

async function openSession(parts: PullParts, signal: AbortSignal): Promise<SessionReply> {
  const { client, feed, link, states, report } = parts
  const { aggregator } = feed
  const standing = feed.standing()
  const reply = await client.feed.session(
    { ...standing, outputs: [...states.names], ...(link.broken && { broken: link.broken }) },
    signal,
  )
  if (standing === undefined || reply.restarted || reply.epoch !== standing.epoch) {
    if (standing !== undefined) report.event('warn', 'feed_restarted', { aggregator, epoch: reply.epoch })
    feed.begin(reply)
  } else if (goesBack(standing, reply)) {
    feed.begin(reply)
  }
  report.event('info', 'session_opened', { aggregator, epoch: reply.epoch })
  return reply
}

/**
 * A point behind ours is fetched again and known by its id; one ahead of ours would leave out what lies
 * between.
 */
function goesBack(ours: Standing, theirs: SessionReply): boolean {
  for (const lane of LANES) {
    const [here, there] = [ours.lanes[lane].seq, theirs.lanes[lane].seq]
    if (there > here) throw new FeedBroken(lane, ours.lanes[lane], `the aggregator says ${there}`)
  }
  return LANES.some((lane) => theirs.lanes[lane].seq < ours.lanes[lane].seq)
}

async function pullLane(parts: PullParts, session: string, lane: Lane, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await waitForRoom(parts, lane, signal)
    if (signal.aborted) return
    await pullPage(parts, session, lane, signal)
  }
}

async function pullPage(parts: PullParts, session: string, lane: Lane, signal: AbortSignal): Promise<void> {
  const { client, feed, report, limits } = parts
  const { aggregator } = feed
  const from = feed.standing()!.lanes[lane]
  const waitSeconds = limits.pollSeconds
  const lines = await client.feed.page({ session, lane, after: from.seq, waitSeconds, signal })
  parts.link.heard()
  if (lines === undefined) return parts.link.good(lane)
  const page = verifyPage(lane, from, lines)
  parts.link.good(lane, true)
  feed.append(lane, page.alerts, page.unreadable, page.point)
  report.count('feed_entries', { aggregator, lane }, page.alerts.length)
  report.count('feed_skipped', { aggregator, lane }, page.skipped)
  for (const { seq, reason } of page.unreadable)
    report.event('error', 'entry_quarantined', { output: '*', aggregator, lane, seq, reason }, ['output'])
}

async function waitForRoom(
  { spool, feed, report, link }: PullParts,
  lane: Lane,
  signal: AbortSignal,
): Promise<void> {
  if (!spool.full) return
  const { aggregator } = feed
  const closed = spool.makeRoom()
  if (closed > 0) report.event('error', 'spool_closed', { aggregator, closed, bytes: spool.bytes })
  report.count('spool_closed_entries', {}, closed)
  if (!spool.full) return
  report.event('error', 'spool_full', { aggregator, lane, bytes: spool.bytes }, ['lane'])
  link.paused(lane, true)
  while (spool.full && !signal.aborted) await spool.changes.after(spool.changes.version, signal)
  link.paused(lane, false)
  report.event('info', 'spool_has_room', { aggregator, lane, bytes: spool.bytes }, ['lane'])
}

/** A forwarder that was replaced must not fight its successor for the session. */
function waitAfter({ limits, random }: PullParts, failure: unknown, attempt: number): number {
  const replaced = failure instanceof ContractError && failure.code === 'SESSION_TAKEN'
  return replaced ? limits.linkRetryMs.maxMs : backoffMs(limits.linkRetryMs, attempt, random())
}

function tell({ feed, report, link }: PullParts, error: unknown, attempt: number): void {
  const code = error instanceof ContractError || error instanceof WeirError ? error.code : undefined
  const reason = messageOf(error)
  link.failed(reason, error instanceof FeedBroken ? error.at : undefined)
  const { level, name } = happeningOf(code)
  report.event(level, name, { aggregator: feed.aggregator, code, reason, attempt })
}

function happeningOf(code: string | undefined) {
  if (code === 'FEED_BROKEN') return { level: 'error', name: 'feed_broken' } as const
  if (code === 'STORE_FAILED') return { level: 'error', name: 'spool_failed' } as const
  return { level: 'warn', name: 'link_failed' } as const
}

function isAbort(error: unknown): boolean {
  return error instanceof ContractError && (error.cause as Error | undefined)?.name === 'AbortError'
}

function progress(feed: Feed): string {
  return JSON.stringify(feed.standing())
}
