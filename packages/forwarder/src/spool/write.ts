import { WeirError } from '@weir/runtime'
import type Database from 'better-sqlite3'

/** One transaction; the disk has it when this returns. Throws `WeirError` STORE_FAILED, and nothing is written. */
export function write<T>(database: Database.Database, work: () => T): T {
  try {
    return database.transaction(work).immediate()
  } catch (cause) {
    throw new WeirError('STORE_FAILED', 'cannot write to the spool', { cause })
  }
}
