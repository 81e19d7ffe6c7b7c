import { type Event, fieldOf } from '@weir/model'
import { RECORD } from '../rule/vocabulary.ts'

/** Reads one fact of an event; `undefined` for what its dataset does not have. */
export function factOf(event: Event, name: string): unknown {
  switch (name) {
    case RECORD:
      return event.record
    case 'event.dataset':
      return event.dataset.name
    case '@timestamp':
      return isoTime(event.time)
    default:
      return fieldOf(event, name)
  }
}

/** Milliseconds from 1970 that a date can hold. */
const dateMsMax = 8.64e15

function isoTime(time: number): string | undefined {
  return Math.abs(time) <= dateMsMax ? new Date(time).toISOString() : undefined
}

/** Every fact that conditions name, also in values. */
export function factsIn(conditions: unknown, names = new Set<string>()): ReadonlySet<string> {
  if (Array.isArray(conditions)) for (const each of conditions) factsIn(each, names)
  else if (typeof conditions === 'object' && conditions !== null) {
    const { fact } = conditions as { fact?: unknown }
    if (typeof fact === 'string') names.add(fact)
    for (const each of Object.values(conditions)) factsIn(each, names)
  }
  return names
}
