import type { Lane } from '@weir/contract'
import type Database from 'better-sqlite3'
import { looking } from './beside.ts'

/** What a spool holds. */
export interface SpoolStatus {
  /** Of every aggregator that it has ever had a session with. */
  readonly feeds: readonly FeedStatus[]
  readonly entries: number
  /** What counts against `bytesMax`: the entries' lines, and a little for each. */
  readonly bytes: number
  readonly outputs: readonly OutputBacklog[]
  /** Entries set aside because this version cannot read them. */
  readonly unreadable: number
}

interface FeedStatus {
  readonly aggregator: string
  readonly epoch: string
  /** Highest sequence number spooled. */
  readonly spooled: Readonly<Record<Lane, number>>
}

export interface OutputBacklog {
  readonly name: string
  /** Entries that it has not acknowledged. */
  readonly pending: Readonly<Record<Lane, number>>
  readonly quarantined: number
}

/** Looks into a spool, also while a forwarder works on it. Throws `WeirError` STORE_FAILED or STORE_NEWER. */
export function spoolStatus(path: string): SpoolStatus {
  return looking(path, readSpoolStatus)
}

export function readSpoolStatus(database: Database.Database): SpoolStatus {
  const total = database
    .prepare<[], { entries: number; bytes: number }>(`SELECT entries, bytes FROM total WHERE of = 'entry'`)
    .get()!
  const asideOf = database
    .prepare<[string], number>('SELECT count(*) FROM quarantine WHERE output = ?')
    .pluck()
  return {
    feeds: feedsOf(database),
    ...total,
    outputs: outputNames(database).map((name) => ({
      name,
      pending: pendingOf(database, name),
      quarantined: asideOf.get(name)!,
    })),
    unreadable: asideOf.get('*')!,
  }
}

function feedsOf(database: Database.Database): FeedStatus[] {
  const sql = `SELECT urgent.aggregator, urgent.epoch, urgent.seq AS urgent, bulk.seq AS bulk
    FROM feed AS urgent JOIN feed AS bulk ON bulk.aggregator = urgent.aggregator
    WHERE urgent.lane = 'urgent' AND bulk.lane = 'bulk' ORDER BY urgent.aggregator`
  return database
    .prepare<[], { aggregator: string; epoch: string; urgent: number; bulk: number }>(sql)
    .all()
    .map(({ aggregator, epoch, urgent, bulk }) => ({ aggregator, epoch, spooled: { urgent, bulk } }))
}

export function outputNames(database: Database.Database): string[] {
  return database.prepare<[], string>('SELECT DISTINCT name FROM output ORDER BY name').pluck().all()
}

export function pendingOf(database: Database.Database, output: string): Record<Lane, number> {
  const count = database
    .prepare<string[], number>(
      `SELECT count(*) FROM entry
       WHERE lane = ? AND position > (SELECT position FROM output WHERE name = ? AND lane = ?)`,
    )
    .pluck()
  const of = (lane: Lane) => count.get(lane, output, lane)!
  return { urgent: of('urgent'), bulk: of('bulk') }
}
