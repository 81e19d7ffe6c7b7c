import { indexAt } from './group.ts'
import type { DistinctTail, Group, Held } from './state.ts'
import { changesNothing, reachedBy, type Window } from './window.ts'

/** Up to here counting anew is quicker than keeping a window. */
const COUNTED_MEMBERS_MAX = 16

/** Windows that are satisfied and hold the member just put at `index`; enough of them to draw its core. */
export function distinctWindows(group: Group, index: number): Window[] {
  const { held } = group
  const one = held[index] as Held
  if (one.time === (held.at(-1) as Held).time) return windowAtEnd(group, one)
  keepCount(group, one)
  if (changesNothing(group, one.time)) return []
  const windows = isFarFrom(group, one.time) ? [] : windowsAround(group, index)
  const reached = reachedBy(group, one.time)
  if (reached !== undefined) windows.push(reached)
  return windows
}

/** Every satisfied window of a group, by right end. */
export function allDistinctWindows(group: Group): Window[] {
  return sweep(group, 0, Number.POSITIVE_INFINITY, () => true)
}

function windowAtEnd(group: Group, one: Held): Window[] {
  const { held, table } = group
  if (table.threshold === 1 || held.length <= COUNTED_MEMBERS_MAX) return countAtEnd(group, one)
  const tail = group.tail === undefined ? fillTail(group) : slide(group, group.tail, one)
  if (tail.counts.size < table.threshold) return []
  return [{ first: (held[tail.left] as Held).time, right: one.time }]
}

function countAtEnd(group: Group, one: Held): Window[] {
  const { held, table } = group
  group.tail = undefined
  if (held.length < table.threshold) return []
  const left = indexAt(held, one.time - table.timespanMs)
  const first = (held[left] as Held).time
  if (table.threshold > 1) {
    const values = new Set<string>()
    for (let i = left; i < held.length; i++) values.add((held[i] as Held).value)
    if (values.size < table.threshold) return []
  }
  return [{ first, right: one.time }]
}

function fillTail(group: Group): DistinctTail {
  const { held, table } = group
  const tail = { left: indexAt(held, (held.at(-1) as Held).time - table.timespanMs), counts: new Map() }
  for (let i = tail.left; i < held.length; i++) more(tail.counts, (held[i] as Held).value)
  group.tail = tail
  return tail
}

function slide(group: Group, tail: DistinctTail, one: Held): DistinctTail {
  more(tail.counts, one.value)
  const from = one.time - group.table.timespanMs
  for (; (group.held[tail.left] as Held).time < from; tail.left++)
    fewer(tail.counts, (group.held[tail.left] as Held).value)
  return tail
}

/** A late member changes the window at the end only when it lies inside. */
function keepCount(group: Group, one: Held): void {
  if (group.tail === undefined) return
  const from = (group.held.at(-1) as Held).time - group.table.timespanMs
  if (one.time >= from) more(group.tail.counts, one.value)
  else group.tail.left++
}

/**
 * True when all windows that could hold a late member have too few values even together: those of the window at the
 * end, and at most one more for each member between.
 */
function isFarFrom(group: Group, time: number): boolean {
  const { held, table } = group
  const from = indexAt(held, time - table.timespanMs)
  if (held.length - from < table.threshold) return true
  if (held.length <= COUNTED_MEMBERS_MAX) return false
  const tail = group.tail ?? fillTail(group)
  return tail.counts.size + Math.max(0, tail.left - from) < table.threshold
}

/**
 * A late member makes a window satisfied only where its value was missing: right ends beyond the reach of the same
 * value before it and short of the same value after it. The window that ends at the member itself is new; where its
 * value was there before, it is satisfied only if the one that ends at the member before it was.
 */
function windowsAround(group: Group, index: number): Window[] {
  const { time, value } = group.held[index] as Held
  const span = group.table.timespanMs
  const beyond = sameBefore(group, index, value, time - span) + span
  const short = sameAfter(group, index, value, time + span)
  if (short <= beyond && group.held[index - 1]?.episode === undefined) return []
  const wanted = (right: number): boolean =>
    right === time || (right > time && right > beyond && right < short)
  return sweep(group, indexAt(group.held, time - span), time + span, wanted)
}

function sameBefore(group: Group, index: number, value: string, from: number): number {
  for (let i = index - 1; i >= 0 && (group.held[i] as Held).time >= from; i--)
    if ((group.held[i] as Held).value === value) return (group.held[i] as Held).time
  return Number.NEGATIVE_INFINITY
}

function sameAfter(group: Group, index: number, value: string, to: number): number {
  for (let i = index + 1; i < group.held.length && (group.held[i] as Held).time <= to; i++)
    if ((group.held[i] as Held).value === value) return (group.held[i] as Held).time
  return Number.POSITIVE_INFINITY
}

function sweep(group: Group, from: number, to: number, wanted: (right: number) => boolean): Window[] {
  const { held, table } = group
  const windows: Window[] = []
  const counts = new Map<string, number>()
  let left = from
  for (let i = from; i < held.length && (held[i] as Held).time <= to; i++) {
    const right = (held[i] as Held).time
    more(counts, (held[i] as Held).value)
    if (held[i + 1]?.time === right) continue
    for (; (held[left] as Held).time < right - table.timespanMs; left++)
      fewer(counts, (held[left] as Held).value)
    if (counts.size >= table.threshold && wanted(right))
      windows.push({ first: (held[left] as Held).time, right })
  }
  return windows
}

function more(counts: Map<string, number>, value: string): void {
  counts.set(value, (counts.get(value) ?? 0) + 1)
}

function fewer(counts: Map<string, number>, value: string): void {
  const count = counts.get(value) as number
  if (count === 1) counts.delete(value)
  else counts.set(value, count - 1)
}
