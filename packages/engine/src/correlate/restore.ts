import type { CorrelationState, Episode, KeptMember, PassedGroup } from '@weir/model'
import { ASIDE } from './admission.ts'
import { reopened, storedForm } from './episode.ts'
import { wakeLater } from './expire.ts'
import { hold, memberOf, newGroup, newHeld } from './group.ts'
import type { Journal } from './journal.ts'
import { valuesOf } from './key.ts'
import type { Live } from './live.ts'
import type { Packer } from './packer.ts'
import { redraw } from './redraw.ts'
import type { Sightings } from './sightings.ts'
import type { Group, OpenEpisode, Table } from './state.ts'

/**
 * Puts back what a store kept; the order of the episodes is the order of their first commits. What belongs to a rule
 * that is no more, or that now means something else, is let go: its episodes close, its loose members are forgotten.
 */
export function restore(
  state: CorrelationState,
  tables: ReadonlyMap<string, Table>,
  journal: Journal,
  packer: Packer,
  order: () => number,
  live: () => Live,
  sightingsOf: (table: Table) => Sightings | undefined,
): void {
  const closed: Episode[] = []
  const open = new Map<string, OpenEpisode>()
  for (const stored of state.episodes) {
    if (stored.status !== 'open') continue
    const table = tableOf(stored, tables)
    if (table === undefined) closed.push({ ...stored, status: 'closed' })
    else open.set(stored.id, reopened(groupOf(table, stored.groupKey, stored.group), stored, order()))
  }
  const orphans = new Orphans(tables)
  for (const member of state.members) if (!putBack(member, tables, open, packer)) orphans.add(member)
  closed.push(...drawAll(tables, open, live))
  for (const episode of open.values()) if (episode.status === 'open') journal.found(episode)
  const sightings = state.sightings.flatMap((stored) => {
    const known = tableOf(stored, tables)
    const into = known && sightingsOf(known)
    into?.restore(stored)
    return into === undefined ? [{ ...stored, runs: [] }] : []
  })
  journal.orphans({ episodes: closed, groups: orphans.groups, sightings })
}

function tableOf(
  stored: { readonly correlation: string; readonly ruleHash: string },
  tables: ReadonlyMap<string, Table>,
): Table | undefined {
  const table = tables.get(stored.correlation)
  return table?.rule.hash === stored.ruleHash ? table : undefined
}

function groupOf(table: Table, key: string, values: Group['values']): Group {
  const group = table.groups.get(key) ?? newGroup(table, key, values)
  table.groups.set(key, group)
  return group
}

/** False when the member is to be forgotten; one that an alert still lists stays with it. */
function putBack(
  member: KeptMember,
  tables: ReadonlyMap<string, Table>,
  open: ReadonlyMap<string, OpenEpisode>,
  packer: Packer,
): boolean {
  const table = tableOf(member, tables)
  if (table === undefined) return member.episode !== undefined
  const episode = member.episode === undefined ? undefined : open.get(member.episode)
  if (member.episode !== undefined && episode === undefined) return true
  const home = member.groupKey.endsWith(ASIDE) ? table.aside : table
  if (home === undefined) return false
  const known = home.groups.get(member.groupKey)
  if (known === undefined && packer.putBack(home, member)) return true
  const group = known ?? groupOf(home, member.groupKey, valuesOf(table.correlation, member.groupKey))
  if (memberOf(group, member.identity, member.baseRule) !== undefined) return true
  const held = newHeld(group, member.match, member.value)
  held.stored = true
  held.episode = episode
  hold(group, held)
  return true
}

/** The groups of members that are to be forgotten; a store gives the members of a group one after another. */
class Orphans {
  readonly groups: PassedGroup[] = []
  /** A rule under another name has the same key for the same member, which may be in use again. */
  readonly #hashes: ReadonlySet<string>

  constructor(tables: ReadonlyMap<string, Table>) {
    this.#hashes = new Set(Array.from(tables.values(), (table) => table.rule.hash))
  }

  add({ ruleHash, groupKey }: KeptMember): void {
    const last = this.groups.at(-1)
    if (this.#hashes.has(ruleHash) || (last?.ruleHash === ruleHash && last.groupKey === groupKey)) return
    this.groups.push({ ruleHash, groupKey, before: Number.POSITIVE_INFINITY })
  }
}

/** Draws every group; episodes of which no member came back are over. */
function drawAll(
  tables: ReadonlyMap<string, Table>,
  open: Map<string, OpenEpisode>,
  live: () => Live,
): Episode[] {
  const closed: Episode[] = []
  for (const table of [...tables.values()].flatMap((each) => [each, each.aside ?? []].flat())) {
    for (const group of table.groups.values()) {
      redraw(group, live(), '')
      wakeLater(group)
    }
  }
  for (const [id, episode] of open) {
    if (episode.status !== 'open' || episode.group.cores.some((core) => core.episode === episode)) continue
    closed.push({ ...storedForm(episode), status: 'closed' })
    open.delete(id)
  }
  return closed
}
