import type { Entry } from './spool/entry.ts'

/** What is known about an output's alerts. */
export interface Knowledge {
  /** The highest revision of the entry's alert that the output acknowledged. */
  acknowledged(entry: Entry): number | undefined
  /** True while a higher revision waits for the output. */
  newerWaits(entry: Entry): boolean
}

/**
 * Leaves out entries that the output has, or that a waiting revision replaces. An alert's first appearance
 * is never
 * left out: it may stand far ahead of the revision that replaces it.
 */
export function choose(entries: readonly Entry[], known: Knowledge): Entry[] {
  const going = new Map<string, number>()
  return entries.filter((entry) => {
    const alert = `${entry.aggregator} ${entry.id}`
    const before = going.get(alert) ?? known.acknowledged(entry)
    if (before !== undefined && (entry.revision <= before || known.newerWaits(entry))) return false
    going.set(alert, entry.revision)
    return true
  })
}
