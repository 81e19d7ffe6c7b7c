import { hash } from 'node:crypto'
import type { AlertV1 } from '@weir/contract'

/** 72 bits: enough to tell the few revisions of one alert apart. */
const CHARACTERS = 12

/**
 * A short digest of what a revision says: members, times, group and what became of it. When it was made and
 * under which number is left out, so that the same thing said again has the same digest.
 */
export function digestOf(alert: AlertV1['weir']['alert']): string {
  const { count, first, last, status, merged_into: into = '', group, events } = alert
  const members = events.map(({ id }) => id).sort()
  const said = [count, first, last, status, into, Object.entries(group).sort(), members]
  return hash('sha256', JSON.stringify(said), 'base64url').slice(0, CHARACTERS)
}
