import type { JsonObject } from '@weir/model'
import { changed, type Overrides } from './azure-shapes.ts'

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
