import type { Dataset, Event } from '@weir/model'
import { stepsOf } from '../rule/json-path.ts'
import { EVERY_EVENT, RECORD } from '../rule/vocabulary.ts'
import { factOf } from './facts.ts'
import { walkOf } from './walk.ts'

/** Gives the current event's value of one fact and path. */
export type Read = () => unknown

/** The values that a dataset's rules look at, each read at most once per event. */
export class Slots {
  readonly #dataset: Dataset
  readonly #reads = new Map<string, Read>()
  readonly #values: unknown[] = []
  readonly #readAt: number[] = []
  #event: Event | undefined
  #turn = 0

  constructor(dataset: Dataset) {
    this.#dataset = dataset
  }

  /** The event that every read refers to from now on. */
  begin(event: Event): void {
    this.#event = event
    this.#turn++
  }

  /** `undefined` for a path that only the library can follow. */
  readOf(fact: string, path: string | undefined): { readonly key: string; readonly read: Read } | undefined {
    const steps = path === undefined || path === '' ? [] : stepsOf(path)
    if (steps === undefined) return undefined
    const key = JSON.stringify([fact, ...steps])
    let read = this.#reads.get(key)
    if (read === undefined) {
      read = this.#slot(readerOf(this.#dataset, fact, steps))
      this.#reads.set(key, read)
    }
    return { key, read }
  }

  #slot(reader: (event: Event) => unknown): Read {
    const slot = this.#values.push(undefined) - 1
    this.#readAt.push(0)
    const values = this.#values
    const readAt = this.#readAt
    return () => {
      if (readAt[slot] === this.#turn) return values[slot]
      const value = reader(this.#event!)
      values[slot] = value
      readAt[slot] = this.#turn
      return value
    }
  }
}

/** Reads the value of a fact and of a path that steps down from it. */
export function readerOf(
  dataset: Dataset,
  fact: string,
  steps: readonly string[],
): (event: Event) => unknown {
  const walk = walkOf(steps)
  if (fact === RECORD) return (event) => walk(event.record)
  const field = EVERY_EVENT.includes(fact) ? undefined : dataset.fields.get(fact)
  if (steps.length === 0 && field !== undefined) return (event) => field.read(event.record)
  if (steps.length === 0) return (event) => factOf(event, fact)
  return (event) => {
    const value = factOf(event, fact)
    // The library follows a path only into objects and lists, and gives anything else as it is.
    return typeof value === 'object' && value !== null ? walk(value) : value
  }
}
