import type { Change } from './change.ts'
import type { Draft } from './cover.ts'
import { membersIn, newEpisode } from './episode.ts'
import { episodeId } from './id.ts'
import type { Journal } from './journal.ts'
import type { Group, Held, OpenEpisode } from './state.ts'

/** What is asked of a drawing of new episodes when they are made real. */
export interface Sketched {
  membersOf(sketched: OpenEpisode): readonly Held[]
  /** The episode that it turns out to be, if it was there before. */
  knownAs(sketched: OpenEpisode): OpenEpisode | undefined
  name(sketched: OpenEpisode, episode: OpenEpisode): void
}

/** Keeps the episodes of one change to one group: mints, grows and joins them, and writes it all down. */
export class Live implements Draft {
  readonly lengthMsMax: number
  readonly change: Change
  readonly #journal: Journal
  readonly #now: number
  readonly #order: () => number

  constructor(lengthMsMax: number, journal: Journal, order: () => number, now: number, change: Change) {
    this.lengthMsMax = lengthMsMax
    this.change = change
    this.#journal = journal
    this.#order = order
    this.#now = now
  }

  begin(group: Group, from: number, to: number, satisfiedAt: number): OpenEpisode {
    const id = episodeId(group, group.held.slice(from, to))
    const episode = newEpisode(group, id, this.#order())
    this.earlier(episode, satisfiedAt)
    this.assign(episode, group, from, to)
    return episode
  }

  assign(episode: OpenEpisode, group: Group, from: number, to: number): void {
    for (let i = from; i < to; i++) this.#own(episode, group.held[i] as Held)
    this.#journal.grew(episode, this.#now)
  }

  earlier(episode: OpenEpisode, satisfiedAt: number): void {
    episode.satisfiedAt = satisfiedAt
    this.#journal.touched(episode)
    this.change.moved.add(episode)
  }

  join(episodes: ReadonlySet<OpenEpisode>): OpenEpisode {
    const [survivor, ...others] = [...episodes].sort((a, b) => a.order - b.order)
    for (const other of others) this.#absorb(survivor as OpenEpisode, other)
    return survivor as OpenEpisode
  }

  /** An episode whose ground is gone; `heir` is the alert that its analyst should look at instead, '' when there is none. */
  dissolve(episode: OpenEpisode, heir: string): void {
    this.#journal.ended(episode, 'merged', heir === '' ? undefined : heir)
    this.change.moved.delete(episode)
    this.change.lost.add(episode)
  }

  /** Makes the sketched episode real: the one that it was before, or a new one. */
  adopt(group: Group, sketched: OpenEpisode, sketch: Sketched, apart: readonly unknown[]): OpenEpisode {
    const members = sketch.membersOf(sketched)
    const known = sketch.knownAs(sketched)
    if (
      known !== undefined &&
      members.every((held) => held.episode === known) &&
      isAs(known, sketched, members)
    )
      return known
    const episode = known ?? newEpisode(group, episodeId(group, members, apart), this.#order())
    sketch.name(sketched, episode)
    if (episode.satisfiedAt !== sketched.satisfiedAt) this.earlier(episode, sketched.satisfiedAt)
    for (const held of members) this.#own(episode, held)
    episode.first = sketched.first
    episode.last = sketched.last
    episode.count = countedOf(members)
    this.#journal.grew(episode, this.#now)
    return episode
  }

  /** A member that no satisfied window holds any more. */
  leave(held: Held): void {
    if (held.episode === undefined) return
    held.episode = undefined
    this.#journal.changed(held)
  }

  /** A join is news: both revisions go out at once, or the members of the one would be out of sight. */
  #absorb(survivor: OpenEpisode, other: OpenEpisode): void {
    this.#journal.ended(other, 'merged', survivor.id)
    for (const held of membersIn(other)) this.#own(survivor, held)
    for (const core of survivor.group.cores) if (core.episode === other) core.episode = survivor
    if (other.satisfiedAt < survivor.satisfiedAt) this.earlier(survivor, other.satisfiedAt)
    this.#journal.grew(survivor, this.#now)
    if (other.stored) this.#journal.ship(survivor)
    this.change.moved.delete(other)
    this.change.lost.add(other)
  }

  #own(episode: OpenEpisode, held: Held): void {
    if (held.episode === episode) return
    held.episode = episode
    if (held.counted) episode.count++
    episode.first = Math.min(episode.first, held.time)
    episode.last = Math.max(episode.last, held.time)
    this.#journal.changed(held)
  }
}

function isAs(known: OpenEpisode, sketched: OpenEpisode, members: readonly Held[]): boolean {
  return (
    known.first === sketched.first &&
    known.last === sketched.last &&
    known.satisfiedAt === sketched.satisfiedAt &&
    known.count === countedOf(members)
  )
}

function countedOf(members: readonly Held[]): number {
  return members.reduce((count, held) => count + (held.counted ? 1 : 0), 0)
}
