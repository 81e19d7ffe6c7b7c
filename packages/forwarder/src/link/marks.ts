import { type Client, LANES, type Lane, type MarksRequest } from '@weir/contract'
import { type Clock, messageOf, type Report } from '@weir/runtime'
import type { CertificateEnd } from '../certificate-ends.ts'
import type { Disk } from '../disk.ts'
import type { Limits } from '../limits.ts'
import type { OutputStates } from '../output-state.ts'
import type { Feed } from '../spool/feed.ts'
import type { Spool } from '../spool/spool.ts'
import type { LinkLedger } from './link-ledger.ts'
import type { LinkState } from './link-state.ts'

export interface MarksParts {
  readonly client: Client
  readonly spool: Spool
  readonly feed: Feed
  readonly link: LinkState
  readonly ledger: LinkLedger
  readonly disk: Pick<Disk, 'low'>
  readonly states: OutputStates
  readonly clock: Clock
  readonly report: Report
  readonly limits: Limits
  /** Certificates of ours, with their ends. */
  readonly certificates: () => readonly CertificateEnd[]
}

/** Certificates are looked at so often where nothing else happens. */
const LOOK_MS = 3_600_000

/**
 * Tells the aggregator how far spool and outputs are, whenever an output got further, and once more at the end;
 * every hour, and at the end, with what crossed the link by day.
 */
export async function reportMarks(parts: MarksParts, signal: AbortSignal): Promise<void> {
  const { spool, clock, limits } = parts
  const told: Told = { marks: '', certificates: '' }
  while (!signal.aborted) {
    const seen = spool.changes.version
    parts.report.gauge('spool_bytes', {}, spool.bytes)
    const due = gather(parts)
    if (isNews(parts, due, told)) await send(parts, due, told, signal)
    await clock.sleep(limits.marksEveryMs, signal)
    if (!isNews(parts, gather(parts), told)) await news(parts, seen, signal)
  }
  parts.ledger.tell()
  await send(parts, gather(parts), told, AbortSignal.timeout(limits.stopMs))
}

/** What the aggregator was told last. */
interface Told {
  marks: string
  /** With the session: an aggregator that began anew knows of none. */
  certificates: string
}

function isNews(parts: MarksParts, due: MarksRequest, told: Told): boolean {
  const untold = parts.link.session !== undefined && certificatesKey(parts) !== told.certificates
  return untold || key(due) !== told.marks || parts.ledger.due
}

function certificatesKey({ link, certificates }: MarksParts): string {
  return `${link.session} ${JSON.stringify(certificates())}`
}

async function news({ spool, clock }: MarksParts, seen: number, signal: AbortSignal): Promise<void> {
  const heard = new AbortController()
  const either = AbortSignal.any([signal, heard.signal])
  await Promise.race([spool.changes.after(seen, either), clock.sleep(LOOK_MS, either)])
  heard.abort()
}

async function send(parts: MarksParts, marks: MarksRequest, told: Told, signal: AbortSignal): Promise<void> {
  const { session } = parts.link
  if (session === undefined) return
  const certificates = certificatesKey(parts)
  const credentials = certificates === told.certificates ? {} : { credentials: [...parts.certificates()] }
  const link = parts.ledger.due ? parts.ledger.days() : {}
  try {
    await parts.client.feed.marks(session, { ...marks, ...credentials, ...link }, signal)
    if (parts.ledger.due) parts.ledger.told()
    parts.spool.toldClosed(marks.spool?.closed ?? 0)
    told.marks = key(marks)
    told.certificates = certificates
  } catch (error) {
    // The pull notices the same failure and opens a new session; the next round tells the marks again.
    if (!signal.aborted)
      parts.report.event('warn', 'marks_failed', {
        aggregator: parts.feed.aggregator,
        reason: messageOf(error),
      })
  }
}

function gather({ spool, feed, link, disk, states, clock, limits }: MarksParts): MarksRequest {
  const lanes = feed.standing()?.lanes
  const delivered = states.names.map((name) => [name, deliveredBy(feed, name)])
  const stuck = states.stuck(clock.now(), limits.stuckAfterMs)
  return {
    ...(lanes === undefined ? {} : { spooled: { urgent: lanes.urgent.seq, bulk: lanes.bulk.seq } }),
    delivered: Object.fromEntries(delivered),
    ...(stuck.length === 0 ? {} : { stuck: [...stuck] }),
    ...(link.broken && { broken: link.broken }),
    ...(disk.low && { disk: disk.low }),
    ...(spool.atBound === undefined ? {} : { spool: { ...spool.atBound, paused: link.status().paused } }),
  }
}

function deliveredBy(feed: Feed, output: string): Partial<Record<Lane, number>> {
  const marks = LANES.map((lane) => [lane, feed.delivered(output, lane)] as const)
  return Object.fromEntries(marks.filter(([, seq]) => seq !== undefined))
}

/**
 * What makes a report worth sending: what was delivered, which outputs are stuck, where the feed is broken, whether the
 * disk is nearly full, and how the spool is at its bound; not for how long, and of entries that were closed whenever their
 * number has doubled. What is spooled every poll tells.
 */
function key({ delivered, stuck, spool, broken, disk }: MarksRequest): string {
  const outputs = stuck?.map(({ output, reason }) => [output, reason])
  const closed = spool === undefined ? undefined : Math.ceil(Math.log2(spool.closed + 1))
  return JSON.stringify([delivered, outputs, closed, spool?.paused, broken, disk !== undefined])
}
