import type { AlertLine } from '@weir/contract'
import type { Revisions } from './outputs/output.ts'
import type { Acknowledged } from './spool/acknowledged.ts'
import { alertKey, type Entry } from './spool/entry.ts'

/** What is known about an output's alerts. */
export interface Knowledge {
  /** The last that the output acknowledged of the entry's alert. */
  acknowledged(entry: Entry): Acknowledged | undefined
  /** True while a higher revision of the same epoch waits for the output. */
  newerWaits(entry: Entry): boolean
}

/**
 * Leaves out entries that the output has, does not want, or that a waiting revision replaces. An alert's first
 * appearance is never left out for a later one: it may stand far ahead of the revision that replaces it.
 */
export function choose(entries: readonly Entry[], known: Knowledge, revisions: Revisions = 'all'): Entry[] {
  const going = new Map<string, Acknowledged>()
  return entries.filter((entry) => {
    const alert = alertKey(entry)
    const before = going.get(alert) ?? known.acknowledged(entry)
    if (before !== undefined && (repeats(entry, before) || known.newerWaits(entry))) return false
    if (!isWanted(entry, before === undefined, revisions)) return false
    going.set(alert, entry)
    return true
  })
}

/**
 * Within an epoch revisions only grow. In another one, after a restore, an alert may have grown otherwise up to
 * a number that the output has: then what it says decides. Where that is not known, the number does.
 */
function repeats(entry: Entry, before: Acknowledged): boolean {
  if (entry.revision > before.revision) return false
  if (entry.epoch === before.epoch || entry.digest === null || before.digest === null) return true
  return entry.digest === before.digest
}

/** For a receiver that makes a ticket of each: none of an alert that was joined to another before it was known. */
function isWanted(entry: Entry, first: boolean, revisions: Revisions): boolean {
  if (revisions === 'all') return true
  const { status } = (JSON.parse(entry.line.toString('utf8')) as AlertLine).alert.weir.alert
  return first ? status !== 'merged' : revisions === 'first-and-last' && status !== 'open'
}
