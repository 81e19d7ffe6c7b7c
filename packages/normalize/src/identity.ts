import { hash } from 'node:crypto'
import type { Dataset, Event, JsonObject, JsonValue } from '@weir/model'

/**
 * What makes two copies the same event: dataset, the provider's id and the columns that tell its states apart;
 * without an id a hash of the dataset's named columns. An event of a split record carries its index as well.
 */
export function identityOf(event: Event): string {
  const { dataset, record } = event
  const id = dataset.id(record)
  const own = id === undefined ? `${dataset.name}/${hashOf(event)}` : stateKey(dataset, record, id)
  return dataset.split === undefined ? own : `${own}/${event.part}`
}

/** What correlations count once: the provider's id where there is one, else the identity. */
export function subjectOf(event: Event): string {
  return eventIdOf(event)
}

/** The provider's id, verbatim, else the identity. */
export function eventIdOf(event: Event): string {
  return event.dataset.id(event.record) ?? identityOf(event)
}

/** By what an early repeat is known. */
export interface RepeatKey {
  readonly dataset: string
  readonly id: string
  readonly state: string
}

/** No provider's state looks like it, so that no id passes for a hash. */
const HASHED = '#'

/**
 * The key by which an early repeat is known, per record: dataset, provider's id and state, else a hash of the
 * record's bytes. The hash is a cryptographic one, cut to 64 bits: nobody who can write into a log can craft a
 * record that passes for one seen before.
 */
export function repeatKey(record: JsonObject, dataset: Dataset, bytesOf: () => Uint8Array): RepeatKey {
  const id = dataset.id(record)
  if (id !== undefined) return { dataset: dataset.name, id, state: dataset.state(record) }
  return { dataset: dataset.name, id: hash('sha256', bytesOf(), 'hex').slice(0, 16), state: HASHED }
}

function stateKey(dataset: Dataset, record: JsonObject, id: string): string {
  const state = dataset.state(record)
  return state === '' ? `${dataset.name}/${id}` : `${dataset.name}/${id}/${state}`
}

/** 128 bits over the columns; over the bytes where a record nests deeper than can be written out. */
function hashOf(event: Event): string {
  return hash('sha256', written(event), 'hex').slice(0, 32)
}

function written(event: Event): string | Uint8Array {
  try {
    return JSON.stringify(event.dataset.columns(event.record).map(sorted))
  } catch (cause) {
    if (cause instanceof RangeError) return event.origin.bytesOf(event.index)
    throw cause
  }
}

/** The same value whatever the order in which its members were written. */
function sorted(value: JsonValue | undefined): JsonValue {
  if (typeof value !== 'object' || value === null) return value ?? ''
  if (Array.isArray(value)) return value.map(sorted)
  const members = Object.keys(value)
    .sort()
    .map((key) => [key, sorted(value[key])] as const)
  return Object.fromEntries(members)
}
