import type { Event, JsonObject, JsonValue } from '@weir/model'
import { eventIdOf } from './identity.ts'

/** The event as a nested ECS document: `@timestamp`, `event.id`, `event.dataset` and every field that has a value. */
export function toEcs(event: Event): JsonObject {
  const document: JsonObject = { '@timestamp': new Date(event.time).toISOString() }
  for (const field of event.dataset.fields.values()) {
    const value = field.read(event.record)
    if (value !== undefined && value !== null) put(document, field.name.split('.'), value as JsonValue)
  }
  put(document, ['event', 'id'], eventIdOf(event))
  return document
}

function put(document: JsonObject, keys: readonly string[], value: JsonValue): void {
  let at = document
  for (const key of keys.slice(0, -1)) {
    at[key] ??= {}
    at = at[key] as JsonObject
  }
  at[keys.at(-1) as string] = value
}
