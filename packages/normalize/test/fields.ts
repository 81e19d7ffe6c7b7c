import { type FieldValue, fieldOf } from '@weir/model'
import { expect } from 'vitest'
import { eventsFrom } from './corpus.ts'

export type Fields = Readonly<Record<string, FieldValue>>

/** What the only event of a record says in these fields. */
function fields(record: object, names: readonly string[]): Fields {
  const events = eventsFrom(record)
  expect(events).toHaveLength(1)
  return Object.fromEntries(names.map((name) => [name, fieldOf(events[0] as (typeof events)[number], name)]))
}

export function expectFields(record: object, expected: Fields): void {
  expect(fields(record, Object.keys(expected))).toEqual(expected)
}
