import type { SkipReason } from '@weir/model'
import { newGroup } from './group.ts'
import type { GroupKey } from './key.ts'
import type { CorrelateLimits } from './limits.ts'
import type { Group, Table } from './state.ts'

/** Why a match cannot join its group; `undefined` when it can. */
export function refusalOf(
  table: Table,
  at: GroupKey | undefined,
  value: string | undefined,
  group: Group | undefined,
  time: number,
  limits: CorrelateLimits,
): SkipReason | undefined {
  if (at === undefined) return 'no-group'
  if (value === undefined) return 'no-value'
  if (time < table.watermark) return 'behind-watermark'
  if (group === undefined) return table.groups.size >= limits.groupsPerRuleMax ? 'groups-bound' : undefined
  return group.held.length >= limits.membersPerGroupMax ? 'members-bound' : undefined
}

export function openGroup(table: Table, at: GroupKey): Group {
  const group = newGroup(table, at.key, at.values)
  table.groups.set(at.key, group)
  return group
}
