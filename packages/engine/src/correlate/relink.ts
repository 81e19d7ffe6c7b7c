import type { Match } from '@weir/model'
import { keyIn } from './admission.ts'
import { linksOf } from './chain.ts'
import type { Change } from './change.ts'
import { heirOf } from './change.ts'
import { wakeLater } from './expire.ts'
import { hold, newHeld, release } from './group.ts'
import type { JudgePorts } from './judge.ts'
import { countedOf, groupOf } from './key.ts'
import { redraw } from './redraw.ts'
import type { Group, Held, Table } from './state.ts'

/**
 * The members of a table that stand for episodes which moved or are no more go, and what became of them comes. What
 * takes its place at the same time stays in its episode: behind the watermark an episode only ever changes its name.
 * Answers, of `moved`, what has no member here yet.
 */
export function relink(
  table: Table,
  base: Group,
  change: Change,
  moved: readonly Match[],
  ports: JudgePorts,
  now: number,
): Match[] {
  const rule = base.table.rule.id
  const at = keyIn(table, groupOf(table.correlation, { rule, fields: base.values as Match['fields'] }))
  const ids = new Set([...change.moved, ...change.lost].map((episode) => episode.id))
  const links = at === undefined ? [] : linksOf(table, at.key, rule, ids)
  const group = at === undefined ? undefined : table.groups.get(at.key)
  if (group === undefined || links.length === 0) return [...moved]
  const fresh = moved.filter((match) => placeFor(match, links, table) === undefined)
  const into = moved.flatMap((match) => {
    const place = placeFor(match, links, table)
    return place === undefined ? [] : [successor(group, match, place)]
  })
  replace(group, links, into, heirOf(change), ports, now)
  return fresh
}

/** The member whose place a match takes. A term that moved is looked at anew, so there only the time tells. */
function placeFor(match: Match, links: readonly Held[], table: Table): Held | undefined {
  const same = links.find((link) => link.time === match.time)
  if (same !== undefined || table.manner === 'new_terms') return same
  return links.find((link) => link.match.identity === match.identity)
}

function successor(group: Group, match: Match, place: Held): Held {
  const held = newHeld(group, match, countedOf(group.table.correlation, match) ?? place.value)
  held.episode = place.time === match.time ? place.episode : undefined
  return held
}

function replace(
  group: Group,
  out: readonly Held[],
  into: readonly Held[],
  heir: string,
  ports: JudgePorts,
  now: number,
): void {
  release(group, new Set(out))
  for (const held of into) hold(group, held)
  ports.journal.replaced(out, into)
  if (out.some((held) => held.episode !== undefined)) {
    const live = ports.live(now)
    redraw(group, live, heir)
    ports.propagate(group, live.change, now)
  }
  wakeLater(group)
}
