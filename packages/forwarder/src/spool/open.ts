import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { WeirError } from '@weir/runtime'
import Database from 'better-sqlite3'
import { schemaSteps } from './schema.ts'

/** Pages of the write-ahead log, 32 MB, before they are written to their places: those written often go once. */
const WAL_PAGES_MAX = 8000

/** The spool's file, and the lock that keeps a second forwarder away from it. */
export interface SpoolFile {
  readonly database: Database.Database
  close(): void
}

/**
 * Opens or makes the spool; one of an older version is brought up to date, and what it holds is then the
 * `aggregator`'s. Throws `WeirError` STORE_FAILED, also while another process uses it, or STORE_NEWER.
 */
export function openSpoolFile(path: string, aggregator: string): SpoolFile {
  const lock = failing(`cannot lock spool ${path}; does another forwarder use it?`, () => takeLock(path))
  try {
    const database = failing(`cannot open spool ${path}`, () => openDatabase(path, aggregator))
    return {
      database,
      close: () => {
        database.close()
        lock.close()
      },
    }
  } catch (error) {
    lock.close()
    throw error
  }
}

/**
 * Opens a spool of which nothing is changed, also while a forwarder works on it. A connection that may only read
 * leaves SQLite's working files beside a spool that nobody uses; one that may write takes them away as it closes.
 */
export function openToLook(path: string): Database.Database {
  const database = new Database(path, { readonly: existsSync(`${path}-wal`), fileMustExist: true })
  database.pragma('query_only = on')
  return current(database, path)
}

/** Opens a spool to change something in it, also while a forwarder works on it. */
export function openToChange(path: string): Database.Database {
  const database = current(new Database(path, { fileMustExist: true }), path)
  database.pragma('synchronous = FULL')
  return database
}

/** Closes a spool that is not of our version: only a forwarder may bring it up to date. */
function current(database: Database.Database, path: string): Database.Database {
  const [is, ours] = [versionOf(database), schemaSteps('').length]
  if (is === ours) return database
  database.close()
  if (is > ours) throw newer(path, is)
  throw new WeirError(
    'STORE_FAILED',
    `spool ${path} has version ${is}; a forwarder brings it up to date as it starts`,
  )
}

function newer(path: string, version: number): WeirError {
  return new WeirError('STORE_NEWER', `spool ${path} has version ${version}`)
}

function failing<T>(doing: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof WeirError) throw cause
    throw new WeirError('STORE_FAILED', doing, { cause })
  }
}

/**
 * A transaction that is never finished, in a file of its own: the kernel lets go of it when the process
 * dies.
 */
function takeLock(path: string): Database.Database {
  mkdirSync(dirname(path), { recursive: true })
  const lock = new Database(`${path}.lock`, { timeout: 0 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    lock.close()
    throw error
  }
}

function openDatabase(path: string, aggregator: string): Database.Database {
  const database = new Database(path)
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.pragma(`wal_autocheckpoint = ${WAL_PAGES_MAX}`)
  const steps = schemaSteps(aggregator)
  const version = versionOf(database)
  if (version > steps.length) throw newer(path, version)
  if (version < steps.length) database.transaction(() => bringUp(database, steps))()
  return database
}

function bringUp(database: Database.Database, steps: readonly string[]): void {
  for (const step of steps.slice(versionOf(database))) database.exec(step)
  database.pragma(`user_version = ${steps.length}`)
}

function versionOf(database: Database.Database): number {
  return Number(database.pragma('user_version', { simple: true }))
}
