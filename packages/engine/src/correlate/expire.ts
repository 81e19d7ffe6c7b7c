import { release } from './group.ts'
import type { Journal } from './journal.ts'
import { dueAt, overAt } from './reach.ts'
import type { Group, Held, OpenEpisode } from './state.ts'

/** Closes the episodes of a group that nothing can join any more, and forgets the other members that are due. */
export function expire(group: Group, journal: Journal): void {
  const { table } = group
  const gone = new Set<Held>()
  for (const episode of openIn(group))
    if (overAt(episode) < table.watermark) close(group, episode, gone, journal)
  for (const held of group.held) {
    if (dueAt(table, held.time) >= table.watermark) break
    if (held.episode !== undefined) continue
    journal.gone(held)
    gone.add(held)
  }
  release(group, gone)
  wakeLater(group)
}

/** Notes when a member of no episode is due. */
export function wakeFor(group: Group, time: number): void {
  wakeAt(group, dueAt(group.table, time))
}

function wakeAt(group: Group, watermark: number): void {
  if (watermark >= group.wakeAt) return
  group.wakeAt = watermark
  group.table.wakes.push(watermark, group)
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
  for (const episode of openIn(group)) wakeAt(group, overAt(episode))
  const loose = group.held.find((held) => held.episode === undefined)
  if (loose !== undefined) wakeFor(group, loose.time)
}
