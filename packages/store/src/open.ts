import { existsSync } from 'node:fs'
import { WeirError } from '@weir/runtime'
import Sqlite, { type Database } from 'better-sqlite3'
import { MIGRATIONS, migrate } from './migrations.ts'

export interface OpenOptions {
  /** The file; it is made when it is not there. */
  readonly path: string
  /** Pages of 4,096 bytes the file may have; a commit beyond it fails as on a full disk. Without it, the disk decides. */
  readonly pagesMax?: number
  /** Only to look, also while another process writes: nothing is made, brought to a newer version or changed. */
  readonly readOnly?: boolean
}

/**
 * Opens the file so that a commit that returned is on disk: write-ahead log, fsync at every commit.
 * Throws `WeirError` STORE_FAILED, or STORE_NEWER when a later version wrote it.
 */
export function openDatabase(options: OpenOptions): Database {
  const database = failing(options.path, () => connect(options))
  try {
    const version = failing(options.path, () => versionOf(database))
    if (version > MIGRATIONS.length) throw tooNew(options.path, version)
    if (options.readOnly !== true) failing(options.path, () => migrate(database))
    else if (version < MIGRATIONS.length) throw tooOld(options.path, version)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** The version of the file, and the one that this Weir writes. Throws `WeirError` STORE_FAILED. */
export function storeVersion(path: string): { readonly found: number; readonly known: number } {
  const database = failing(path, () => connect({ path, readOnly: true }))
  try {
    return { found: failing(path, () => versionOf(database)), known: MIGRATIONS.length }
  } finally {
    database.close()
  }
}

function connect({ path, pagesMax, readOnly }: OpenOptions): Database {
  if (readOnly === true) return connectToLook(path)
  const database = new Sqlite(path)
  database.pragma('journal_mode = wal')
  database.pragma('synchronous = full')
  database.pragma('busy_timeout = 5000')
  if (pagesMax !== undefined) database.pragma(`max_page_count = ${pagesMax}`)
  return database
}

/**
 * A connection that may only read leaves SQLite's working files beside a store that nobody uses; one that may write
 * takes them away as it closes.
 */
function connectToLook(path: string): Database {
  const database = new Sqlite(path, { readonly: existsSync(`${path}-wal`), fileMustExist: true })
  database.pragma('query_only = on')
  return database
}

function versionOf(database: Database): number {
  return Number(database.pragma('user_version', { simple: true }))
}

function failing<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    throw new WeirError('STORE_FAILED', `cannot open the store at ${path}`, { cause })
  }
}

function tooNew(path: string, version: number): WeirError {
  const message = `${path} has version ${version}, this Weir knows up to ${MIGRATIONS.length}`
  return new WeirError('STORE_NEWER', message)
}

function tooOld(path: string, version: number): WeirError {
  const message = `${path} has version ${version}, not ${MIGRATIONS.length}; an aggregator brings it up when it starts`
  return new WeirError('STORE_FAILED', message)
}
