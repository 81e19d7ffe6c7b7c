import type { JsonObject, JsonValue } from '@weir/model'

/** Members of a record by their path, in the provider's names. */
export type Overrides = Readonly<Record<string, JsonValue>>

/** A published rule, a record that it finds, and the same record changed so that it does not. */
export interface Probe {
  readonly rule: string
  readonly hit: JsonObject
  readonly miss: JsonObject
}

/** A record that says something, and then something else instead. */
export function probe(rule: string, record: JsonObject, says: Overrides, instead: Overrides): Probe {
  const hit = changed(record, says)
  return { rule, hit, miss: changed(hit, instead) }
}

/** The record with some members changed, each named by its path. */
export function changed(record: JsonObject, overrides: Overrides): JsonObject {
  const copy = structuredClone(record)
  for (const [path, value] of Object.entries(overrides)) {
    const keys = path.split('.')
    const last = keys.pop()!
    let inner = copy
    for (const key of keys) inner = inner[key] as JsonObject
    inner[last] = value
  }
  return copy
}
