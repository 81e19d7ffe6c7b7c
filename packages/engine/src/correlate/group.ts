import type { Match } from '@weir/model'
import type { Core, DistinctTail, Group, Held, Table } from './state.ts'

/** Up to here a look through all members is quicker than a map. */
const SCANNED_MEMBERS_MAX = 16

export function newGroup(table: Table, key: string, values: Readonly<Record<string, unknown>>): Group {
  return {
    table,
    key,
    values,
    held: [],
    known: undefined,
    cores: [],
    tail: undefined,
    wakeAt: Number.POSITIVE_INFINITY,
  }
}

export function newHeld(group: Group, match: Match, value: string): Held {
  return {
    group,
    match,
    time: match.time,
    value,
    counted: true,
    episode: undefined,
    stored: false,
    starts: undefined,
  }
}

/** The members of an identity. */
function membersOf(group: Group, identity: string): readonly Held[] {
  if (group.known !== undefined) return group.known.get(identity) ?? []
  return group.held.filter((held) => held.match.identity === identity)
}

/** The member that a rule's match of an identity is; an event counts once, however often it comes. */
export function memberOf(group: Group, identity: string, rule: string): Held | undefined {
  if (group.known !== undefined) return group.known.get(identity)?.find((held) => held.match.rule === rule)
  for (const held of group.held) if (held.match.identity === identity && held.match.rule === rule) return held
  return undefined
}

/** Puts a member in its place and answers where that is. */
export function hold(group: Group, held: Held): number {
  const others = membersOf(group, held.match.identity)
  held.counted = !others.some((each) => each.counted)
  const index = placeOf(group.held, held)
  group.table.members++
  if (index === group.held.length) group.held.push(held)
  else group.held.splice(index, 0, held)
  know(group, held)
  return index
}

function know(group: Group, held: Held): void {
  if (group.known === undefined) {
    if (group.held.length <= SCANNED_MEMBERS_MAX) return
    group.known = new Map()
    for (const each of group.held) learn(group.known, each)
  } else learn(group.known, held)
}

function learn(known: Map<string, Held[]>, held: Held): void {
  const same = known.get(held.match.identity)
  if (same === undefined) known.set(held.match.identity, [held])
  else same.push(held)
}

/** Lets go of members, all at once. Another member of the same identity counts in the place of one that did. */
export function release(group: Group, gone: ReadonlySet<Held>): void {
  if (gone.size === 0) return
  const before = group.held
  group.held = before.filter((held) => !gone.has(held))
  group.table.members -= before.length - group.held.length
  group.tail = keepTail(group, before, gone)
  for (const held of gone) {
    const rest = membersOf(group, held.match.identity).filter((each) => !gone.has(each))
    if (rest.length === 0) group.known?.delete(held.match.identity)
    else group.known?.set(held.match.identity, rest)
    if (held.counted && rest[0] !== undefined) rest[0].counted = true
  }
}

/** The sliding window at the end stays when all that went lay before it. */
function keepTail(group: Group, before: readonly Held[], gone: ReadonlySet<Held>): DistinctTail | undefined {
  const { tail } = group
  if (tail === undefined) return undefined
  for (let i = tail.left; i < before.length; i++) if (gone.has(before[i] as Held)) return undefined
  tail.left -= gone.size
  return tail
}

function placeOf(held: readonly Held[], one: Held): number {
  const last = held.at(-1)
  if (last === undefined || compare(last, one) <= 0) return held.length
  let low = 0
  let high = held.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compare(held[middle] as Held, one) <= 0) low = middle + 1
    else high = middle
  }
  return low
}

function compare(a: Held, b: Held): number {
  if (a.time !== b.time) return a.time - b.time
  if (a.match.identity !== b.match.identity) return a.match.identity < b.match.identity ? -1 : 1
  if (a.match.rule === b.match.rule) return 0
  return a.match.rule < b.match.rule ? -1 : 1
}

/** Index of the first member at or after a time. */
export function indexAt(held: readonly Held[], time: number): number {
  let low = 0
  let high = held.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((held[middle] as Held).time < time) low = middle + 1
    else high = middle
  }
  return low
}

/** Index of the first member after a time. */
export function indexAfter(held: readonly Held[], time: number): number {
  const last = held.at(-1)
  if (last === undefined || last.time <= time) return held.length
  let low = 0
  let high = held.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((held[middle] as Held).time <= time) low = middle + 1
    else high = middle
  }
  return low
}

/** Index of the first core that does not end before a time. */
export function coreAt(cores: readonly Core[], time: number): number {
  let low = 0
  let high = cores.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((cores[middle] as Core).last < time) low = middle + 1
    else high = middle
  }
  return low
}
