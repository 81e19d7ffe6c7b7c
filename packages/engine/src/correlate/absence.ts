import type { Match, SkipReason } from '@weir/model'
import { admit, keyBeside, lackOf } from './admission.ts'
import { matchesOf } from './chain.ts'
import type { Change } from './change.ts'

import { wakeLater } from './expire.ts'
import { indexAfter, indexAt, release } from './group.ts'
import type { Judge, JudgePorts } from './judge.ts'
import { countedOf, type GroupKey, groupOf } from './key.ts'
import { coverMoment } from './moment.ts'
import { dueAt } from './reach.ts'
import { relink } from './relink.ts'
import { Sightings } from './sightings.ts'
import type { Group, Table } from './state.ts'

/**
 * A match of the first rule with none of the second in the timespan from it on. The watermark judges: while a
 * partition that feeds either rule lags or is cut off it stands still, and so does the judgement.
 */
export class Absence implements Judge {
  /** Of the second rule only the times are kept. */
  readonly sightings: Sightings
  readonly #table: Table
  readonly #ports: JudgePorts
  readonly #asking: string
  readonly #answering: string

  constructor(table: Table, ports: JudgePorts) {
    this.#table = table
    this.#ports = ports
    this.sightings = new Sightings(table, ports.limits.groupsPerRuleMax)
    this.#asking = table.correlation.rules[0] as string
    this.#answering = table.correlation.rules[1] as string
  }

  add(match: Match): void {
    const at = groupOf(this.#table.correlation, match)
    const lack = lackOf(this.#table, at, countedOf(this.#table.correlation, match), match.time)
    if (lack !== undefined) this.#skipped(lack)
    else if (match.rule === this.#answering) this.#answer((at as GroupKey).key, match.time)
    else if (!this.#isAnswered((at as GroupKey).key, match.time)) admit(this.#table, match, this.#ports)
  }

  /** An answer that is an episode may still change, so it waits aside until the watermark has passed it. */
  amend(base: Group, change: Change, now: number): void {
    const { aside, watermark } = this.#table
    const table = base.table.rule.id === this.#asking ? this.#table : aside
    if (table === undefined) return
    for (const match of relink(table, base, change, matchesOf(change), this.#ports, now))
      if (match.time >= watermark) admit(table, match, this.#ports)
  }

  judge(group: Group, now: number): void {
    if (group.table === this.#table) this.#judge(group, now)
    else
      for (const { time } of group.held)
        if (time < group.table.watermark) this.#answer(keyBeside(group).key, time)
  }

  forget(): void {
    this.sightings.expire()
    this.#ports.journal.sighted(this.sightings)
  }

  #judge(group: Group, now: number): void {
    const live = this.#ports.live(now)
    for (const { time, episode } of group.held) {
      if (dueAt(this.#table, time) >= this.#table.watermark) break
      if (episode === undefined && !this.#isAnswered(group.key, time)) coverMoment(group, time, live)
    }
    this.#ports.propagate(group, live.change, now)
  }

  #answer(key: string, time: number): void {
    if (this.sightings.see(key, this.#answering, time) === undefined) {
      // Whose answer it was is forgotten, so it answers all: that errs towards fewer alerts.
      this.sightings.leaveOut(time)
      this.#skipped('groups-bound')
    }
    this.#ports.journal.sighted(this.sightings)
    this.#letGo(key, time)
  }

  /** What is answered need not wait. */
  #letGo(key: string, time: number): void {
    const group = this.#table.groups.get(key)
    if (group === undefined) return
    const { held } = group
    const answered = held
      .slice(indexAt(held, time - this.#table.timespanMs), indexAfter(held, time))
      .filter((each) => each.episode === undefined)
    for (const each of answered) this.#ports.journal.gone(each)
    release(group, new Set(answered))
    wakeLater(group)
  }

  #isAnswered(key: string, time: number): boolean {
    return this.sightings.isSeenFrom(key, this.#answering, time)
  }

  #skipped(reason: SkipReason): void {
    this.#ports.journal.skipped(this.#table.rule.id, reason)
  }
}
