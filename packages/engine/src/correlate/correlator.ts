import type { CorrelationDelta, CorrelationState, Match, Recall, SkipReason } from '@weir/model'
import type { RuleSet } from '../rule/load.ts'
import type { Rule } from '../rule/rule.ts'
import { groupsBoundOf } from './admission.ts'
import { linksOf, matchOfEpisode } from './chain.ts'
import { type Change, heirOf, newChange } from './change.ts'
import { expire, wakeFor, wakeLater } from './expire.ts'
import { memberOf, newHeld } from './group.ts'
import { amend, type Counted, grow } from './grow.ts'
import { Journal } from './journal.ts'
import type { Judge } from './judge.ts'
import { judgeOf } from './judges.ts'
import { countedOf, type GroupKey, groupOf } from './key.ts'
import type { CorrelateLimits } from './limits.ts'
import { Live } from './live.ts'
import type { PackedTable } from './packed-table.ts'
import { idOf, Packer } from './packer.ts'
import { NONE } from './records.ts'
import { restore } from './restore.ts'
import { singleFinding } from './single.ts'
import type { Group, Held, OpenEpisode, Table } from './state.ts'
import { type Tables, tablesOf } from './table.ts'
import type { TextHash } from './text-hash.ts'

export interface CorrelatorStatus {
  readonly openEpisodes: number
  /** Episodes whose last revision is behind their count. */
  readonly unsentRevisions: number
  readonly members: number
  readonly groups: number
  /** Groups held whole, among the others; all of them where nothing is packed. */
  readonly wholeGroups: number
  /** Terms that new_terms remembers, and groups of which absence remembers an answer. */
  readonly terms: number
}

/** Matches in, findings out. After a commit that failed it is thrown away and restored from the store. */
export interface Correlator {
  /** Puts back what a store kept; called once, before anything else, and followed by `advance` before any match. */
  restore(state: CorrelationState): void
  /** One match of a rule; `now` is the wall clock in milliseconds and only paces revisions. */
  add(match: Match, now: number): void
  /** Watermarks moved: closes episodes, forgets members that no window can reach, refuses earlier matches from now on. */
  advance(watermarkOf: (rule: Rule) => number, now: number): void
  /** The end of a replay: the watermark goes to infinity. */
  finish(now: number): void
  /** The rules that have something to judge when the watermark has passed, and the least watermark that will do. */
  waiting(): Iterable<{ readonly rule: Rule; readonly until: number }>
  /** Changes since the last take, to be committed. */
  take(): CorrelationDelta
  status(): CorrelatorStatus
}

const HOUR_MS = 3_600_000

/** Groups of one rule from which members are forgotten at one advance; the rest waits for the next one. */
const FORGOTTEN_GROUPS_MAX = 20_000

/** What it takes to keep most groups as numbers: their members come back from where they were committed. */
export interface Packing {
  /** Must find what `take` gave as soon as the next match comes. */
  readonly recall: Recall
  /** Best with a secret, so that nobody can write records whose groups all fall into one place. */
  readonly hash: TextHash
}

/** A correlator that holds every group whole or, with `packing`, only those that alert or may be about to. */
export function createCorrelator(rules: RuleSet, limits: CorrelateLimits, packing?: Packing): Correlator {
  return new TableCorrelator(rules, limits, packing)
}

class TableCorrelator implements Correlator {
  readonly #rules: ReadonlyMap<string, Rule>
  readonly #limits: CorrelateLimits
  readonly #tables: Tables
  readonly #journal: Journal
  readonly #packer: Packer
  /** Who decides for the correlations that do not grow. */
  readonly #judges = new Map<Table, Judge>()
  #orders = 0

