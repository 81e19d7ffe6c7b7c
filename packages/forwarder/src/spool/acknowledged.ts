import type Database from 'better-sqlite3'
import type { Entry } from './entry.ts'

/** The last that an output acknowledged of an alert. */
export type Acknowledged = Pick<Entry, 'revision' | 'epoch' | 'digest'>

/** What outputs have acknowledged. */
export interface Memory {
  /** Call within a transaction. */
  acknowledge(output: string, entry: Entry, at: number): void
  last(output: string, alert: Pick<Entry, 'aggregator' | 'id'>): Acknowledged | undefined
}

/** Acknowledgements between two prunings. */
const PRUNE_EVERY = 1000

export function openMemory(database: Database.Database, rememberMs: number, entriesMax: number): Memory {
  const put = database.prepare(PUT)
  const get = database.prepare<string[], Acknowledged>(
    'SELECT revision, epoch, digest FROM acknowledged WHERE output = ? AND aggregator = ? AND id = ?',
  )
  const prune = pruning(database, entriesMax)
  let untilPrune = PRUNE_EVERY
  return {
    acknowledge: (output, { aggregator, id, revision, epoch, digest }, at) => {
      put.run(output, aggregator, id, revision, epoch, digest, at)
      if (--untilPrune > 0) return
      untilPrune = PRUNE_EVERY
      prune(at - rememberMs)
    },
    last: (output, { aggregator, id }) => get.get(output, aggregator, id),
  }
}

/** Within an epoch the highest revision counts, over epochs the last one: there numbers begin anew. */
const PUT = `
  INSERT INTO acknowledged (output, aggregator, id, revision, epoch, digest, at) VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET revision = excluded.revision, epoch = excluded.epoch, digest = excluded.digest,
    at = excluded.at
  WHERE excluded.epoch <> epoch OR excluded.revision >= revision`

/** Forgets what is too old, and then the oldest of what is too many. */
function pruning(database: Database.Database, entriesMax: number): (before: number) => void {
  const old = database.prepare('DELETE FROM acknowledged WHERE at < ?')
  const total = database.prepare<[], number>(`SELECT entries FROM total WHERE of = 'acknowledged'`).pluck()
  const oldest = database.prepare(
    `DELETE FROM acknowledged WHERE (output, aggregator, id) IN
       (SELECT output, aggregator, id FROM acknowledged ORDER BY at LIMIT ?)`,
  )
  return (before) => {
    old.run(before)
    const excess = total.get()! - entriesMax
    if (excess > 0) oldest.run(excess)
  }
}
