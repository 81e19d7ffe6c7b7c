import { indexAfter, indexAt } from './group.ts'
import type { Group, Held } from './state.ts'
import { reachedBy, type Window } from './window.ts'

/**
 * temporal_ordered. For every moment, the last member at that time carries `starts`: for each number of steps, the
 * latest start of a chain of so many steps that ends by then (-Infinity when there is none). A window that ends there
 * is satisfied when the full chain's latest start lies inside. A longer chain is never worse than a shorter one, so
 * a moment needs only the one before it. Where fewer than all steps will do, each way to choose them has its starts.
 */
export function orderedWindows(group: Group, index: number): Window[] {
  const { held, table } = group
  const { time } = held[index] as Held
  const windows: Window[] = []
  for (let from = indexAt(held, time); from < held.length; ) {
    const at = (held[from] as Held).time
    if (at > time + table.timespanMs) break
    const to = indexAfter(held, at)
    const changed = settle(group, from, to)
    const window = windowAt(group, to - 1)
    if (window !== undefined) windows.push(window)
    if (!changed && at > time) break
    from = to
  }
  const reached = reachedBy(group, time)
  if (reached !== undefined) windows.push(reached)
  return windows
}

/** Every satisfied window of a group, by right end; settles all moments anew. */
export function allOrderedWindows(group: Group): Window[] {
  const windows: Window[] = []
  for (let from = 0; from < group.held.length; ) {
    const to = indexAfter(group.held, (group.held[from] as Held).time)
    settle(group, from, to)
    const window = windowAt(group, to - 1)
    if (window !== undefined) windows.push(window)
    from = to
  }
  return windows
}

function windowAt(group: Group, last: number): Window | undefined {
  const { held, table } = group
  const right = (held[last] as Held).time
  const from = right - table.timespanMs
  const isSatisfied = (held[last] as Held).starts?.some((starts) => (starts.at(-1) as number) >= from)
  return isSatisfied === true ? { first: (held[indexAt(held, from)] as Held).time, right } : undefined
}

/** Computes the moment made of the members from `from` up to `to`; true when its starts are not what they were. */
function settle(group: Group, from: number, to: number): boolean {
  const { held, table } = group
  const last = held[to - 1] as Held
  const had = last.starts
  const before = held[from - 1]?.starts
  last.starts = table.sequences.map((steps, i) =>
    startsAt(steps, before?.[i] ?? none(steps.length), held, from, to),
  )
  return had === undefined || !last.starts.every((starts, i) => isSame(starts, had[i] as readonly number[]))
}

function isSame(starts: readonly number[], others: readonly number[]): boolean {
  return starts.every((start, i) => start === others[i])
}

function none(steps: number): readonly number[] {
  return new Array<number>(steps).fill(Number.NEGATIVE_INFINITY)
}

function startsAt(
  steps: readonly string[],
  before: readonly number[],
  held: readonly Held[],
  from: number,
  to: number,
): readonly number[] {
  const { time } = held[from] as Held
  const candidates = candidatesOf(steps, held, from, to)
  return steps.map((_, last) => {
    let latest = before[last] as number
    for (let first = last; first >= 0; first--) {
      if (!canServe(candidates, first, last)) break
      latest = Math.max(latest, first === 0 ? time : (before[first - 1] as number))
    }
    return latest
  })
}

/** For each step the identities of this moment that can be it; more than there are steps are never needed. */
function candidatesOf(steps: readonly string[], held: readonly Held[], from: number, to: number): string[][] {
  const byRule = new Map<string, string[]>(steps.map((step) => [step, []]))
  for (let i = from; i < to; i++) {
    const { rule, identity } = (held[i] as Held).match
    const identities = byRule.get(rule)
    if (identities !== undefined && identities.length < steps.length) identities.push(identity)
  }
  return steps.map((step) => byRule.get(step) as string[])
}

/** Whether the steps from `first` to `last` can all happen at one moment, each by an identity of its own. */
function canServe(candidates: readonly string[][], first: number, last: number): boolean {
  const servedBy = new Map<string, number>()
  const serve = (step: number, tried: Set<string>): boolean => {
    for (const identity of candidates[step] as string[]) {
      if (tried.has(identity)) continue
      tried.add(identity)
      const other = servedBy.get(identity)
      if (other !== undefined && !serve(other, tried)) continue
      servedBy.set(identity, step)
      return true
    }
    return false
  }
  for (let step = first; step <= last; step++) if (!serve(step, new Set())) return false
  return true
}

/** Every way to take so many of the steps, in their order. */
export function sequencesOf(steps: readonly string[], length: number): readonly (readonly string[])[] {
  if (length >= steps.length) return [steps]
  if (length === 0) return [[]]
  const [step, ...rest] = steps as readonly [string, ...string[]]
  const withIt = sequencesOf(rest, length - 1).map((others) => [step, ...others])
  return [...withIt, ...sequencesOf(rest, length)]
}
