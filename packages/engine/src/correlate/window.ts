import { coreAt, indexAfter } from './group.ts'
import type { Group } from './state.ts'

/** A satisfied window: from its first match to its right end, no longer than the timespan. */
export interface Window {
  readonly first: number
  readonly right: number
}

/**
 * The satisfied window that a member came into from the left, if it fell before a core: windows that were satisfied
 * without it hold it as well, and of these the one that ends first reaches back farthest.
 */
export function reachedBy(group: Group, time: number): Window | undefined {
  const next = group.cores[coreAt(group.cores, time)]
  if (next === undefined || next.first <= time || next.cut) return undefined
  return next.satisfiedAt - group.table.timespanMs <= time
    ? { first: time, right: next.satisfiedAt }
    : undefined
}

/** True when a member at this time can satisfy no window that its core does not hold already. */
export function changesNothing(group: Group, time: number): boolean {
  const core = group.cores[coreAt(group.cores, time)]
  if (core === undefined || time < core.satisfiedAt) return false
  const next = group.held[indexAfter(group.held, core.last)]
  return next === undefined || next.time > time + group.table.timespanMs
}