  constructor(rules: RuleSet, limits: CorrelateLimits, packing: Packing | undefined) {
    this.#rules = rules.byId
    this.#limits = limits
    this.#tables = tablesOf(rules.rules, packing?.hash)
    this.#journal = new Journal(limits.eventsListedMax)
    this.#packer = new Packer(packing?.recall ?? (() => []), this.#journal)
    for (const table of this.#tables.byRule.values()) this.#appoint(table)
  }

  restore(state: CorrelationState): void {
    restore(
      state,
      this.#tables.byRule,
      this.#journal,
      this.#packer,
      () => this.#orders++,
      () => this.#live(0),
      (table) => this.#judges.get(table)?.sightings,
    )
  }

  add(match: Match, now: number): void {
    const rule = this.#rules.get(match.rule)
    if (rule === undefined) return
    if (rule.correlation === undefined && rule.alert) this.#journal.single(singleFinding(rule, match))
    for (const table of this.#tables.overMatches.get(match.rule) ?? []) this.#give(table, match, now)
  }

  advance(watermarkOf: (rule: Rule) => number, now: number): void {
    const known = new Map<Rule, number>()
    const of = (rule: Rule): number => {
      const watermark = known.get(rule) ?? watermarkOf(rule)
      known.set(rule, watermark)
      return watermark
    }
    for (const [table, sources] of this.#tables.sources)
      this.#advanceTo(table, Math.min(...[...sources].map(of)), now)
    this.#journal.shipQuiet(now, this.#limits.quietMs)
  }

  finish(now: number): void {
    for (const table of this.#tables.byRule.values()) this.#advanceTo(table, Number.POSITIVE_INFINITY, now)
  }

  *waiting(): Iterable<{ readonly rule: Rule; readonly until: number }> {
    for (const { rule, manner, wakes } of this.#tables.byRule.values()) {
      if (manner !== 'tumbling' && manner !== 'absence') continue
      const until = wakes.first((group, time) => group.wakeAt === time)
      if (until !== undefined) yield { rule, until }
    }
  }

  take(): CorrelationDelta {
    return this.#journal.take()
  }

  status(): CorrelatorStatus {
    const tables = [...this.#tables.byRule.values()].flatMap((table) => [table, table.aside ?? []].flat())
    const packed = tables.flatMap((table) => table.packed ?? [])
    const sum = <One>(all: Iterable<One>, of: (one: One) => number): number => {
      let total = 0
      for (const one of all) total += of(one)
      return total
    }
    const wholeGroups = sum(tables, (table) => table.groups.size)
    return {
      openEpisodes: this.#journal.open,
      unsentRevisions: this.#journal.behind,
      members: sum(tables, (table) => table.members) + sum(packed, (table) => table.members),
      groups: wholeGroups + sum(packed, (table) => table.groups),
      wholeGroups,
      terms: sum(new Set(this.#judges.values()), (judge) => judge.sightings?.size ?? 0),
    }
  }

  /** A watermark never goes back: what was let go on its word would be missing. */
  #advanceTo(table: Table, watermark: number, now: number): void {
    if (!(watermark > table.watermark)) return
    if (table.aside !== undefined) this.#advanceTo(table.aside, watermark, now)
    table.watermark = watermark
    const judge = this.#judges.get(table)
    for (let next = table.wakes.popBefore(watermark); next; next = table.wakes.popBefore(watermark)) {
      if (next.thing.wakeAt !== next.time) continue
      judge?.judge(next.thing, now)
      expire(next.thing, this.#journal)
      this.#packer.pack(next.thing)
    }
    judge?.forget()
    const reach = watermark - table.timespanMs
    const groupsMax = watermark === Number.POSITIVE_INFINITY ? watermark : FORGOTTEN_GROUPS_MAX
    table.packed?.forgetBefore(reach, groupsMax, (key) => this.#journal.passed(table, key, reach))
  }

  #appoint(table: Table): void {
    const judge = judgeOf(table, {
      limits: this.#limits,
      journal: this.#journal,
      live: (now) => this.#live(now),
      propagate: (group, change, now) => this.#propagate(group, change, now),
    })
    if (judge === undefined) return
    this.#judges.set(table, judge)
    if (table.aside !== undefined) this.#judges.set(table.aside, judge)
  }

  #give(table: Table, match: Match, now: number): void {
    const judge = this.#judges.get(table)
    if (judge === undefined) this.#admit(table, match, now)
    else judge.add(match, now)
  }

  #admit(table: Table, match: Match, now: number): void {
    const at = groupOf(table.correlation, match)
    const value = countedOf(table.correlation, match)
    if (at === undefined) this.#journal.skipped(table.rule.id, 'no-group')
    else if (value === undefined) this.#journal.skipped(table.rule.id, 'no-value')
    else this.#admitTo(table, at, { match, value }, now)
  }

  #admitTo(table: Table, at: GroupKey, one: Counted, now: number): void {
    const row = table.packed?.find(at.key) ?? NONE
    const group = row === NONE ? table.groups.get(at.key) : undefined
    if (group !== undefined) this.#join(group, one, now)
    else if (table.packed !== undefined) this.#pack(table, table.packed, row, at, one, now)
    else if (!this.#refuses(table, 0, one.match.time)) this.#begin(table, NONE, at, one, now)
  }

  /** To a group that is held whole. */
  #join(group: Group, one: Counted, now: number): void {
    if (memberOf(group, one.match.identity, one.match.rule) !== undefined) return
    if (!this.#refuses(group.table, group.held.length, one.match.time)) this.#grow(group, one, now)
  }

  /** To a group that only counts, or that begins. */
  #pack(table: Table, packed: PackedTable, row: number, at: GroupKey, one: Counted, now: number): void {
    const { match, value } = one
    const id = idOf(table, packed, match.identity, match.rule)
    if (packed.mayHold(row, id) && this.#packer.isRepeat(table, at.key, match)) return
    if (this.#refuses(table, packed.countOf(row), match.time)) return
    if (packed.put(row, at.key, match.time, id)) this.#journal.kept(table, at.key, value, match)
    else this.#begin(table, row, at, one, now)
  }

  /** A group is held whole from this match on. */
  #begin(table: Table, row: number, at: GroupKey, one: Counted, now: number): void {
    if (table.groups.size >= this.#limits.wholeGroupsPerRuleMax)
      this.#journal.skipped(table.rule.id, 'groups-bound')
    else this.#grow(this.#packer.unpack(table, row, at), one, now)
  }

  /** Whether a match is left out of a group with so many members; then it is counted. */
  #refuses(table: Table, members: number, time: number): boolean {
    const reason = this.#refusal(table, members, time)
    if (reason !== undefined) this.#journal.skipped(table.rule.id, reason)
    return reason !== undefined
  }

  #refusal(table: Table, members: number, time: number): SkipReason | undefined {
    if (time < table.watermark) return 'behind-watermark'
    if (members === 0) return groupsBoundOf(table, this.#limits)
    return members >= this.#limits.membersPerGroupMax ? 'members-bound' : undefined
  }

  #grow(group: Group, { match, value }: Counted, now: number): void {
    const held = newHeld(group, match, value)
    this.#journal.changed(held)
    let live: Live | undefined
    grow(group, held, () => {
      live ??= this.#live(now)
      return live
    })
    wakeFor(group, held.time)
    if (live !== undefined) this.#propagate(group, live.change, now)
  }

  /** Tells further correlations what became of the episodes of a group. */
  #propagate(group: Group, change: Change, now: number): void {
    if (change.moved.size + change.lost.size === 0) return
    for (const consumer of group.table.consumers) {
      const judge = this.#judges.get(consumer)
      if (judge === undefined) this.#link(consumer, group, change, now)
      else judge.amend(group, change, now)
    }
  }

  #link(table: Table, base: Group, change: Change, now: number): void {
    const rule = base.table.rule.id
    const moved = [...change.moved].sort((a, b) => a.order - b.order)
    const at = groupOf(table.correlation, { rule, fields: base.values as Match['fields'] })
    const ids = new Set([...moved, ...change.lost].map((episode) => episode.id))
    const links = at === undefined ? [] : linksOf(table, at.key, rule, ids)
    const group = at === undefined ? undefined : table.groups.get(at.key)
    if (group === undefined || links.length === 0)
      for (const episode of moved) this.#admit(table, matchOfEpisode(episode), now)
    else this.#amend(group, links, moved, heirOf(change), now)
  }

  /** What moved may stand behind the watermark only where it took the place of what stood there. */
  #amend(
    group: Group,
    links: readonly Held[],
    moved: readonly OpenEpisode[],
    heir: string,
    now: number,
  ): void {
    const { correlation, watermark } = group.table
    const into = moved.map(matchOfEpisode).flatMap((match): Counted[] => {
      const value = countedOf(correlation, match)
      const allowed = match.time >= watermark || links.some((link) => link.time === match.time)
      return value !== undefined && allowed ? [{ match, value }] : []
    })
    const live = this.#live(now)
    this.#journal.replaced(links, amend(group, links, into, heir, live))
    wakeLater(group)
    this.#propagate(group, live.change, now)
  }

  #live(now: number): Live {
    const { episodeHoursMax } = this.#limits
    return new Live(episodeHoursMax * HOUR_MS, this.#journal, () => this.#orders++, now, newChange())
  }
}
