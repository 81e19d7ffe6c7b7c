import type { Dataset } from '@weir/model'

/** Facts that every event has, whatever its dataset. */
export const EVERY_EVENT: readonly string[] = ['@timestamp', 'event.dataset']

/** The fact that holds the provider's record. */
export const RECORD = 'record'

/** A value within the record as a field: `record.properties.appId`. A match carries it like any field of its dataset. */
const RECORD_FIELD = /^record(?:\.[A-Za-z0-9_-]+)+$/

/** Words that a message template may use beside fields. */
export const TEMPLATE_WORDS: readonly string[] = [
  'count',
  'distinct',
  'value',
  'first',
  'last',
  'duration',
  'severity',
  'rule.id',
  'rule.name',
]

/** What rules can name: the datasets and their fields. */
export class Vocabulary {
  readonly datasets: ReadonlyMap<string, Dataset>

  constructor(datasets: ReadonlyMap<string, Dataset>) {
    this.datasets = datasets
  }

  /** The datasets behind a gate; an empty gate is open to all. */
  behind(gate: ReadonlySet<string>): readonly Dataset[] {
    const all = [...this.datasets.values()]
    return gate.size === 0 ? all : all.filter((dataset) => gate.has(dataset.name))
  }

  /** True when events behind the gate can have the field. */
  hasField(gate: ReadonlySet<string>, name: string): boolean {
    return EVERY_EVENT.includes(name) || this.behind(gate).some((dataset) => dataset.fields.has(name))
  }

  /** True when a match of events behind the gate can carry the field. */
  carries(gate: ReadonlySet<string>, name: string): boolean {
    return RECORD_FIELD.test(name) || this.hasField(gate, name)
  }

  /** True when the field is folded wherever events behind the gate have it. */
  isFolded(gate: ReadonlySet<string>, name: string): boolean {
    const fields = this.behind(gate).flatMap((dataset) => dataset.fields.get(name) ?? [])
    return fields.length > 0 && fields.every((field) => field.folded === true)
  }

  /** Every field that events behind the gate can have. */
  fieldNames(gate: ReadonlySet<string>): ReadonlySet<string> {
    return new Set([...EVERY_EVENT, ...this.behind(gate).flatMap((dataset) => [...dataset.fields.keys()])])
  }
}
