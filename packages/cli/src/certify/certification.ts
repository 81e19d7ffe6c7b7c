import { Comparison, LIBRARY_VERSION, type MatcherOptions, type RuleSet } from '@weir/engine'
import { type Dataset, type Event, type Position, positionOf, type RawMessage } from '@weir/model'
import { classify, DATASETS, eventIdOf, eventsOf, unwrap } from '@weir/normalize'
import { VERSION } from '../version.ts'
import type { Hashed } from './hashed.ts'

/** Differences that a certificate lists; those beyond it are only counted. */
const DIFFERENCES_LISTED_MAX = 1_000
/** Events compared at once: their hits are all that is held meanwhile. */
const EVENTS_AT_ONCE = 500

export interface CertifiedInput extends Hashed {
  readonly file: string
  /** False when reading broke off: what came before it was compared. */
  readonly complete: boolean
}

export interface ListedDifference {
  readonly rule: string
  readonly event_id: string
  readonly dataset: string
  readonly position: Position
  /** Who alone calls it a hit. */
  readonly hit_by: 'compiled' | 'library'
}

/** What was compared, with what, and what came out. */
export interface Certificate {
  readonly weir: string
  readonly json_rules_engine: string
  readonly node: string
  readonly made: string
  /** Hash of what each rule detects, by its id. */
  readonly rules: Readonly<Record<string, string>>
  /** Rules of which nothing was compared: no event of their datasets came, or they only correlate others. */
  readonly rules_not_compared: readonly string[]
  readonly inputs: readonly CertifiedInput[]
  readonly records: number
  readonly quarantined: number
  readonly events: number
  /** One event in so many was compared; 1 is all of them. */
  readonly sample: number
  readonly events_compared: number
  readonly pairs: number
  readonly hits: number
  readonly differences: number
  readonly differences_listed: readonly ListedDifference[]
}

/** Holds compiled and indexed matching against json-rules-engine on the records of messages. */
export class Certification {
  readonly #rules: RuleSet
  readonly #sample: number
  readonly #comparison: Comparison
  readonly #datasets = new Set<Dataset>()
  readonly #listed: ListedDifference[] = []
  #differences = 0
  #records = 0
  #quarantined = 0
  #events = 0

  constructor(rules: RuleSet, sample: number, matching?: MatcherOptions) {
    this.#rules = rules
    this.#sample = sample
    this.#comparison = new Comparison(rules, DATASETS, matching)
  }

  async add(input: string, message: RawMessage): Promise<void> {
    const events = this.#eventsOf(input, message)
    for (let at = 0; at < events.length; at += EVENTS_AT_ONCE)
      await this.#compare(events.slice(at, at + EVENTS_AT_ONCE))
  }

  certificate(inputs: readonly CertifiedInput[], node: string, made: number): Certificate {
    const { events: compared, pairs, hits } = this.#comparison
    return {
      weir: VERSION,
      json_rules_engine: LIBRARY_VERSION,
      node,
      made: new Date(made).toISOString(),
      rules: Object.fromEntries(this.#rules.rules.map(({ id, hash }) => [id, hash])),
      rules_not_compared: this.#rules.rules.filter((rule) => !this.#isSeen(rule)).map(({ id }) => id),
      inputs,
      records: this.#records,
      quarantined: this.#quarantined,
      events: this.#events,
      sample: this.#sample,
      events_compared: compared,
      pairs,
      hits,
      differences: this.#differences,
      differences_listed: this.#listed,
    }
  }

  #eventsOf(input: string, { at, arrival, bytes, dataset: hint }: RawMessage): readonly Event[] {
    const unwrapped = unwrap(bytes)
    const bytesOf = (index: number) => unwrapped.bytesOf(index)
    const origin = { source: 'certify', partition: input, at, arrival, bytesOf }
    const events: Event[] = []
    for (const [index, record] of unwrapped.records.entries())
      eventsOf(record, classify(record, hint), origin, index, events)
    this.#records += unwrapped.records.length
    this.#quarantined += unwrapped.quarantined.length
    return events.filter(() => this.#events++ % this.#sample === 0)
  }

  async #compare(events: readonly Event[]): Promise<void> {
    for (const { dataset } of events) this.#datasets.add(dataset)
    for (const { rule, event, hitBy } of await this.#comparison.compare(events)) {
      this.#differences++
      if (this.#listed.length >= DIFFERENCES_LISTED_MAX) continue
      this.#listed.push({
        rule: rule.id,
        event_id: eventIdOf(event),
        dataset: event.dataset.name,
        position: positionOf(event),
        hit_by: hitBy,
      })
    }
  }

  #isSeen({ conditions, datasets }: RuleSet['rules'][number]): boolean {
    const seen = [...this.#datasets].some(({ name }) => datasets.size === 0 || datasets.has(name))
    return conditions !== undefined && seen
  }
}
