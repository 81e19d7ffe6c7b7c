import type { Match, SkipReason } from '@weir/model'
import { wakeFor } from './expire.ts'
import { hold, indexAfter, indexAt, memberOf, newGroup, newHeld } from './group.ts'
import type { JudgePorts } from './judge.ts'
import { countedOf, type GroupKey, groupOf } from './key.ts'
import type { CorrelateLimits } from './limits.ts'
import { tumblingWindow } from './reach.ts'
import type { Group, Held, Table } from './state.ts'

/** Why a match cannot be correlated, whatever its group holds; `undefined` when it can. */
export function lackOf(
  table: Table,
  at: GroupKey | undefined,
  value: string | undefined,
  time: number,
): SkipReason | undefined {
  if (at === undefined) return 'no-group'
  if (value === undefined) return 'no-value'
  return time < table.watermark ? 'behind-watermark' : undefined
}

/** Why a match cannot join its group; `undefined` when it can. */
export function refusalOf(
  table: Table,
  at: GroupKey | undefined,
  value: string | undefined,
  group: Group | undefined,
  time: number,
  limits: CorrelateLimits,
): SkipReason | undefined {
  const lack = lackOf(table, at, value, time)
  if (lack !== undefined) return lack
  if (group === undefined) return groupsBoundOf(table, limits)
  return membersBeside(group, time) >= limits.membersPerGroupMax ? 'members-bound' : undefined
}

/** Why a rule can hold no further group; `undefined` when it can. */
export function groupsBoundOf({ groups, packed }: Table, limits: CorrelateLimits): SkipReason | undefined {
  const isFull = packed === undefined && groups.size >= limits.wholeGroupsPerRuleMax
  if (isFull || groups.size + (packed?.groups ?? 0) >= limits.groupsPerRuleMax) return 'groups-bound'
  return undefined
}

/** Members that count against the bound: a tumbling window has it for itself. */
export function membersBeside({ table, held }: Group, time: number): number {
  if (table.manner !== 'tumbling') return held.length
  const { first, right } = tumblingWindow(time, table.timespanMs)
  return indexAfter(held, right) - indexAt(held, first)
}

export function openGroup(table: Table, at: GroupKey): Group {
  const group = newGroup(table, at.key, at.values)
  table.groups.set(at.key, group)
  return group
}

/** Makes a match a member of no episode, to be judged later; `undefined` when it is one already, or cannot be. */
export function admit(table: Table, match: Match, ports: JudgePorts): Held | undefined {
  const at = keyIn(table, groupOf(table.correlation, match))
  const value = countedOf(table.correlation, match)
  const group = at === undefined ? undefined : table.groups.get(at.key)
  if (group !== undefined && memberOf(group, match.identity, match.rule) !== undefined) return undefined
  const reason = refusalOf(table, at, value, group, match.time, ports.limits)
  if (reason !== undefined) {
    ports.journal.skipped(table.rule.id, reason)
    return undefined
  }
  const held = newHeld(group ?? openGroup(table, at as GroupKey), match, value as string)
  hold(held.group, held)
  ports.journal.changed(held)
  wakeFor(held.group, held.time)
  return held
}

/** A blank behind the key of a group that waits aside: it stays the JSON of the group's values. */
export const ASIDE = ' '

/** The same group has a key of its own in a table that waits aside. */
export function keyIn(table: Table, at: GroupKey | undefined): GroupKey | undefined {
  return at === undefined || table.manner !== 'aside' ? at : { ...at, key: `${at.key}${ASIDE}` }
}

/** The key of the group that another one waits aside of. */
export function keyBeside({ key, values }: Group): GroupKey {
  return { key: key.slice(0, -ASIDE.length), values }
}
