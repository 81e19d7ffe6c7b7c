import type { FeedStore, LinkCount, LinkDay } from '@weir/model'
import { type Clock, messageOf, type Report } from '@weir/runtime'

/** Time between two marks in the store; a crash forgets at most the bytes of one such step. */
const STEP_MS = 5000

/** What is counted of a day and caller. */
export type Counted = Omit<LinkCount, 'day' | 'caller'>

interface Parts {
  readonly store: Pick<FeedStore, 'addLink' | 'linkDays'>
  readonly clock: Clock
  readonly report: Report
}

/** Counts by day (UTC) and caller: those of the store, and what it has not been told of yet. */
export class DayCounts {
  readonly #parts: Parts
  #unmarked = new Map<string, LinkCount>()
  #markedAt = Number.NEGATIVE_INFINITY

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Adds to what a caller has today. */
  add(caller: string, more: Partial<Counted>): void {
    this.#plus({ day: dayOf(this.#parts.clock.now()), caller }, more)
  }

  /** The days from `from` to `to`, both included, in order. */
  async between(from: string, to: string): Promise<readonly LinkDay[]> {
    const days = new Map((await this.#parts.store.linkDays(from, to)).map((each) => [rowOf(each), each]))
    for (const [row, each] of this.#unmarked) {
      const known = days.get(row)
      if (each.day >= from && each.day <= to) days.set(row, known === undefined ? each : plus(known, each))
    }
    return [...days.values()].sort((a, b) => (rowOf(a) < rowOf(b) ? -1 : 1))
  }

  /** Tells the store, when the last step is long enough ago. */
  async step(): Promise<void> {
    if (this.#parts.clock.now() - this.#markedAt >= STEP_MS) await this.mark()
  }

  /** Tells the store. One that cannot write holds nobody up: it is told the next time. */
  async mark(): Promise<void> {
    this.#markedAt = this.#parts.clock.now()
    const counts = [...this.#unmarked.values()]
    if (counts.length === 0) return
    this.#unmarked = new Map()
    try {
      await this.#parts.store.addLink(counts)
    } catch (error) {
      for (const each of counts) this.#plus(each, each)
      this.#parts.report.event('warn', 'link_mark_failed', { error: messageOf(error) })
    }
  }

  #plus({ day, caller }: Pick<LinkCount, 'day' | 'caller'>, more: Partial<Counted>): void {
    const row = rowOf({ day, caller })
    this.#unmarked.set(row, plus(this.#unmarked.get(row) ?? { ...NOTHING, day, caller }, more))
  }
}

/** The day of a time, in UTC. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}

const NOTHING: Counted = {
  received: 0,
  sent: 0,
  feedBytes: 0,
  feedPackedBytes: 0,
  evidenceBytes: 0,
  breaks: 0,
}

function plus<T extends Counted>(known: T, more: Partial<Counted>): T {
  const sums = Object.keys(NOTHING) as (keyof Counted)[]
  return { ...known, ...Object.fromEntries(sums.map((each) => [each, known[each] + (more[each] ?? 0)])) }
}

function rowOf({ day, caller }: Pick<LinkCount, 'day' | 'caller'>): string {
  return `${day} ${caller}`
}
