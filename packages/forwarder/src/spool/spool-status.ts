import { LANES, type Lane } from '@weir/contract'
import { WeirError } from '@weir/runtime'
import type Database from 'better-sqlite3'
import { openToLook } from './open.ts'

/** What a spool holds. */
export interface SpoolStatus {
  /** Of the feed; empty before the first session. */
  readonly epoch: string
  /** Highest sequence number spooled. */
  readonly spooled: Readonly<Record<Lane, number>>
  readonly entries: number
  /** Bytes of the entries' lines. */
  readonly bytes: number
  readonly outputs: readonly OutputBacklog[]
  /** Entries set aside because this version cannot read them. */
  readonly unreadable: number
}

export interface OutputBacklog {
  readonly name: string
  /** Entries that it has not acknowledged. */
  readonly pending: Readonly<Record<Lane, number>>
  readonly quarantined: number
}

/** Looks into a spool, also while a forwarder works on it. Throws `WeirError` STORE_FAILED. */
export function spoolStatus(path: string): SpoolStatus {
  try {
    const database = openToLook(path)
    try {
      return readSpoolStatus(database)
    } finally {
      database.close()
    }
  } catch (cause) {
    throw new WeirError('STORE_FAILED', `cannot read spool ${path}`, { cause })
  }
}

export function readSpoolStatus(database: Database.Database): SpoolStatus {
  const number = (sql: string, ...values: unknown[]) =>
    Number(
      database
        .prepare(sql)
        .pluck()
        .get(...values) ?? 0,
    )
  const byLane = (read: (lane: Lane) => number) => ({ urgent: read(LANES[0]!), bulk: read(LANES[1]!) })
  const pending = `SELECT count(*) FROM entry WHERE lane = ?
    AND position > (SELECT position FROM output WHERE name = ? AND lane = ?)`
  const names = database.prepare<[], string>('SELECT DISTINCT name FROM output ORDER BY name').pluck().all()
  const aside = (output: string) => number('SELECT count(*) FROM quarantine WHERE output = ?', output)
  return {
    epoch: String(database.prepare('SELECT epoch FROM feed').pluck().get() ?? ''),
    spooled: byLane((lane) => number('SELECT seq FROM feed WHERE lane = ?', lane)),
    entries: number('SELECT count(*) FROM entry'),
    bytes: number('SELECT sum(length(line)) FROM entry'),
    outputs: names.map((name) => ({
      name,
      pending: byLane((lane) => number(pending, lane, name, lane)),
      quarantined: aside(name),
    })),
    unreadable: aside('*'),
  }
}
