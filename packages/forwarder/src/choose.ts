import type { Entry } from './spool/entry.ts'

/** What is known about an output's alerts. */
export interface Knowledge {
  /** The highest revision that the output acknowledged. */
  acknowledged(id: string): number | undefined
  /** True while a higher revision waits for the output. */
  newerWaits(id: string, revision: number): boolean
}

/**
 * Leaves out entries that the output has, or that a waiting revision replaces. An alert's first appearance
 * is never
 * left out: it may stand far ahead of the revision that replaces it.
 */
export function choose(entries: readonly Entry[], known: Knowledge): Entry[] {
  const going = new Map<string, number>()
  return entries.filter(({ id, revision }) => {
    const before = going.get(id) ?? known.acknowledged(id)
    if (before !== undefined && (revision <= before || known.newerWaits(id, revision))) return false
    going.set(id, revision)
    return true
  })
}
