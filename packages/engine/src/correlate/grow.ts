import type { Match } from '@weir/model'
import { cover } from './cover.ts'
import { distinctWindows } from './distinct.ts'
import { coreAt, hold, newHeld, release } from './group.ts'
import type { Live } from './live.ts'
import { orderedWindows } from './ordered.ts'
import { redraw } from './redraw.ts'
import type { Core, Group, Held } from './state.ts'

/** Puts a match into its group and draws what it satisfies; `live` is asked for only when an episode is concerned. */
export function grow(group: Group, held: Held, live: () => Live): void {
  const index = hold(group, held)
  const ordered = group.table.correlation.type === 'temporal_ordered'
  const windows = ordered ? orderedWindows(group, index) : distinctWindows(group, index)
  for (const window of windows) cover(group, window, live())
  const core = group.cores[coreAt(group.cores, held.time)]
  if (held.episode === undefined && core !== undefined && core.first <= held.time)
    live().assign((core as Core).episode, group, index, index + 1)
}

/** A match to put in, with what the correlation counts of it. */
export interface Counted {
  readonly match: Match
  readonly value: string
}

/**
 * Takes members out of a group and puts others in, and only then draws anew: a chain's member that merely moved or
 * changed its name stays in its episode. Answers the members put in.
 */
export function amend(
  group: Group,
  out: readonly Held[],
  into: readonly Counted[],
  heir: string,
  live: Live,
): Held[] {
  release(group, new Set(out))
  const added = into.map(({ match, value }) => {
    const held = newHeld(group, match, value)
    const before =
      out.find((each) => each.match.identity === match.identity) ??
      out.find((each) => each.time === held.time)
    held.episode = before?.episode
    hold(group, held)
    return held
  })
  redraw(group, live, heir)
  return added
}
