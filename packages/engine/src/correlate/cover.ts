import { coreAt, indexAfter, indexAt } from './group.ts'
import type { Core, Group, OpenEpisode } from './state.ts'
import type { Window } from './window.ts'

/** What drawing cores asks of who keeps the episodes. */
export interface Draft {
  /** Longest extent of an episode, milliseconds; what would grow beyond is cut. */
  readonly lengthMsMax: number
  /** A new episode with the members from one index up to another. */
  begin(group: Group, from: number, to: number, satisfiedAt: number): OpenEpisode
  /** The members from one index up to another are the episode's. */
  assign(episode: OpenEpisode, group: Group, from: number, to: number): void
  /** The episode was first satisfied earlier than was known. */
  earlier(episode: OpenEpisode, satisfiedAt: number): void
  /** Joins all of them into the one that was first, and answers it. */
  join(episodes: ReadonlySet<OpenEpisode>): OpenEpisode
}

/** Draws a satisfied window into the cores of its group: it extends what it touches, joins, or begins an episode. */
export function cover(group: Group, window: Window, draft: Draft): void {
  const { cores } = group
  const from = coreAt(cores, window.first)
  let to = from
  for (let core = cores[to]; core !== undefined && core.first <= window.right; core = cores[++to])
    if (core.cut && core.first > window.first) {
      cover(group, { first: core.first, right: window.right }, draft)
      return
    }
  if (to === from) begin(group, from, window, false, draft)
  else if (fits(group, from, to, window, draft)) extend(group, from, to, window, draft)
  else cut(group, to - 1, window, draft)
}

function fits(group: Group, from: number, to: number, window: Window, draft: Draft): boolean {
  let { first, right } = window
  for (let i = from; i < to; i++) {
    const { episode } = group.cores[i] as Core
    first = Math.min(first, episode.first)
    right = Math.max(right, episode.last)
  }
  return right - first <= draft.lengthMsMax
}

/** The window touches the cores from one index up to another: they become one. */
function extend(group: Group, from: number, to: number, window: Window, draft: Draft): void {
  const touched = group.cores.slice(from, to)
  const left = touched[0] as Core
  const right = touched.at(-1) as Core
  const episode =
    touched.length === 1 ? left.episode : draft.join(new Set(touched.map((core) => core.episode)))
  let next = Math.min(window.first, left.first)
  for (const core of touched) {
    if (next < core.first) assignBetween(group, episode, indexAt(group.held, next), core.first, draft)
    next = core.last
  }
  if (window.right > right.last)
    draft.assign(episode, group, indexAfter(group.held, right.last), indexAfter(group.held, window.right))
  const satisfiedAt = Math.min(window.right, left.satisfiedAt)
  if (satisfiedAt < episode.satisfiedAt) draft.earlier(episode, satisfiedAt)
  const before = { first: left.first, last: right.last }
  left.first = Math.min(window.first, left.first)
  left.last = Math.max(window.right, right.last)
  left.satisfiedAt = satisfiedAt
  if (touched.length > 1) group.cores.splice(from + 1, touched.length - 1)
  if (left.first < before.first || left.last > before.last || touched.length > 1) bridge(group, from, draft)
}

function assignBetween(group: Group, episode: OpenEpisode, from: number, until: number, draft: Draft): void {
  draft.assign(episode, group, from, indexAt(group.held, until))
}

function begin(group: Group, at: number, window: Window, isCut: boolean, draft: Draft): void {
  const { first, right } = window
  const from = indexAt(group.held, first)
  const episode = draft.begin(group, from, indexAfter(group.held, right), right)
  group.cores.splice(at, 0, { first, last: right, satisfiedAt: right, episode, cut: isCut })
  bridge(group, at, draft)
}

/** Suppression: joins the episode of a core with those of its neighbours across the allowed gap. */
function bridge(group: Group, at: number, draft: Draft): void {
  if (group.table.joinMs === 0) return
  for (const left of [at - 1, at]) {
    const one = group.cores[left]
    const other = group.cores[left + 1]
    if (one === undefined || other === undefined || other.cut || one.episode === other.episode) continue
    if (other.first - one.last > group.table.joinMs) continue
    if (other.episode.last - one.episode.first > draft.lengthMsMax) continue
    draft.join(new Set([one.episode, other.episode]))
  }
}

/**
 * The episode has its full length: the matches after it begin a new one. A window that would join two long episodes,
 * or lengthen one backwards, is left out; that errs towards smaller alerts.
 */
function cut(group: Group, at: number, window: Window, draft: Draft): void {
  const core = group.cores[at] as Core
  if (window.right <= core.last) return
  const first = (group.held[indexAfter(group.held, core.last)] as { time: number }).time
  begin(group, at + 1, { first, right: window.right }, true, draft)
}
