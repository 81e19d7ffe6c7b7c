import type { Dataset, Field, JsonObject, JsonValue } from '@weir/model'
import { constant, derived, type Row } from './read.ts'

export const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS

/** A dataset as its file writes it. */
export interface Table {
  readonly name: string
  readonly latenessMs: number
  readonly time: (record: JsonObject) => number | undefined
  readonly id?: (record: JsonObject) => string | undefined
  readonly state?: (record: JsonObject) => string
  readonly columns: (record: JsonObject) => readonly (JsonValue | undefined)[]
  readonly split?: (record: JsonObject) => readonly JsonObject[]
  readonly rows: Readonly<Record<string, Row>>
}

const noId = () => undefined
const oneState = () => ''

/** Makes a dataset of a table, with the fields that every dataset has. */
export function dataset(table: Table): Dataset {
  const id = table.id ?? noId
  const rows: Readonly<Record<string, Row>> = {
    'event.dataset': constant(table.name),
    'event.module': constant(table.name.split('.', 1)[0]),
    'event.id': derived("the provider's id", id),
    ...table.rows,
  }
  return {
    name: table.name,
    fields: new Map(Object.entries(rows).map(([name, row]) => [name, fieldOf(name, row)])),
    time: table.time,
    id,
    state: table.state ?? oneState,
    columns: table.columns,
    latenessMs: table.latenessMs,
    ...(table.split && { split: table.split }),
  }
}

function fieldOf(name: string, row: Row): Field {
  const { from, read, folded, made } = row
  return { name, read, from, ...(folded && { folded }), ...(made && { made }) }
}
