import { chainNext, type EndLine, endLine, type Lane, skipLine } from '@weir/contract'
import { WeirError } from '@weir/runtime'
import type { FeedAlert, Point, Unreadable } from '../spool/entry.ts'
import { parse, readAlert } from '../spool/read-alert.ts'

/** A page whose every line continues the chain. */
export interface VerifiedPage {
  readonly alerts: readonly FeedAlert[]
  readonly unreadable: readonly Unreadable[]
  /** Entries that the aggregator left out, by its own account. */
  readonly skipped: number
  readonly point: Point
}

/**
 * Follows a page from `from` to its `end` line. Throws `WeirError` FEED_BROKEN when it does not arrive
 * there.
 */
export function verifyPage(lane: Lane, from: Point, lines: readonly Buffer[]): VerifiedPage {
  const walk = { lane, alerts: [] as FeedAlert[], unreadable: [] as Unreadable[], skipped: 0, point: from }
  const last = lines.at(-1)
  if (last === undefined) throw broken(lane, from, 'the page is empty')
  for (const line of lines.slice(0, -1)) step(walk, line)
  agree(walk, parse(last))
  return walk
}

interface Walk {
  readonly lane: Lane
  readonly alerts: FeedAlert[]
  readonly unreadable: Unreadable[]
  skipped: number
  point: Point
}

/** The chain is over bytes, so it is followed even where the line itself cannot be read. */
function step(walk: Walk, line: Buffer): void {
  const value = parse(line)
  const skip = skipLine.safeParse(value)
  if (skip.success) leap(walk, skip.data.skip)
  else follow(walk, line, value)
}

function follow(walk: Walk, line: Buffer, value: unknown): void {
  const point = { seq: walk.point.seq + 1, chain: chainNext(walk.point.chain, line) }
  const read = readAlert(line, value)
  if ('reason' in read) {
    walk.unreadable.push({ seq: point.seq, line, reason: read.reason })
  } else {
    if (read.alert.seq !== point.seq) throw broken(walk.lane, walk.point, `${read.alert.seq} follows`)
    walk.alerts.push(read.alert)
  }
  walk.point = point
}

function leap(walk: Walk, skip: { from: number; to: number; chain: string }): void {
  if (skip.from !== walk.point.seq + 1 || skip.to < skip.from)
    throw broken(walk.lane, walk.point, `entries ${skip.from} to ${skip.to} are said to be left out`)
  walk.skipped += skip.to - skip.from + 1
  walk.point = { seq: skip.to, chain: skip.chain }
}

function agree({ lane, point }: Walk, last: unknown): void {
  const read = endLine.safeParse(last)
  if (!read.success) throw broken(lane, point, 'the page has no end line')
  const { end }: EndLine = read.data
  if (end.lane !== lane) throw broken(lane, point, `the page is of lane ${end.lane}`)
  if (end.seq !== point.seq) throw broken(lane, point, `the page says that it ends at ${end.seq}`)
  if (end.chain !== point.chain) throw broken(lane, point, 'the chain does not hold')
}

function broken(lane: Lane, at: Point, why: string): WeirError {
  return new WeirError('FEED_BROKEN', `lane ${lane} does not continue after ${at.seq}: ${why}`)
}
