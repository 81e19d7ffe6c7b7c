import type { Lane } from '@weir/contract'
import type Database from 'better-sqlite3'
import type { Entry } from './entry.ts'
import { readAlert } from './read-alert.ts'

/** An entry that is set aside, for one output or, as `*`, for all. */
export interface Quarantined {
  readonly output: string
  readonly aggregator: string
  readonly lane: Lane
  readonly epoch: string
  readonly seq: number
  readonly id?: string | null
  readonly revision?: number | null
  readonly reason: string
  /** Epoch milliseconds. */
  readonly at: number
  readonly line: Buffer
}

/** What outputs refused and what nobody here can read. Call what changes it within a transaction. */
export interface Quarantine {
  put(entry: Quarantined): void
  /** Those behind a number that shall go to an output once more, oldest first; their position is their number. */
  again(output: string, after: number, entriesMax: number, at: number): Entry[]
  /** Refused once more. */
  refused(number: number, reason: string, at: number): void
  gone(number: number): void
  /** Oldest first. */
  list(): Quarantined[]
}

type Row = Quarantined & { readonly number: number }

const COLUMNS = 'output, aggregator, lane, epoch, seq, id, revision, reason, at, line'

export function openQuarantine(database: Database.Database, entriesMax: number): Quarantine {
  const put = database.prepare(`INSERT INTO quarantine (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const trim = database.prepare(TRIM)
  const again = database.prepare<unknown[], Row>(
    `SELECT number, ${COLUMNS} FROM quarantine WHERE output = ? AND again = 1 AND number > ?
     ORDER BY number LIMIT ?`,
  )
  const refused = database.prepare('UPDATE quarantine SET again = 0, reason = ?, at = ? WHERE number = ?')
  const gone = database.prepare('DELETE FROM quarantine WHERE number = ?')
  const list = database.prepare<[], Quarantined>(`SELECT ${COLUMNS} FROM quarantine ORDER BY number`)
  return {
    put: ({ output, aggregator, lane, epoch, seq, id, revision, reason, at, line }) => {
      const alert = [id ?? null, revision ?? null]
      const { lastInsertRowid } = put.run(output, aggregator, lane, epoch, seq, ...alert, reason, at, line)
      trim.run(Number(lastInsertRowid) - entriesMax, entriesMax)
    },
    again: (output, after, most, at) =>
      again.all(output, after, most).flatMap(({ number, aggregator, lane, epoch, line }) => {
        const read = readAlert(line)
        if ('alert' in read) return [{ ...read.alert, position: number, aggregator, lane, epoch }]
        refused.run(read.reason, at, number)
        return []
      }),
    refused: (number, reason, at) => refused.run(reason, at, number),
    gone: (number) => gone.run(number),
    list: () => list.all(),
  }
}

/**
 * Those behind the newest so many. Numbers have gaps where entries are gone, so it takes counting; that is done only
 * where a number is that old (the plus keeps SQLite from asking for it first).
 */
const TRIM = `
  DELETE FROM quarantine WHERE number <= ?
    AND +number <= (SELECT number FROM quarantine ORDER BY number DESC LIMIT 1 OFFSET ?)`
