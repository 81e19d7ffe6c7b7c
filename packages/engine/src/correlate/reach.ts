import type { OpenEpisode, Table } from './state.ts'

/** The tumbling window that holds a time: a closed interval of whole milliseconds, aligned to the epoch. */
export function tumblingWindow(time: number, timespanMs: number): { first: number; right: number } {
  const first = Math.floor(time / timespanMs) * timespanMs
  return { first, right: first + timespanMs - 1 }
}

/** The watermark beyond which nothing can join the episode, or take of it. */
export function overAt({ last, group: { table } }: OpenEpisode): number {
  const { timespanMs, joinMs } = table
  switch (table.manner) {
    case 'growing':
    case 'absence':
      return last + timespanMs + joinMs
    case 'tumbling':
      return tumblingWindow(last, timespanMs).right + (joinMs === 0 ? 0 : joinMs + timespanMs)
    case 'new_terms':
    case 'aside':
      return last + joinMs
    default:
      return table.manner satisfies never
  }
}

/** The watermark beyond which a member of no episode has been judged, or is out of reach of every window. */
export function dueAt({ manner, timespanMs }: Table, time: number): number {
  switch (manner) {
    case 'growing':
    case 'absence':
      return time + timespanMs
    case 'tumbling':
      return tumblingWindow(time, timespanMs).right
    case 'new_terms':
    case 'aside':
      return time
    default:
      return manner satisfies never
  }
}
