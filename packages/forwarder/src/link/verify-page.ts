import { type Broken, chainNext, type EndLine, endLine, type Lane, skipLine } from '@weir/contract'
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
  const found = { alerts: [] as FeedAlert[], unreadable: [] as Unreadable[], skipped: 0 }
  const walk = { lane, from, ...found, point: from }
  const last = lines.at(-1)
  if (last === undefined) throw broken(walk, from, 'the page is empty')
  for (const line of lines.slice(0, -1)) step(walk, line)
  agree(walk, parse(last))
  return walk
}

interface Walk {
  readonly lane: Lane
  readonly from: Point
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
    if (read.alert.seq !== point.seq) throw broken(walk, walk.point, `${read.alert.seq} follows`)
    walk.alerts.push(read.alert)
  }
  walk.point = point
}

function leap(walk: Walk, skip: { from: number; to: number; chain: string }): void {
  if (skip.from !== walk.point.seq + 1 || skip.to < skip.from)
    throw broken(walk, walk.point, `entries ${skip.from} to ${skip.to} are said to be left out`)
  walk.skipped += skip.to - skip.from + 1
  walk.point = { seq: skip.to, chain: skip.chain }
}

function agree(walk: Walk, last: unknown): void {
  const { lane, point } = walk
  const read = endLine.safeParse(last)
  if (!read.success) throw broken(walk, point, 'the page has no end line')
  const { end }: EndLine = read.data
  if (end.lane !== lane) throw broken(walk, point, `the page is of lane ${end.lane}`)
  if (end.seq !== point.seq) throw broken(walk, point, `the page says that it ends at ${end.seq}`)
  if (end.chain !== point.chain) throw broken(walk, point, 'the chain does not hold')
}

/** The feed does not continue; `at` says after which entry. */
export class FeedBroken extends WeirError {
  readonly at: Broken

  constructor(lane: Lane, { seq }: Pick<Point, 'seq'>, reason: string) {
    super('FEED_BROKEN', `lane ${lane} does not continue after ${seq}: ${reason}`)
    this.at = { lane, seq, reason }
  }
}

/** What a chain vouches for is known at the end of a page alone: `from` is the last entry that is good. */
function broken({ lane, from }: Pick<Walk, 'lane' | 'from'>, at: Point, why: string): FeedBroken {
  const behind = at.seq === from.seq ? '' : ` (entries up to ${at.seq} are not vouched for)`
  return new FeedBroken(lane, from, `${why}${behind}`)
}
