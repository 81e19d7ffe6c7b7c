import { cover } from './cover.ts'
import { coreAt, indexAfter, indexAt } from './group.ts'
import type { Live } from './live.ts'
import type { Group } from './state.ts'

/** Draws a satisfied moment: all members of that time belong to one episode. */
export function coverMoment(group: Group, time: number, live: Live): void {
  const core = group.cores[coreAt(group.cores, time)]
  if (core === undefined || core.first > time) cover(group, { first: time, right: time }, live)
  else live.assign(core.episode, group, indexAt(group.held, time), indexAfter(group.held, time))
}
