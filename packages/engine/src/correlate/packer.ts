import type { KeptMember, Match, Recall, StoredMember } from '@weir/model'
import { wakeFor } from './expire.ts'
import { hold, memberOf, newGroup, newHeld } from './group.ts'
import type { Journal } from './journal.ts'
import { type GroupKey, valuesOf } from './key.ts'
import { PACKED_MEMBERS_MAX } from './packed-rows.ts'
import type { PackedTable } from './packed-table.ts'
import { NONE } from './records.ts'
import type { Group, Held, Table } from './state.ts'

/** Moves groups between the packed form, which only counts, and the whole one, which alone decides on episodes. */
export class Packer {
  readonly #recall: Recall
  readonly #journal: Journal

  constructor(recall: Recall, journal: Journal) {
    this.#recall = recall
    this.#journal = journal
  }

  /** Whether a packed group holds the match already, of which a hash says that it may. */
  isRepeat({ rule: { hash } }: Table, key: string, { identity, rule }: Match): boolean {
    const isSame = ({ match }: StoredMember) => match.identity === identity && match.rule === rule
    return this.#journal.pending.of(hash, key).some(isSame) || this.#recall(hash, key).some(isSame)
  }

  /** A member that a store kept; false when it is to be put into a whole group. */
  putBack(table: Table, { groupKey, baseRule, identity, time, episode }: KeptMember): boolean {
    const { packed } = table
    if (packed === undefined || episode !== undefined) return false
    const row = packed.find(groupKey)
    if (packed.put(row, groupKey, time, idOf(table, packed, identity, baseRule))) return true
    if (row === NONE) return false
    this.unpack(table, row, { key: groupKey, values: valuesOf(table.correlation, groupKey) })
    return true
  }

  /** A packed group, or a new one, held whole from now on. No window of it is satisfied, so it has no episodes. */
  unpack(table: Table, row: number, at: GroupKey): Group {
    const group = newGroup(table, at.key, at.values)
    table.groups.set(at.key, group)
    if (row === NONE) return group
    for (const member of this.#journal.pending.takeOf(table.rule.hash, at.key))
      this.#journal.changed(this.#held(group, member))
    this.#fetch(group)
    table.packed?.drop(row)
    return group
  }

  /** Packs a group that is far from an alert again. */
  pack(group: Group): void {
    const { table, held } = group
    const { packed } = table
    if (packed === undefined || held.length === 0 || !isFar(group)) return
    if (!putAll(group, packed)) return
    for (const each of held) this.#journal.packed(each)
    table.members -= held.length
    table.groups.delete(group.key)
    group.wakeAt = Number.POSITIVE_INFINITY
  }

  /** What a store gives back may be out of reach, or known better by what is not committed yet. */
  #fetch(group: Group): void {
    const { table, key } = group
    const reach = table.watermark - table.timespanMs
    let outOfReach = false
    for (const member of this.#recall(table.rule.hash, key)) {
      const { time, identity, rule } = member.match
      if (time < reach) outOfReach = true
      else if (memberOf(group, identity, rule) === undefined) this.#held(group, member).stored = true
    }
    if (outOfReach) this.#journal.passed(table, key, reach)
  }

  #held(group: Group, { match, value }: StoredMember): Held {
    const held = newHeld(group, match, value)
    hold(group, held)
    wakeFor(group, held.time)
    return held
  }
}

/** One identity may be a member for several rules: each has its own place. */
export function idOf({ correlation }: Table, packed: PackedTable, identity: string, rule: string): number {
  return packed.idOf(identity, correlation.rules.indexOf(rule))
}

function isFar({ table, cores, held }: Group): boolean {
  return cores.length === 0 && held.length < table.threshold && held.length <= PACKED_MEMBERS_MAX / 2
}

/** All or none. */
function putAll(group: Group, packed: PackedTable): boolean {
  for (const { time, match } of group.held) {
    const row = packed.find(group.key)
    if (packed.put(row, group.key, time, idOf(group.table, packed, match.identity, match.rule))) continue
    if (row !== NONE) packed.drop(row)
    return false
  }
  return true
}
