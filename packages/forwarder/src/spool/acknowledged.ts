import type Database from 'better-sqlite3'

/** Which revision of which alert an output has acknowledged. */
export interface Memory {
  /** Call within a transaction. */
  acknowledge(output: string, id: string, revision: number, at: number): void
  /** The highest acknowledged revision. */
  revision(output: string, id: string): number | undefined
}

/** Acknowledgements between two prunings. */
const PRUNE_EVERY = 1000

export function openMemory(database: Database.Database, rememberMs: number, entriesMax: number): Memory {
  const put = database.prepare(
    `INSERT INTO acknowledged (output, id, revision, at) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET revision = max(revision, excluded.revision), at = excluded.at`,
  )
  const get = database.prepare<[string, string], number>(
    'SELECT revision FROM acknowledged WHERE output = ? AND id = ?',
  )
  let untilPrune = PRUNE_EVERY
  return {
    acknowledge: (output, id, revision, at) => {
      put.run(output, id, revision, at)
      if (--untilPrune > 0) return
      untilPrune = PRUNE_EVERY
      prune(database, at - rememberMs, entriesMax)
    },
    revision: (output, id) => get.pluck().get(output, id),
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
