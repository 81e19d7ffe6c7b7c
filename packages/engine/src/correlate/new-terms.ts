import type { Match, SkipReason } from '@weir/model'
import { admit, keyBeside, lackOf, openGroup, refusalOf } from './admission.ts'
import { matchesOf } from './chain.ts'
import type { Change } from './change.ts'

import { membersIn } from './episode.ts'
import { wakeFor, wakeLater } from './expire.ts'
import { hold, memberOf, newHeld, release } from './group.ts'
import type { Judge, JudgePorts } from './judge.ts'
import { countedOf, type GroupKey, groupOf } from './key.ts'
import type { Live } from './live.ts'
import { coverMoment } from './moment.ts'
import { redraw } from './redraw.ts'
import { relink } from './relink.ts'
import { Sightings } from './sightings.ts'
import type { Group, Table } from './state.ts'

/**
 * Terms not seen in a group for a timespan. It fires at once; an earlier sighting that comes late takes the alert's
 * ground away. Only the matches that were first of their run are members.
 */
export class NewTerms implements Judge {
  readonly sightings: Sightings
  readonly #table: Table
  readonly #ports: JudgePorts

  constructor(table: Table, ports: JudgePorts) {
    this.#table = table
    this.#ports = ports
    this.sightings = new Sightings(table, ports.limits.termsPerRuleMax)
  }

  add(match: Match, now: number): void {
    const at = groupOf(this.#table.correlation, match)
    const term = countedOf(this.#table.correlation, match)
    const lack = lackOf(this.#table, at, term, match.time)
    if (lack === undefined) this.#see(match, at as GroupKey, term as string, now)
    else this.#skipped(lack)
  }

  /** An episode that it rests on may still change, so it waits aside until the watermark has passed it. */
  amend(base: Group, change: Change, now: number): void {
    const { aside, watermark } = this.#table
    if (aside === undefined) return
    const unjudged = relink(this.#table, base, change, matchesOf(change), this.#ports, now)
    for (const match of relink(aside, base, change, unjudged, this.#ports, now))
      if (match.time >= watermark) admit(aside, match, this.#ports)
  }

  judge(group: Group, now: number): void {
    if (group.table === this.#table) return
    for (const { match, time, value } of group.held)
      if (time < group.table.watermark) this.#see(match, keyBeside(group), value, now)
  }

  forget(): void {
    this.sightings.expire()
    this.#ports.journal.sighted(this.sightings)
  }

  #see(match: Match, at: GroupKey, term: string, now: number): void {
    this.#learn(match.time, now)
    const seen = this.sightings.see(at.key, term, match.time)
    this.#ports.journal.sighted(this.sightings)
    if (seen === undefined) {
      this.sightings.leaveOut(match.time)
      this.#skipped('terms-bound')
      return
    }
    if (!seen.isFirst && seen.displaced === undefined) return
    const live = this.#ports.live(now)
    const heir = seen.isFirst ? this.#put(match, at, term, live) : ''
    const group = this.#table.groups.get(at.key)
    if (group === undefined) return
    if (seen.displaced !== undefined) this.#take(group, term, seen.displaced, live, heir)
    this.#ports.propagate(group, live.change, now)
  }

  /** Puts in a match whose term is new; answers the id of its alert, '' when there is none. */
  #put(match: Match, at: GroupKey, term: string, live: Live): string {
    const { time, identity, rule } = match
    const open = this.#table.groups.get(at.key)
    if (open !== undefined && memberOf(open, identity, rule) !== undefined) return ''
    const isLearning = this.#isLearning(time)
    if (isLearning && this.#hasLearnt()) return ''
    const refusal = this.sightings.mayHaveBeenSeen(time)
      ? 'terms-bound'
      : refusalOf(this.#table, at, term, open, time, this.#ports.limits)
    if (refusal !== undefined) {
      this.#skipped(refusal)
      return ''
    }
    const group = open ?? openGroup(this.#table, at)
    const held = newHeld(group, match, term)
    hold(group, held)
    this.#ports.journal.changed(held)
    wakeFor(group, time)
    if (!isLearning) coverMoment(group, time, live)
    return held.episode?.id ?? ''
  }

  /** Takes out the matches that were the first of a term and are no longer. */
  #take(group: Group, term: string, time: number, live: Live, heir: string): void {
    const out = group.held.filter((held) => held.value === term && held.time === time)
    const episode = out[0]?.episode
    if (episode !== undefined && [...membersIn(episode)].every((held) => out.includes(held)))
      this.#ports.journal.ending(episode)
    for (const held of out) this.#ports.journal.gone(held)
    release(group, new Set(out))
    redraw(group, live, heir)
    wakeLater(group)
  }

  /** An earlier beginning ends the learning earlier, too: what was silent may be told after all. */
  #learn(time: number, now: number): void {
    if (this.#table.correlation.learnMs === undefined) return
    if (time >= (this.sightings.since ?? Number.POSITIVE_INFINITY)) return
    this.sightings.since = time
    for (const group of this.#table.groups.values()) this.#tell(group, now)
  }

  #tell(group: Group, now: number): void {
    const live = this.#ports.live(now)
    for (const { time, episode } of [...group.held])
      if (episode === undefined && !this.#isLearning(time)) coverMoment(group, time, live)
    this.#ports.propagate(group, live.change, now)
  }

  #isLearning(time: number): boolean {
    const { learnMs = 0 } = this.#table.correlation
    return time < (this.sightings.since ?? time) + learnMs
  }

  /** Nothing can come any more from before the beginning. */
  #hasLearnt(): boolean {
    return (this.sightings.since ?? Number.NEGATIVE_INFINITY) < this.#table.watermark
  }

  #skipped(reason: SkipReason): void {
    this.#ports.journal.skipped(this.#table.rule.id, reason)
  }
}
