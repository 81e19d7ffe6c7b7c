import { cover, type Draft } from './cover.ts'
import { newEpisode } from './episode.ts'
import type { Live } from './live.ts'
import type { Group, Held, OpenEpisode } from './state.ts'
import { windowsOf } from './windows.ts'

/**
 * Draws a group anew from its members: after a restart, and when a chain's member moved or went. Episodes keep their
 * names: of those whose members meet in one, the first stays; one whose members no longer suffice is merged into
 * `heir`, the alert that took its ground away.
 */
export function redraw(group: Group, live: Live, heir: string): void {
  const sketch = new Sketch(live.lengthMsMax)
  const old = new Set(group.cores.map((core) => core.episode))
  for (const held of group.held) if (held.episode !== undefined) old.add(held.episode)
  group.cores = []
  group.tail = undefined
  for (const window of windowsOf(group)) cover(group, window, sketch)
  const kept = sketch.settle(group, old)
  const apart = [heir, ...[...old].map(({ id, revision, count }) => [id, revision, count])]
  for (const each of old) if (!kept.has(each)) live.dissolve(each, sketch.heirOf(group, each) ?? heir)
  for (const core of group.cores) core.episode = live.adopt(group, core.episode, sketch, apart)
  for (const held of group.held) if (!sketch.has(held)) live.leave(held)
}

/** Episodes as they should be, without names yet. */
class Sketch implements Draft {
  readonly lengthMsMax: number
  readonly #owner = new Map<Held, OpenEpisode>()
  /** The episode that a sketched one turns out to be. */
  readonly #known = new Map<OpenEpisode, OpenEpisode>()

  constructor(lengthMsMax: number) {
    this.lengthMsMax = lengthMsMax
  }

  begin(group: Group, from: number, to: number, satisfiedAt: number): OpenEpisode {
    const episode = newEpisode(group, '', 0)
    episode.satisfiedAt = satisfiedAt
    this.assign(episode, group, from, to)
    return episode
  }

  assign(episode: OpenEpisode, group: Group, from: number, to: number): void {
    for (let i = from; i < to; i++) this.#own(episode, group.held[i] as Held)
  }

  earlier(episode: OpenEpisode, satisfiedAt: number): void {
    episode.satisfiedAt = satisfiedAt
  }

  join(episodes: ReadonlySet<OpenEpisode>): OpenEpisode {
    const [survivor, ...others] = episodes
    const one = survivor as OpenEpisode
    for (const [held, owner] of this.#owner) if (others.includes(owner)) this.#own(one, held)
    for (const core of one.group.cores) if (others.includes(core.episode)) core.episode = one
    one.satisfiedAt = Math.min(one.satisfiedAt, ...others.map((other) => other.satisfiedAt))
    return one
  }

  has(held: Held): boolean {
    return this.#owner.has(held)
  }

  /** Which of the old episodes stay, each as the sketched one that holds its members. */
  settle(group: Group, old: ReadonlySet<OpenEpisode>): ReadonlySet<OpenEpisode> {
    const kept = new Set<OpenEpisode>()
    const inOrder = [...old].sort((a, b) => a.order - b.order)
    for (const each of inOrder) {
      const sketched = this.#homeOf(group, each)
      if (sketched === undefined || this.#known.has(sketched)) continue
      this.#known.set(sketched, each)
      kept.add(each)
    }
    return kept
  }

  knownAs(sketched: OpenEpisode): OpenEpisode | undefined {
    return this.#known.get(sketched)
  }

  name(sketched: OpenEpisode, episode: OpenEpisode): void {
    this.#known.set(sketched, episode)
  }

  membersOf(sketched: OpenEpisode): Held[] {
    return sketched.group.held.filter((held) => this.#owner.get(held) === sketched)
  }

  /** The old episode that took in the members of one that does not stay. */
  heirOf(group: Group, gone: OpenEpisode): string | undefined {
    const home = this.#homeOf(group, gone)
    return home === undefined ? undefined : this.#known.get(home)?.id
  }

  /** The sketched episode that holds most of an old one's members; the earliest of equals. */
  #homeOf(group: Group, old: OpenEpisode): OpenEpisode | undefined {
    const counts = new Map<OpenEpisode, number>()
    for (const held of group.held) {
      const owner = held.episode === old ? this.#owner.get(held) : undefined
      if (owner !== undefined) counts.set(owner, (counts.get(owner) ?? 0) + 1)
    }
    let home: OpenEpisode | undefined
    for (const [owner, count] of counts)
      if (home === undefined || count > (counts.get(home) as number)) home = owner
    return home
  }

  #own(episode: OpenEpisode, held: Held): void {
    this.#owner.set(held, episode)
    episode.first = Math.min(episode.first, held.time)
    episode.last = Math.max(episode.last, held.time)
  }
}
