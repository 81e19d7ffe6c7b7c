import { allDistinctWindows } from './distinct.ts'
import { allOrderedWindows } from './ordered.ts'
import { tumblingWindow } from './reach.ts'
import type { Group } from './state.ts'
import type { Window } from './window.ts'

/** Every satisfied window of a group; where matches are judged once, those that were judged so. */
export function windowsOf(group: Group): Window[] {
  const { manner, correlation, timespanMs } = group.table
  switch (manner) {
    case 'growing':
      return correlation.type === 'temporal_ordered' ? allOrderedWindows(group) : allDistinctWindows(group)
    case 'tumbling':
      return judged(group, (time) => tumblingWindow(time, timespanMs))
    case 'new_terms':
    case 'absence':
      return judged(group, (time) => ({ first: time, right: time }))
    case 'aside':
      return []
    default:
      return manner satisfies never
  }
}

/** What was judged to be satisfied shows in the members: all of its window are in an episode. */
function judged({ held }: Group, windowAt: (time: number) => Window): Window[] {
  const windows: Window[] = []
  for (const { time, episode } of held) {
    const window = windowAt(time)
    if (episode !== undefined && windows.at(-1)?.first !== window.first) windows.push(window)
  }
  return windows
}
