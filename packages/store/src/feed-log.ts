import { type Alert, type FeedEntry, LANES, type Lane, type LaneHead, laneOf } from '@weir/model'
import type { Database } from 'better-sqlite3'
import type { Chain } from './chain.ts'
import { feedLine } from './feed-line.ts'

interface FeedRow {
  readonly lane: Lane
  readonly seq: number
  readonly alert: string
  readonly revision: number
  readonly rule: string
  readonly kind: FeedEntry['kind']
  readonly severity: FeedEntry['severity']
  readonly chain: string
  readonly line: Uint8Array | null
  readonly skip: 'superseded' | 'closed' | null
}

/** The two lanes: append-only logs whose entries are chained, with later revisions in place of earlier ones. */
export class FeedLog {
  readonly #database: Database
  readonly #chain: Chain
  readonly #statements

  constructor(database: Database, chain: Chain, newEpoch: () => string) {
    this.#database = database
    this.#chain = chain
    this.#statements = prepare(database)
    if (this.#statements.epoch.get() === undefined) this.renewEpoch(newEpoch())
  }

  epoch(): string {
    return this.#statements.epoch.get() as string
  }

  /** A new history: entries go on from their numbers, chained from the new epoch's start. */
  renewEpoch(epoch: string): void {
    this.#database.transaction(() => {
      this.#statements.setEpoch.run(epoch)
      for (const lane of LANES) this.#rechain(lane, this.#chain.start(epoch, lane))
    })()
  }

  /** Appends one revision, inside the caller's transaction; returns the bytes of its line. */
  append(alert: Alert, at: number): number {
    const { id, revision, kind, severity } = alert.weir.alert
    const lane = laneOf(kind, severity)
    const head = this.head(lane)
    const seq = head.seq + 1
    const line = feedLine(seq, at, alert)
    const digest = this.#chain.digest(line)
    const chain = this.#chain.next(head.chain, digest)
    this.#statements.supersede.run(id)
    this.#statements.append.run(lane, seq, id, revision, alert.rule.id, kind, severity, digest, chain, line)
    this.#statements.setHead.run(seq, chain, lane)
    return line.length
  }

  /** Bytes of the line that a revision would be if it were appended now. */
  bytesOf(alert: Alert, at: number): number {
    const { kind, severity } = alert.weir.alert
    return feedLine(this.head(laneOf(kind, severity)).seq + 1, at, alert).length
  }

  head(lane: Lane): LaneHead {
    const row = this.#statements.head.get(lane) as { seq: number; chain: string }
    return { lane, seq: row.seq, chain: row.chain }
  }

  chainAt(lane: Lane, seq: number): string | undefined {
    const base = this.#statements.base.get(lane) as { seq: number; chain: string }
    if (seq === base.seq) return base.chain
    return this.#statements.chainAt.get(lane, seq) as string | undefined
  }

  /** The point before the oldest entry that is kept. */
  base(lane: Lane): LaneHead {
    const base = this.#statements.base.get(lane) as { seq: number; chain: string }
    return { lane, ...base }
  }

  read(lane: Lane, after: number, bytesMax: number): FeedEntry[] {
    const entries: FeedEntry[] = []
    let bytes = 0
    for (const row of this.#statements.read.iterate(lane, after) as Iterable<FeedRow>) {
      bytes += row.line?.length ?? 0
      if (entries.length > 0 && bytes > bytesMax) break
      entries.push(entryOf(row))
    }
    return entries
  }

  #rechain(lane: Lane, start: string): void {
    const base = this.#statements.base.get(lane) as { seq: number } | undefined
    if (base === undefined) this.#statements.newLane.run(lane, start, start)
    let chain = start
    for (const row of this.#statements.digests.all(lane) as { seq: number; digest: Uint8Array }[]) {
      chain = this.#chain.next(chain, row.digest)
      this.#statements.setChain.run(chain, lane, row.seq)
    }
    this.#statements.setBase.run(start, chain, lane)
  }
}

function prepare(database: Database) {
  return {
    epoch: database.prepare(`select value from meta where key = 'epoch'`).pluck(),
    setEpoch: database.prepare(
      `insert into meta values ('epoch', ?) on conflict do update set value = excluded.value`,
    ),
    newLane: database.prepare('insert into lane values (?, 0, ?, 0, ?, 0)'),
    head: database.prepare('select seq, chain from lane where lane = ?'),
    base: database.prepare('select base_seq as seq, base_chain as chain from lane where lane = ?'),
    setHead: database.prepare('update lane set seq = ?, chain = ? where lane = ?'),
    setBase: database.prepare('update lane set base_chain = ?, chain = ? where lane = ?'),
    chainAt: database.prepare('select chain from feed where lane = ? and seq = ?').pluck(),
    setChain: database.prepare('update feed set chain = ? where lane = ? and seq = ?'),
    digests: database.prepare('select seq, digest from feed where lane = ? order by seq'),
    supersede: database.prepare(
      `update feed set line = null, skip = 'superseded' where alert = ? and line is not null`,
    ),
    append: database.prepare('insert into feed values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, null)'),
    read: database.prepare(
      `select lane, seq, alert, revision, rule, kind, severity, chain, line, skip from feed
       where lane = ? and seq > ? order by seq limit 10000`,
    ),
  }
}

function entryOf(row: FeedRow): FeedEntry {
  const { lane, seq, chain, alert: alertId, revision, rule, kind, severity } = row
  const entry = { lane, seq, chain, alertId, revision, rule, kind, severity }
  return row.line === null ? { ...entry, skip: row.skip ?? 'closed' } : { ...entry, line: row.line }
}
