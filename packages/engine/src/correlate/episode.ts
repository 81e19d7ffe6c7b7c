import type { Episode } from '@weir/model'
import { isMeasured, measureOf } from './measure.ts'
import type { Group, Held, OpenEpisode, Snapshot } from './state.ts'

export function newEpisode(group: Group, id: string, order: number): OpenEpisode {
  return {
    group,
    id,
    order,
    first: Number.POSITIVE_INFINITY,
    last: Number.NEGATIVE_INFINITY,
    satisfiedAt: Number.POSITIVE_INFINITY,
    count: 0,
    countShipped: 0,
    revision: 0,
    status: 'open',
    mergedInto: undefined,
    grewAt: undefined,
    stored: false,
    final: undefined,
  }
}

export function reopened(group: Group, stored: Episode, order: number): OpenEpisode {
  const { first, last, satisfiedAt, count, countShipped, revision } = stored
  const episode = newEpisode(group, stored.id, order)
  return Object.assign(episode, { first, last, satisfiedAt, count, countShipped, revision, stored: true })
}

export function storedForm(episode: OpenEpisode): Episode {
  const { group, id, first, last, count, countShipped, revision, status, mergedInto, satisfiedAt } = episode
  const { rule } = group.table
  return {
    id,
    correlation: rule.id,
    ruleHash: rule.hash,
    groupKey: group.key,
    group: group.values,
    first,
    last,
    count,
    countShipped,
    revision,
    status,
    ...(mergedInto === undefined ? {} : { mergedInto }),
    satisfiedAt,
  }
}

/** The members of an episode, by time. */
export function* membersIn(episode: OpenEpisode): Generator<Held> {
  for (const held of episode.group.held) {
    if (held.time > episode.last) return
    if (held.episode === episode) yield held
  }
}

/** Looks through all members; that is once per revision. `listedMax` members are shown, half from either end. */
export function snapshotOf(episode: OpenEpisode, listedMax: number): Snapshot {
  const { correlation } = episode.group.table
  const byValue = correlation.type === 'value_count' || correlation.type === 'new_terms'
  const members = [...membersIn(episode)]
  const counted = members.filter((held) => held.counted)
  return {
    first: episode.first,
    last: episode.last,
    count: episode.count,
    distinct: new Set(members.map((held) => (byValue ? held.value : held.match.subject))).size,
    ...(isMeasured(correlation) && { value: measureOf(correlation, members) }),
    members: endsOf(counted, listedMax).map((held) => held.match),
  }
}

function endsOf<T>(list: readonly T[], max: number): readonly T[] {
  if (list.length <= max) return list
  const last = Math.floor(max / 2)
  return [...list.slice(0, max - last), ...list.slice(list.length - last)]
}
