import type { Lane } from '@weir/contract'
import type Database from 'better-sqlite3'

/** An entry that was set aside, for one output or, as `*`, for all. */
interface Quarantined {
  readonly output: string
  readonly aggregator: string
  readonly lane: Lane
  readonly epoch: string
  readonly seq: number
  readonly id?: string
  readonly revision?: number
  readonly reason: string
  /** Epoch milliseconds. */
  readonly at: number
  readonly line: Buffer
}

export interface Quarantine {
  /** Call within a transaction. */
  put(entry: Quarantined): void
  /** Oldest first. */
  list(): Quarantined[]
}

export function openQuarantine(database: Database.Database, entriesMax: number): Quarantine {
  const put = database.prepare(
    `INSERT INTO quarantine (output, aggregator, lane, epoch, seq, id, revision, reason, at, line)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const trim = database.prepare('DELETE FROM quarantine WHERE number <= ?')
  return {
    put: ({ output, aggregator, lane, epoch, seq, id, revision, reason, at, line }) => {
      const alert = [id ?? null, revision ?? null]
      const { lastInsertRowid } = put.run(output, aggregator, lane, epoch, seq, ...alert, reason, at, line)
      trim.run(Number(lastInsertRowid) - entriesMax)
    },
    list: () =>
      database
        .prepare<[], Quarantined>(
          `SELECT output, aggregator, lane, epoch, seq, id, revision, reason, at, line
           FROM quarantine ORDER BY number`,
        )
        .all(),
  }
}
