import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { WeirError } from '@weir/runtime'
import Database from 'better-sqlite3'

const VERSION = 1

const SCHEMA = `
  CREATE TABLE feed (
    lane TEXT PRIMARY KEY, epoch TEXT NOT NULL, seq INTEGER NOT NULL, chain TEXT NOT NULL) STRICT;
  CREATE TABLE entry (
    position INTEGER PRIMARY KEY AUTOINCREMENT, lane TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL,
    id TEXT NOT NULL, revision INTEGER NOT NULL, kind TEXT NOT NULL, severity TEXT NOT NULL,
    bytes INTEGER NOT NULL, line BLOB NOT NULL) STRICT;
  CREATE INDEX entry_by_lane ON entry (lane, position);
  CREATE INDEX entry_by_id ON entry (id, revision);
  CREATE TABLE output (
    name TEXT NOT NULL, lane TEXT NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (name, lane)) STRICT;
  CREATE TABLE acknowledged (
    output TEXT NOT NULL, id TEXT NOT NULL, revision INTEGER NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (output, id)) STRICT, WITHOUT ROWID;
  CREATE INDEX acknowledged_by_age ON acknowledged (at);
  CREATE TABLE quarantine (
    number INTEGER PRIMARY KEY AUTOINCREMENT, output TEXT NOT NULL, lane TEXT NOT NULL, seq INTEGER NOT NULL,
    id TEXT, revision INTEGER, reason TEXT NOT NULL, at INTEGER NOT NULL, line BLOB NOT NULL) STRICT;
`

/** The spool's file, and the lock that keeps a second forwarder away from it. */
export interface SpoolFile {
  readonly database: Database.Database
  close(): void
}

/**
 * Opens or makes the spool. Throws `WeirError` STORE_FAILED, also while another process uses it, or
 * STORE_NEWER.
 */
export function openSpoolFile(path: string): SpoolFile {
  const lock = failing(`cannot lock spool ${path}; does another forwarder use it?`, () => takeLock(path))
  try {
    const database = failing(`cannot open spool ${path}`, () => openDatabase(path))
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
  return database
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

function openDatabase(path: string): Database.Database {
  const database = new Database(path)
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  const version = Number(database.pragma('user_version', { simple: true }))
  if (version > VERSION) throw new WeirError('STORE_NEWER', `spool ${path} has version ${version}`)
  if (version === 0) database.transaction(() => createTables(database))()
  return database
}

function createTables(database: Database.Database): void {
  database.exec(SCHEMA)
  database.pragma(`user_version = ${VERSION}`)
}
