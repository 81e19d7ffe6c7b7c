import { hash } from 'node:crypto'
import type { Group, Held } from './state.ts'

/** Hexadecimal digits of an alert's id: 128 bits. */
const ID_DIGITS = 32

/**
 * The id of an episode: its rule, its group, and the members that satisfied it first, with their times. A match that
 * just came is among them, so no other episode had the same. An episode that splits off another has no such match:
 * `apart` says from what and in which state it split.
 */
export function episodeId(group: Group, members: readonly Held[], apart: readonly unknown[] = []): string {
  const first = members.map((held) => [held.match.identity, held.match.rule, held.time])
  return idOf([group.table.rule.id, group.table.rule.hash, group.key, first, ...apart])
}

/** The id of the alert of a rule without correlation; the same event gives the same one. */
export function singleId(rule: string, identity: string): string {
  return idOf([rule, identity])
}

function idOf(content: unknown): string {
  return hash('sha256', JSON.stringify(content)).slice(0, ID_DIGITS)
}
