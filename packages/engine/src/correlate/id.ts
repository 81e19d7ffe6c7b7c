import { hash } from 'node:crypto'
import type { Group, Held } from './group.ts'

/** Hexadecimal digits of an alert's id: 128 bits. */
const ID_DIGITS = 32

/**
 * The id of an episode: its rule, its group, and the members that satisfied it first, with their times. The times
 * are there because an episode that feeds a chain may move: what was taken back is not to come again under its id.
 */
export function episodeId(group: Group, members: readonly Held[]): string {
  const first = members.map((held) => [held.match.identity, held.match.rule, held.time])
  return idOf([group.table.rule.id, group.table.rule.hash, group.key, first])
}

/** The id of the alert of a rule without correlation; the same event gives the same one. */
export function singleId(rule: string, identity: string): string {
  return idOf([rule, identity])
}

function idOf(content: unknown): string {
  return hash('sha256', JSON.stringify(content)).slice(0, ID_DIGITS)
}
