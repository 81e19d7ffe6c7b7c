import { WeirError } from '@weir/runtime'
import Sqlite, { type Database } from 'better-sqlite3'
import { MIGRATIONS, migrate } from './migrations.ts'

export interface OpenOptions {
  /** The file; it is made when it is not there. */
  readonly path: string
  /** Pages of 4,096 bytes the file may have; a commit beyond it fails as on a full disk. Without it, the disk decides. */
  readonly pagesMax?: number
}

/**
 * Opens the file so that a commit that returned is on disk: write-ahead log, fsync at every commit.
 * Throws `WeirError` STORE_FAILED, or STORE_NEWER when a later version wrote it.
 */
export function openDatabase(options: OpenOptions): Database {
  let database: Database
  try {
    database = new Sqlite(options.path)
    database.pragma('journal_mode = wal')
    database.pragma('synchronous = full')
    database.pragma('busy_timeout = 5000')
    if (options.pagesMax !== undefined) database.pragma(`max_page_count = ${options.pagesMax}`)
  } catch (cause) {
    throw new WeirError('STORE_FAILED', `cannot open the store at ${options.path}`, { cause })
  }
  const version = Number(database.pragma('user_version', { simple: true }))
  if (version > MIGRATIONS.length) {
    database.close()
    throw new WeirError(
      'STORE_NEWER',
      `${options.path} has version ${version}, this Weir knows up to ${MIGRATIONS.length}`,
    )
  }
  migrate(database)
  return database
}
