import type { JsonObject, JsonValue } from './json.ts'
import type { Position } from './position.ts'

/** What an ECS field holds: a scalar, or a list of scalars; `undefined` when the record has nothing for it. */
export type FieldValue = string | number | boolean | null | readonly (string | number | boolean)[] | undefined

/** One ECS field of a dataset and how it is read from the provider's record. */
export interface Field {
  /** ECS name, dotted: `source.ip`. */
  readonly name: string
  readonly read: (record: JsonObject) => FieldValue
  /** Folded: lower case, hyphen for dash, no trailing full stop, single spaces. */
  readonly folded?: boolean
  /** Where one value alone decides what `read` gives: `read(record)` is `of(from(record))`. */
  readonly made?: Made
  /** Where in the provider's record it comes from, for docs/fields.md. */
  readonly from: string
}

/** How a field is made of one value of the record. */
export interface Made {
  /** The keys that lead to the value, where it stands in the record as it is. */
  readonly path?: readonly string[]
  readonly from: (record: JsonObject) => unknown
  readonly of: (value: unknown) => FieldValue
}

/** One record shape and how it becomes ECS: a table. */
export interface Dataset {
  /** ECS `event.dataset`: `azure.signinlogs`. */
  readonly name: string
  readonly fields: ReadonlyMap<string, Field>
  /** Event time, epoch milliseconds; `undefined` when the record has none that can be read. */
  readonly time: (record: JsonObject) => number | undefined
  /** The provider's id, verbatim; `undefined` when it gives none. */
  readonly id: (record: JsonObject) => string | undefined
  /** Tells the states of one provider id apart (an interrupted sign-in from the finished one); '' when there is one state. */
  readonly state: (record: JsonObject) => string
  /** The columns that stand for an id where the provider gives none; `undefined` entries are kept as empty. */
  readonly columns: (record: JsonObject) => readonly (JsonValue | undefined)[]
  /** How long after its time an event of this dataset may arrive and still count, milliseconds. */
  readonly latenessMs: number
  /** Splits one provider record into the records of its events (flow tuples); absent where one is one. */
  readonly split?: (record: JsonObject) => readonly JsonObject[]
}

/** What a record was cut from; shared by the events of one message. */
export interface Origin {
  readonly source: string
  readonly partition: string
  readonly at: string
  readonly arrival: number
  /** The bytes of the record at this index as the provider wrote them, decompressed. */
  bytesOf(index: number): Uint8Array
}

/** A normalized record: who, what, where, when through `dataset.fields`, and the provider's record itself. */
export interface Event {
  readonly dataset: Dataset
  readonly record: JsonObject
  /** Epoch milliseconds; the arrival where the record tells no time. */
  readonly time: number
  readonly origin: Origin
  /** Index of the provider's record within its message. */
  readonly index: number
  /** Index of this event within its record (a flow tuple); 0 where one record is one event. */
  readonly part: number
}

export function positionOf(event: Event): Position {
  const { source, partition, at } = event.origin
  return { source, partition, at, index: event.index }
}

/** The value of one ECS field of an event. */
export function fieldOf(event: Event, name: string): FieldValue {
  return event.dataset.fields.get(name)?.read(event.record)
}

/** Bytes that could not be read as a record; kept whole, with the place and the reason. */
export interface Quarantined {
  readonly position: Position
  readonly bytes: Uint8Array
  readonly reason: string
}
