import type Database from 'better-sqlite3'
import type { Entry } from './entry.ts'

/** Which revision of which alert an output has acknowledged. */
export interface Memory {
  /** Call within a transaction. */
  acknowledge(output: string, entry: Entry, at: number): void
  /** The highest acknowledged revision. */
  revision(output: string, aggregator: string, id: string): number | undefined
}

/** Acknowledgements between two prunings. */
const PRUNE_EVERY = 1000

export function openMemory(database: Database.Database, rememberMs: number, entriesMax: number): Memory {
  const put = database.prepare(
    `INSERT INTO acknowledged (output, aggregator, id, revision, epoch, at) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET revision = max(revision, excluded.revision), at = excluded.at`,
  )
  const get = database
    .prepare<string[], number>(
      'SELECT revision FROM acknowledged WHERE output = ? AND aggregator = ? AND id = ?',
    )
    .pluck()
  let untilPrune = PRUNE_EVERY
  return {
    acknowledge: (output, { aggregator, id, revision, epoch }, at) => {
      put.run(output, aggregator, id, revision, epoch, at)
      if (--untilPrune > 0) return
      untilPrune = PRUNE_EVERY
      prune(database, at - rememberMs, entriesMax)
    },
    revision: (output, aggregator, id) => get.get(output, aggregator, id),
  }
}

function prune(database: Database.Database, before: number, entriesMax: number): void {
  database.prepare('DELETE FROM acknowledged WHERE at < ?').run(before)
  const cut = database
    .prepare('SELECT at FROM acknowledged ORDER BY at DESC LIMIT 1 OFFSET ?')
    .pluck()
    .get(entriesMax)
  if (cut !== undefined) database.prepare('DELETE FROM acknowledged WHERE at <= ?').run(cut)
}
