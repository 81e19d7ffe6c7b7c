import type { JsonObject, JsonValue } from '@weir/model'
import { extentsOf, recordsOf } from '@weir/normalize'
import { refusal } from './refusal.ts'

export interface Lines {
  readonly bytes: Uint8Array
  readonly records: number
}

/**
 * The records of a JSON body as lines, each as its sender wrote it, with members that the way in knows of it at its end.
 * A record's own member of such a name is kept under the name that a workspace would give it (`Type_s`).
 * Throws a `Refusal` for what is no JSON of objects.
 */
export function linesOf(body: Buffer, known: (record: JsonObject) => JsonObject): Lines {
  const value = parsed(body)
  const records = recordsOf(value)
  if (records === undefined) throw refusal('BAD_REQUEST', 'the body holds something other than JSON objects')
  const extents = records.length === 0 ? [] : placesIn(body)
  // A text that says its records twice hides their places; then each is written anew.
  const places = extents.length === 2 * records.length
  const lines = records.map((record, n) => {
    const text = places
      ? body.subarray(extents[2 * n], extents[2 * n + 1])
      : Buffer.from(JSON.stringify(record))
    return withMembers(text, record, known(record))
  })
  return { bytes: Buffer.concat(lines), records: records.length }
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8').replace(/^\uFEFF/, ''))
  } catch {
    throw refusal('BAD_REQUEST', 'the body is not JSON')
  }
}

const OPENINGS = ['{', '[']
const CLOSINGS = ['}', ']']

/** The body is known to be one JSON object or list, with white space or a mark around it. */
function placesIn(body: Buffer): readonly number[] {
  const start = Math.min(...OPENINGS.map((mark) => body.indexOf(mark)).filter((at) => at >= 0))
  const end = Math.max(...CLOSINGS.map((mark) => body.lastIndexOf(mark))) + 1
  return extentsOf(body, start, end)
}

const NEWLINE = 0x0a
const SPACE = 0x20

/** The members go before the closing brace, where they win over equal keys; line breaks within become spaces. */
function withMembers(text: Uint8Array, record: JsonObject, known: JsonObject): Buffer {
  const members = { ...kept(record, known), ...known }
  const inner = JSON.stringify(members).slice(1)
  const comma = Object.keys(record).length === 0 || inner === '}' ? '' : ','
  const line = Buffer.concat([text.subarray(0, text.length - 1), Buffer.from(`${comma}${inner}\n`)])
  // Outside of strings a line break is white space, and within them JSON allows none.
  for (let at = 0; at < line.length - 1; at++) if (line[at] === NEWLINE) line[at] = SPACE
  return line
}

function kept(record: JsonObject, known: JsonObject): JsonObject {
  const own = Object.keys(known).filter((key) => record[key] !== undefined && record[key] !== known[key])
  return Object.fromEntries(own.map((key) => [`${key}_${suffixOf(record[key])}`, record[key]]))
}

/** A workspace tells the columns of one name apart by their type. */
function suffixOf(value: JsonValue | undefined): 's' | 'd' | 'b' {
  if (typeof value === 'number') return 'd'
  return typeof value === 'boolean' ? 'b' : 's'
}
