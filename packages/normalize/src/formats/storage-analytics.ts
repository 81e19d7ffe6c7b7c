import type { Limits } from '../limits.ts'
import type { Message } from '../message.ts'
import { endOfLine } from '../scan.ts'
import { storageRecord } from './storage-record.ts'

const QUOTE = 0x22
const SEMICOLON = 0x3b
const NEWLINE = 0x0a
const RETURN = 0x0d

/** Fields of a row, by the version that it begins with. */
const FIELDS: ReadonlyMap<string, number> = new Map([
  ['1.0', 30],
  ['2.0', 38],
])

/**
 * Rows as Storage Analytics writes them to `$logs`: fields between semicolons, one that holds a quote, a semicolon
 * or a line end quoted and encoded as in HTML. Each becomes the record that a diagnostic setting would have sent.
 */
export function readStorageAnalytics(message: Message, start: number, end: number, limits: Limits): void {
  for (let at = start; at < end; ) {
    const row = rowAt(message.bytes, at, end)
    const reason = refusal(row, at, limits)
    if (reason === undefined) {
      message.keep(storageRecord(row.cells), at, row.end)
      at = row.next
      continue
    }
    // A quote that nobody closed must not take the rows behind it along.
    const stop = endOfLine(message.bytes, at, end)
    if (stop > at && message.bytes[at] !== RETURN) message.refuse(at, stop, reason)
    at = stop + 1
  }
}

interface Row {
  readonly cells: readonly string[]
  /** Behind the last byte of the row, and where the next one begins. */
  readonly end: number
  readonly next: number
  readonly closed: boolean
}

function refusal({ cells, end, closed }: Row, start: number, limits: Limits): string | undefined {
  if (!closed) return 'a quoted field is not closed'
  if (end - start > limits.recordBytesMax) return `record is larger than ${limits.recordBytesMax} bytes`
  const version = cells[0] ?? ''
  const fields = FIELDS.get(version)
  if (fields === undefined) return `not a row of Storage Analytics: its version is not 1.0 or 2.0`
  if (cells.length !== fields) return `row has ${cells.length} fields, version ${version} has ${fields}`
  return undefined
}

function rowAt(bytes: Buffer, start: number, end: number): Row {
  const cells: string[] = []
  let at = start
  let closed = true
  for (;;) {
    const quoted = bytes[at] === QUOTE
    const stop = quoted ? bytes.indexOf(QUOTE, at + 1) : endOfCell(bytes, at, end)
    if (stop === -1 || stop > end) return { cells, end, next: end, closed: false }
    const text = bytes.toString('utf8', quoted ? at + 1 : at, stop)
    cells.push(quoted ? decoded(text) : text)
    at = quoted ? stop + 1 : stop
    if (at >= end) return { cells, end, next: end, closed }
    const next = bytes[at]
    if (next === SEMICOLON) at++
    else if (next === NEWLINE) return { cells, end: at, next: at + 1, closed }
    else if (next === RETURN && bytes[at + 1] === NEWLINE) return { cells, end: at, next: at + 2, closed }
    else closed = false
  }
}

function endOfCell(bytes: Buffer, start: number, end: number): number {
  let at = start
  while (at < end && bytes[at] !== SEMICOLON && bytes[at] !== NEWLINE) at++
  return at > start && bytes[at - 1] === RETURN && bytes[at] === NEWLINE ? at - 1 : at
}

const NAMED: Readonly<Record<string, string>> = {
  quot: '"',
  amp: '&',
  lt: '<',
  gt: '>',
  apos: "'",
  nbsp: ' ',
}
const CODE_MAX = 0x10_ff_ff

function decoded(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,5}));/gi, (whole, decimal, hex, named) => {
    if (named !== undefined) return NAMED[named.toLowerCase()] ?? whole
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal)
    return code <= CODE_MAX ? String.fromCodePoint(code) : whole
  })
}
