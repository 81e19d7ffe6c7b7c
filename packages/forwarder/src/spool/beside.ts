import { WeirError } from '@weir/runtime'
import type Database from 'better-sqlite3'
import { openToChange, openToLook } from './open.ts'

/** Reads from a spool beside a forwarder that may be working on it. Throws `WeirError` STORE_FAILED, STORE_NEWER. */
export function looking<T>(path: string, read: (database: Database.Database) => T): T {
  return using(`cannot read spool ${path}`, () => openToLook(path), read)
}

/** Lets change a spool beside a forwarder that may be working on it. Throws the same. */
export function changing<T>(path: string, change: (database: Database.Database) => T): T {
  return using(`cannot write to spool ${path}`, () => openToChange(path), change)
}

function using<T>(doing: string, open: () => Database.Database, work: (database: Database.Database) => T): T {
  try {
    const database = open()
    try {
      return work(database)
    } finally {
      database.close()
    }
  } catch (cause) {
    if (cause instanceof WeirError) throw cause
    throw new WeirError('STORE_FAILED', doing, { cause })
  }
}
