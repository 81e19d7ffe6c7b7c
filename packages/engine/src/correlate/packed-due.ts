import type { PackedRows } from './packed-rows.ts'
import { NONE } from './records.ts'
import { Wakes } from './wakes.ts'

/** Rows are looked at again together, in steps of this part of the timespan: members are forgotten so much later. */
const STEPS = 32

/** Rows in lists by the time of a member, so that a watermark finds those of which something is over. */
export class PackedDue {
  readonly #rows: PackedRows
  readonly #stepMs: number
  /** First row of each step's list. */
  readonly #lists = new Map<number, number>()
  readonly #wakes = new Wakes<number>()
  /** What is left of the list at hand. */
  #next = NONE

  constructor(rows: PackedRows, timespanMs: number) {
    this.#rows = rows
    this.#stepMs = Math.max(1, Math.ceil(timespanMs / STEPS))
  }

  put(row: number, time: number): void {
    const step = Math.floor(time / this.#stepMs)
    const first = this.#lists.get(step)
    if (first === undefined) this.#wakes.push((step + 1) * this.#stepMs - 1, step)
    this.#rows.setLater(row, first ?? NONE)
    this.#lists.set(step, row)
  }

  /** Takes out a row whose time lies before another, or answers NONE. */
  takeBefore(time: number): number {
    while (this.#next === NONE) {
      const step = this.#wakes.popBefore(time)?.thing
      if (step === undefined) return NONE
      this.#next = this.#lists.get(step) as number
      this.#lists.delete(step)
    }
    const row = this.#next
    this.#next = this.#rows.laterOf(row)
    return row
  }
}
