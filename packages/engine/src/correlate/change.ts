import type { OpenEpisode } from './state.ts'

/** What a change to one group did to its episodes, as far as further correlations see it. */
export interface Change {
  /** Episodes that are new, or whose time of first satisfaction moved. */
  readonly moved: Set<OpenEpisode>
  /** Episodes that are no more: joined to another, or dissolved. */
  readonly lost: Set<OpenEpisode>
}

export function newChange(): Change {
  return { moved: new Set(), lost: new Set() }
}

/** The alert to look at in the place of one that rested on what is no more. */
export function heirOf(change: Change): string {
  for (const episode of change.lost) if (episode.mergedInto !== undefined) return episode.mergedInto
  for (const episode of change.moved) return episode.id
  return ''
}
