import type { Dataset, Event } from '@weir/model'
import { stepsOf } from '../rule/json-path.ts'
import { EVERY_EVENT, RECORD } from '../rule/vocabulary.ts'
import { readerOf } from './slots.ts'
import { isInherited } from './walk.ts'

/** Where a fact's value comes from: facts that are made of one value of the event are answered by one look at it. */
export interface Source {
  /** Equal for facts that are made of one value. */
  readonly key: string
  readonly raw: (event: Event) => unknown
  /** The fact and path: equal sources of one key make the same of the value. */
  readonly name: string
  /** What the fact is, by the raw value alone; absent where it is that value. */
  readonly of?: (raw: unknown) => unknown
}

/** The sources of a dataset's facts, each made once. */
export class Sources {
  readonly #dataset: Dataset
  readonly #known = new Map<string, Source>()

  constructor(dataset: Dataset) {
    this.#dataset = dataset
  }

  /** `undefined` for a path that only the library can follow. */
  of(fact: string, path: string | undefined): Source | undefined {
    const steps = path === undefined || path === '' ? [] : stepsOf(path)
    if (steps === undefined) return undefined
    const name = JSON.stringify([fact, ...steps])
    const source = this.#known.get(name) ?? sourceOf(this.#dataset, fact, steps, name)
    this.#known.set(name, source)
    return source
  }
}

function sourceOf(dataset: Dataset, fact: string, steps: readonly string[], name: string): Source {
  const made = steps.length === 0 ? dataset.fields.get(fact)?.made : undefined
  if (made === undefined || EVERY_EVENT.includes(fact))
    return { key: name, name, raw: readerOf(dataset, fact, steps) }
  const { path, from, of } = made
  const key = path?.every(stepsAlike) ? JSON.stringify([RECORD, ...path]) : `${name} before it is made`
  return { key, name, raw: (event) => from(event.record), of }
}

/** A key by which a rule's path and a dataset's step to the same: lists and texts have no such member. */
function stepsAlike(key: string): boolean {
  return !/^\d+$/.test(key) && !isInherited(key)
}
