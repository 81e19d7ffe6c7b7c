import type { StoredSightings } from '@weir/model'
import type { Table } from './state.ts'
import { Wakes } from './wakes.ts'

/** Whether a time is the first of its run now, and which time was and no longer is. */
export interface Seen {
  readonly isFirst: boolean
  readonly displaced?: number
  /** The runs are not what they were. */
  readonly changed: boolean
}

/**
 * Runs that one term keeps; a sighting that would begin a further one prolongs the run before it, so that what lies
 * between counts as seen. That errs towards fewer alerts.
 */
const RUNS_PER_TERM_MAX = 1_000

/** Stands between a group's key and a term, which as JSON hold none. */
const BREAK = '\n'
/** Rows of the rule itself: no group has an empty key. */
const LEFT_OUT = `${BREAK}left out`
const LEARNING = `${BREAK}learning`

/**
 * When the terms of each group were seen. Sightings no farther apart than the timespan are one run, of which the first
 * and the last say all: whatever comes within a timespan after a run's times was seen before, and whatever comes within
 * a timespan before them is seen again. So a term takes two numbers, however often it is seen.
 */
export class Sightings {
  readonly #table: Table
  readonly #termsMax: number
  /** First and last of each run, by time. */
  readonly #runs = new Map<string, number[]>()
  readonly #wakes = new Wakes<string>()
  readonly #changed = new Set<string>()

  constructor(table: Table, termsMax: number) {
    this.#table = table
    this.#termsMax = termsMax
  }

  get size(): number {
    return this.#runs.size - Number(this.#runs.has(LEFT_OUT)) - Number(this.#runs.has(LEARNING))
  }

  /** Since when the rule has seen anything; `undefined` before that. */
  get since(): number | undefined {
    return this.#runs.get(LEARNING)?.[0]
  }

  set since(time: number) {
    this.#runs.set(LEARNING, [time, time])
    this.#changed.add(LEARNING)
  }

  /** `undefined` when there is no room for a further term. */
  see(group: string, term: string, time: number): Seen | undefined {
    const key = `${group}${BREAK}${term}`
    if (this.size >= this.#termsMax && !this.#runs.has(key)) return undefined
    return this.#see(key, time)
  }

  /** Something was seen at a time that nobody remembers. */
  leaveOut(time: number): void {
    this.#see(LEFT_OUT, time)
  }

  /** Whether something that was left out lies in the timespan before a time, or at it. */
  mayHaveBeenSeen(time: number): boolean {
    return this.#isNear(LEFT_OUT, time - this.#table.timespanMs)
  }

  /** Whether the term, or something that was left out, was seen at a time or within a timespan after it. */
  isSeenFrom(group: string, term: string, time: number): boolean {
    return this.#isNear(`${group}${BREAK}${term}`, time) || this.#isNear(LEFT_OUT, time)
  }

  /** Forgets the runs that nothing can be near to any more. */
  expire(): void {
    const { watermark } = this.#table
    for (let next = this.#wakes.popBefore(watermark); next; next = this.#wakes.popBefore(watermark))
      this.#expire(next.thing, watermark)
  }

  restore({ groupKey, term, runs }: StoredSightings): void {
    const key = `${groupKey}${BREAK}${term}`
    this.#runs.set(key, [...runs])
    if (key !== LEARNING) this.#wake(key, runs)
  }

  /** Terms whose runs changed since the last take; one without runs is forgotten. */
  take(): StoredSightings[] {
    const { id, hash } = this.#table.rule
    const taken = [...this.#changed].map((key) => {
      const cut = key.indexOf(BREAK)
      const runs = [...(this.#runs.get(key) ?? [])]
      return { correlation: id, ruleHash: hash, groupKey: key.slice(0, cut), term: key.slice(cut + 1), runs }
    })
    this.#changed.clear()
    return taken
  }

  #see(key: string, time: number): Seen {
    const runs = this.#runs.get(key)
    if (runs === undefined) {
      this.#runs.set(key, [time, time])
      this.#changed.add(key)
      this.#wake(key, [time, time])
      return { isFirst: true, changed: true }
    }
    const seen = place(runs, time, this.#table.timespanMs)
    if (seen.changed) this.#changed.add(key)
    return seen
  }

  #isNear(key: string, from: number): boolean {
    const runs = this.#runs.get(key) ?? []
    const to = from + this.#table.timespanMs
    for (let i = 0; i < runs.length; i += 2)
      if ((runs[i] as number) <= to && (runs[i + 1] as number) >= from) return true
    return false
  }

  #wake(key: string, runs: readonly number[]): void {
    this.#wakes.push((runs[1] as number) + this.#table.timespanMs, key)
  }

  #expire(key: string, watermark: number): void {
    const runs = this.#runs.get(key)
    if (runs === undefined) return
    const kept = runs.findIndex((time, i) => i % 2 === 1 && time + this.#table.timespanMs >= watermark)
    if (kept !== 1) this.#changed.add(key)
    if (kept === -1) this.#runs.delete(key)
    else {
      runs.splice(0, kept - 1)
      this.#wake(key, runs)
    }
  }
}

/** Puts a time into the runs of a term. */
function place(runs: number[], time: number, spanMs: number): Seen {
  let i = 0
  while (i < runs.length && (runs[i + 1] as number) + spanMs < time) i += 2
  const first = runs[i]
  if (first === undefined || first - spanMs > time) return begin(runs, i, time)
  if (time === first) return { isFirst: true, changed: false }
  if (time < first) {
    runs[i] = time
    return { isFirst: true, displaced: first, changed: true }
  }
  return prolong(runs, i, time, spanMs)
}

function begin(runs: number[], i: number, time: number): Seen {
  if (runs.length < 2 * RUNS_PER_TERM_MAX) {
    runs.splice(i, 0, time, time)
    return { isFirst: true, changed: true }
  }
  if (i > 0) runs[i - 1] = time
  return { isFirst: false, changed: i > 0 }
}

/** A run that grows may reach the next one, which then begins nothing any more. */
function prolong(runs: number[], i: number, time: number, spanMs: number): Seen {
  if (time <= (runs[i + 1] as number)) return { isFirst: false, changed: false }
  runs[i + 1] = time
  const next = runs[i + 2]
  if (next === undefined || next - spanMs > time) return { isFirst: false, changed: true }
  runs.splice(i + 1, 2)
  return { isFirst: false, displaced: next, changed: true }
}
