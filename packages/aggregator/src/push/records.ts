import { isObject, type JsonObject, type JsonValue } from '@weir/model'
import { extentsOf, recordsOf } from '@weir/normalize'
import { refusal } from './refusal.ts'

export interface Lines {
  /** Whole lines each. */
  readonly pieces: readonly Uint8Array[]
  readonly records: number
}

/** Lines gathered into one piece; a single longer one is a piece by itself. */
const PIECE_BYTES = 1_000_000

/**
 * The records of a JSON body as lines, each as its sender wrote it, with members that the way in knows of it at its end.
 * A record's own member of such a name is kept under the name that a workspace would give it (`Type_s`).
 * Throws a `Refusal` for what is no JSON of objects.
 */
export function linesOf(body: Buffer, known: (record: JsonObject) => JsonObject): Lines {
  const pieces: Buffer[] = []
  let lines: Uint8Array[] = []
  let bytes = 0
  let records = 0
  for (const { text, record } of recordsIn(body)) {
    for (const part of lineParts(text, record, known(record))) {
      lines.push(part)
      bytes += part.length
    }
    records++
    if (bytes < PIECE_BYTES) continue
    pieces.push(Buffer.concat(lines, bytes))
    lines = []
    bytes = 0
  }
  if (bytes > 0) pieces.push(Buffer.concat(lines, bytes))
  return { pieces, records }
}

interface Found {
  /** As it was written. */
  readonly text: Uint8Array
  readonly record: JsonObject
}

/** The records of a plain list one at a time, for a large body takes ten times its room as objects; of others all. */
function* recordsIn(body: Buffer): Generator<Found> {
  const extents = plainList(body)
  if (extents === undefined) return yield* allIn(body)
  for (let n = 0; n < extents.length; n += 2) {
    const text = body.subarray(extents[n], extents[n + 1])
    const record = parsed(text)
    if (!isObject(record)) throw notObjects()
    yield { text, record }
  }
}

const OPEN_LIST = 0x5b
const START = /^(?:\xef\xbb\xbf)?[ \t\r\n]*\[[ \t\r\n]*$/
const BETWEEN = /^[ \t\r\n]*,[ \t\r\n]*$/
const END = /^[ \t\r\n]*\][ \t\r\n]*$/

/**
 * Where the elements of a list begin and end, when nothing but commas stands between them: whatever they are, the body
 * is a valid list then if each of them is valid. `undefined` for every other body.
 */
function plainList(body: Buffer): readonly number[] | undefined {
  const start = body.indexOf(OPEN_LIST)
  if (start === -1) return undefined
  const extents = extentsOf(body, start, body.length)
  const gap = (from: number | undefined, to: number | undefined): string => body.toString('latin1', from, to)
  if (extents.length === 0 || !START.test(gap(0, extents[0]))) return undefined
  for (let n = 1; n < extents.length - 1; n += 2)
    if (!BETWEEN.test(gap(extents[n], extents[n + 1]))) return undefined
  return END.test(gap(extents.at(-1), body.length)) ? extents : undefined
}

function* allIn(body: Buffer): Generator<Found> {
  const records = recordsOf(parsed(body))
  if (records === undefined) throw notObjects()
  const extents = records.length === 0 ? [] : placesIn(body)
  // A text that says its records twice hides their places; then each is written anew.
  const places = extents.length === 2 * records.length
  for (const [n, record] of records.entries()) {
    const text = places
      ? body.subarray(extents[2 * n], extents[2 * n + 1])
      : Buffer.from(JSON.stringify(record))
    yield { text, record }
  }
}

function parsed(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString('utf8').replace(/^\uFEFF/, ''))
  } catch {
    throw refusal('BAD_REQUEST', 'the body is not JSON')
  }
}

function notObjects(): Error {
  return refusal('BAD_REQUEST', 'the body holds something other than JSON objects')
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
function lineParts(text: Uint8Array, record: JsonObject, known: JsonObject): readonly Uint8Array[] {
  const members = JSON.stringify({ ...kept(record, known), ...known })
  const comma = Object.keys(record).length === 0 || members === '{}' ? '' : ','
  return [inOneLine(text.subarray(0, text.length - 1)), Buffer.from(`${comma}${members.slice(1)}\n`)]
}

/** Outside of strings a line break is white space, and within them JSON allows none. */
function inOneLine(text: Uint8Array): Uint8Array {
  return text.includes(NEWLINE) ? text.map((byte) => (byte === NEWLINE ? SPACE : byte)) : text
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
