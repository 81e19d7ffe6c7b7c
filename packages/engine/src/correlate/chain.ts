import type { FieldValue, Match } from '@weir/model'
import type { Change } from './change.ts'
import { indexAfter } from './group.ts'
import type { Held, OpenEpisode, Table } from './state.ts'

/**
 * What a further correlation sees of an episode: one match at the time of first satisfaction, which is the least right
 * end of its satisfied windows. Identity and subject are the alert's id, and its fields are the episode's group and
 * nothing else. Place, dataset and the id to look up are those of the event that satisfied it.
 * An absence is satisfied by what did not come: a timespan after its event.
 */
export function matchOfEpisode(episode: OpenEpisode): Match {
  const { group, id, satisfiedAt } = episode
  const { rule } = group.table
  const { manner, timespanMs } = group.table
  const deciding = (group.held[indexAfter(group.held, satisfiedAt) - 1] as Held).match
  return {
    rule: rule.id,
    ruleHash: rule.hash,
    identity: id,
    subject: id,
    eventId: deciding.eventId,
    dataset: deciding.dataset,
    time: manner === 'absence' ? satisfiedAt + timespanMs : satisfiedAt,
    lateMs: deciding.lateMs,
    position: deciding.position,
    fields: group.values as Readonly<Record<string, FieldValue>>,
  }
}

/** What a further correlation sees of the episodes that are new or moved, the one that was first first. */
export function matchesOf({ moved }: Change): Match[] {
  return [...moved].sort((a, b) => a.order - b.order).map(matchOfEpisode)
}

/** The members that episodes of one group are in a further correlation's group. */
export function linksOf(table: Table, groupKey: string, rule: string, ids: ReadonlySet<string>): Held[] {
  const group = table.groups.get(groupKey)
  if (group === undefined) return []
  return group.held.filter((held) => held.match.rule === rule && ids.has(held.match.identity))
}
