import type { Event } from '@weir/model'
import { holds } from '../match/holds.ts'
import { type Read, Slots } from '../match/slots.ts'
import type { Leaf } from './conditions.ts'
import type { ImportedRule } from './rule-file.ts'

/** What one rule could see of the records that were shown. */
export interface Sight {
  /** Events of the rule's datasets. */
  readonly events: number
  /** Sigma fields of which no such event had any of the places. */
  readonly blind: readonly string[]
}

/** Watches which of the places that imported rules look at ever hold anything. */
export class Sightings {
  readonly #rules: readonly ImportedRule[]
  readonly #datasets = new Map<string, Watch>()

  constructor(rules: readonly ImportedRule[]) {
    this.#rules = rules
  }

  see(event: Event): void {
    const name = event.dataset.name
    let watch = this.#datasets.get(name)
    if (watch === undefined) {
      const rules = this.#rules.filter((rule) => rule.datasets.includes(name))
      watch = new Watch(
        new Slots(event.dataset),
        rules.flatMap((rule) => [...rule.reads.values()].flat()),
      )
      this.#datasets.set(name, watch)
    }
    watch.see(event)
  }

  of(rule: ImportedRule): Sight {
    const watches = rule.datasets.flatMap((name) => this.#datasets.get(name) ?? [])
    const sees = (leaf: Leaf) => watches.some((watch) => watch.has(leaf))
    return {
      events: watches.reduce((sum, watch) => sum + watch.events, 0),
      blind: [...rule.reads].filter(([, leaves]) => !leaves.some(sees)).map(([field]) => field),
    }
  }
}

class Watch {
  events = 0
  readonly #slots: Slots
  /** Places that held nothing so far. */
  readonly #waiting = new Map<string, Read>()

  constructor(slots: Slots, leaves: readonly Leaf[]) {
    this.#slots = slots
    for (const { fact, path } of leaves) {
      const place = slots.readOf(fact, path)
      if (place !== undefined) this.#waiting.set(place.key, place.read)
    }
  }

  see(event: Event): void {
    this.events++
    this.#slots.begin(event)
    for (const [key, read] of this.#waiting) if (holds(read())) this.#waiting.delete(key)
  }

  /** A place that only the library can follow is never said to be blind. */
  has({ fact, path }: Leaf): boolean {
    const place = this.#slots.readOf(fact, path)
    return place === undefined || !this.#waiting.has(place.key)
  }
}
