import { overAt } from './episode.ts'
import { release } from './group.ts'
import type { Journal } from './journal.ts'
import type { Group, Held, OpenEpisode } from './state.ts'

/** Closes the episodes of a group that nothing can join any more, and forgets the members that no window can reach. */
export function expire(group: Group, journal: Journal): void {
  const { table } = group
  const gone = new Set<Held>()
  for (const episode of openIn(group))
    if (overAt(episode) < table.watermark) close(group, episode, gone, journal)
  const reach = table.watermark - table.timespanMs
  for (const held of group.held) {
    if (held.time >= reach) break
    if (held.episode !== undefined) continue
    journal.gone(held)
    gone.add(held)
  }
  release(group, gone)
  wakeLater(group)
}

/** Notes that a member may be over once the watermark is a timespan beyond it. */
export function wakeFor(group: Group, time: number): void {
  const over = time + group.table.timespanMs
  if (over >= group.wakeAt) return
  group.wakeAt = over
  group.table.wakes.push(over, group)
}

function openIn(group: Group): ReadonlySet<OpenEpisode> {
  return new Set(group.cores.map((core) => core.episode))
}

/** Its members leave memory; a store keeps them for the alert. */
function close(group: Group, episode: OpenEpisode, gone: Set<Held>, journal: Journal): void {
  journal.ended(episode, 'closed')
  group.cores = group.cores.filter((core) => core.episode !== episode)
  for (const held of group.held) if (held.episode === episode) gone.add(held)
}

/** Finds what of a group is over first; a group without members is no more. */
export function wakeLater(group: Group): void {
  group.wakeAt = Number.POSITIVE_INFINITY
  if (group.held.length === 0) {
    group.table.groups.delete(group.key)
    return
  }
  for (const episode of openIn(group)) wakeFor(group, episode.last + group.table.joinMs)
  const loose = group.held.find((held) => held.episode === undefined)
  if (loose !== undefined) wakeFor(group, loose.time)
}
