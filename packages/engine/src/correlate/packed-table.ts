import { KeyIndex } from './key-index.ts'
import { PackedDue } from './packed-due.ts'
import { PACKED_MEMBERS_MAX, PackedRows } from './packed-rows.ts'
import { NONE, type Records } from './records.ts'
import type { TextHash } from './text-hash.ts'

/**
 * The groups of a counting rule that are far from an alert, which is nearly all of them. A row keeps of each member
 * no more than its time and a hash of its identity: enough to know when some window may be satisfied and when a match
 * may be a repeat. Whoever needs more gets the members from where they are kept.
 */
export class PackedTable {
  readonly #threshold: number
  readonly #timespanMs: number
  readonly #hash: TextHash
  readonly #rows: PackedRows
  readonly #index: KeyIndex
  readonly #due: PackedDue
  readonly #times = new Float64Array(PACKED_MEMBERS_MAX + 1)
  readonly #ids = new Int32Array(PACKED_MEMBERS_MAX + 1)
  #members = 0

  /** @param threshold members that some window of the timespan never reaches here. */
  constructor(threshold: number, timespanMs: number, hash: TextHash, blocks: Records) {
    this.#threshold = threshold
    this.#timespanMs = timespanMs
    this.#hash = hash
    this.#rows = new PackedRows(blocks)
    this.#index = new KeyIndex(this.#rows)
    this.#due = new PackedDue(this.#rows, timespanMs)
  }

  get groups(): number {
    return this.#index.size
  }

  get members(): number {
    return this.#members
  }

  /** The row of a group, or NONE. */
  find(key: string): number {
    const hash = this.#hash(key)
    let row = this.#index.first(hash)
    while (row !== NONE && (this.#rows.hashOf(row) !== hash || this.#rows.keyOf(row) !== key))
      row = this.#rows.nextOf(row)
    return row
  }

  countOf(row: number): number {
    return row === NONE ? 0 : this.#rows.countOf(row)
  }

  /** What stands for a member in a row; `base` is the place of its rule in the correlation. */
  idOf(identity: string, base: number): number {
    return this.#hash(identity) ^ base
  }

  /** True for every member that a row holds, and for very few others. */
  mayHold(row: number, id: number): boolean {
    return row !== NONE && this.#rows.has(row, id)
  }

  /**
   * Keeps a member. False, and nothing changed, when with it a window may be satisfied, or when a row cannot hold it:
   * the group is to be held whole.
   */
  put(row: number, key: string, time: number, id: number): boolean {
    const kept = row === NONE ? this.#begin(key, time, id) : this.#add(row, time, id)
    if (kept) this.#members++
    return kept
  }

  /** The group is held elsewhere from now on. */
  drop(row: number): void {
    this.#members -= this.#rows.countOf(row)
    this.#index.remove(row)
    this.#rows.clear(row)
  }

  /** Forgets members before a time, of up to so many groups; says the groups that had some. */
  forgetBefore(time: number, groupsMax: number, had: (key: string) => void): void {
    for (let n = 0; n < groupsMax; n++) {
      const row = this.#due.takeBefore(time)
      if (row === NONE) return
      if (this.#rows.countOf(row) === 0) this.#rows.give(row)
      else this.#shorten(row, time, had)
    }
  }

  #begin(key: string, time: number, id: number): boolean {
    const row = this.#rows.take(key, this.#hash(key), time, id)
    if (row === undefined) return false
    this.#index.add(row)
    this.#due.put(row, time)
    return true
  }

  #add(row: number, time: number, id: number): boolean {
    if (this.#rows.countOf(row) + 1 >= this.#threshold && this.#fills(row, time)) return false
    return this.#rows.add(row, time, id)
  }

  /** Whether the members about a time and one at that time are enough for a window, whatever their subjects. */
  #fills(row: number, time: number): boolean {
    const span = this.#timespanMs
    const all = this.#rows.read(row, this.#times, this.#ids)
    this.#times[all] = time
    const near = this.#times.subarray(0, all + 1).filter((each) => Math.abs(each - time) <= span)
    if (near.length < this.#threshold) return false
    near.sort()
    for (let first = 0, last = this.#threshold - 1; last < near.length; first++, last++)
      if ((near[last] as number) - (near[first] as number) <= span) return true
    return false
  }

  #shorten(row: number, from: number, had: (key: string) => void): void {
    const all = this.#rows.read(row, this.#times, this.#ids)
    let kept = 0
    let earliest = Number.POSITIVE_INFINITY
    for (let i = 0; i < all; i++) {
      const time = this.#times[i] as number
      if (time < from) continue
      this.#times[kept] = time
      this.#ids[kept++] = this.#ids[i] as number
      earliest = Math.min(earliest, time)
    }
    if (kept < all) had(this.#rows.keyOf(row))
    this.#members -= all - kept
    if (kept === 0) this.#end(row)
    else {
      if (kept < all) this.#rows.rewrite(row, this.#times, this.#ids, kept)
      this.#due.put(row, earliest)
    }
  }

  #end(row: number): void {
    this.#index.remove(row)
    this.#rows.clear(row)
    this.#rows.give(row)
  }
}
