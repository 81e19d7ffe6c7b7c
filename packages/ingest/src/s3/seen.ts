import { createHash } from 'node:crypto'
import { DAY_MS } from '../durations.ts'
import type { S3Object } from './notice.ts'

/** An object by which another of the same name is told apart: 96 bits of a hash of bucket, key and ETag. */
export type ObjectId = string

export function idOf({ bucket, key }: S3Object, etag: string): ObjectId {
  return createHash('sha256').update(`${bucket}\n${key}\n${etag}`).digest('base64url').slice(0, ID_CHARS)
}

const ID_CHARS = 16
/** Ids in one cursor: each object rewrites the last one, so it stays short; many in one keep the rows few. */
const IDS_PER_CURSOR = 64
const PREFIX = 'seen/'

/** Key and value of a cursor; an empty value removes it. */
export interface Entry {
  readonly key: string
  readonly value: string
}

/**
 * The objects that were read, by the day on which they were: in cursors `seen/<day>/<n>`, each with up to 64 ids one
 * behind the other.
 */
export class Seen {
  readonly #days = new Map<number, Day>()
  #size = 0

  constructor(cursors: ReadonlyMap<string, string>) {
    for (const [key, value] of cursors) {
      const place = /^seen\/(\d+)\/(\d+)$/.exec(key)
      if (place === null || value === '') continue
      for (let at = 0; at < value.length; at += ID_CHARS) {
        this.#put(Number(place[1]), Number(place[2]), value.slice(at, at + ID_CHARS))
      }
    }
  }

  get size(): number {
    return this.#size
  }

  has(id: ObjectId): boolean {
    for (const { ids } of this.#days.values()) if (ids.has(id)) return true
    return false
  }

  /** Remembers an object; the cursor that says so holds for all that were added before, too. */
  add(id: ObjectId, now: number): Entry {
    const day = Math.floor(now / DAY_MS)
    const last = this.#days.get(day)?.last ?? 0
    const full = (this.#days.get(day)?.lastIds.length ?? 0) >= IDS_PER_CURSOR
    const { lastIds } = this.#put(day, full ? last + 1 : last, id)
    return { key: `${PREFIX}${day}/${full ? last + 1 : last}`, value: lastIds.join('') }
  }

  /** Forgets the days before a time; what of the cursors goes. */
  forget(before: number): Entry[] {
    return [...this.#days.keys()]
      .filter((day) => (day + 1) * DAY_MS <= before)
      .flatMap((day) => this.#drop(day))
  }

  /** Forgets the oldest day, but never the only one. */
  forgetOldest(): { readonly day: number; readonly entries: readonly Entry[] } {
    const day = Math.min(...this.#days.keys())
    return { day, entries: this.#days.size < 2 ? [] : this.#drop(day) }
  }

  #put(number: number, cursor: number, id: ObjectId): Day {
    let day = this.#days.get(number)
    if (day === undefined) {
      day = { ids: new Set(), last: 0, lastIds: [] }
      this.#days.set(number, day)
    }
    if (!day.ids.has(id)) this.#size++
    day.ids.add(id)
    if (cursor > day.last) {
      day.last = cursor
      day.lastIds = []
    }
    if (cursor === day.last) day.lastIds.push(id)
    return day
  }

  #drop(number: number): Entry[] {
    const day = this.#days.get(number)!
    this.#days.delete(number)
    this.#size -= day.ids.size
    return Array.from({ length: day.last + 1 }, (_, n) => ({ key: `${PREFIX}${number}/${n}`, value: '' }))
  }
}

interface Day {
  readonly ids: Set<ObjectId>
  /** Number of the cursor that grows, and what it holds. */
  last: number
  lastIds: ObjectId[]
}
