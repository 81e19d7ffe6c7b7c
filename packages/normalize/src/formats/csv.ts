import type { CsvFormat } from '@weir/model'
import type { Limits } from '../limits.ts'
import type { Message } from '../message.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const NEWLINE = 0x0a
const RETURN = 0x0d

interface Row {
  readonly cells: readonly string[]
  /** Behind the last byte of the row, and where the next one begins. */
  readonly end: number
  readonly next: number
}

/**
 * Rows as RFC 4180 writes them: a quoted cell may hold commas, doubled quotes and line ends. A row with more or
 * fewer cells than there are columns is refused.
 */
export function readCsv(
  message: Message,
  start: number,
  end: number,
  format: CsvFormat,
  limits: Limits,
): void {
  for (let at = start; at < end; ) {
    const row = rowAt(message.bytes, at, end)
    if (row.end > at) keepRow(message, at, row, format, limits)
    at = row.next
  }
}

function keepRow(
  message: Message,
  start: number,
  row: Row,
  { columns, more }: CsvFormat,
  limits: Limits,
): void {
  const { cells, end } = row
  if (end - start > limits.recordBytesMax)
    message.refuse(start, end, `record is larger than ${limits.recordBytesMax} bytes`)
  else if (cells.length !== columns.length)
    message.refuse(start, end, `row has ${cells.length} cells, its header ${columns.length}`)
  else
    message.keep(
      { ...Object.fromEntries(columns.map((column, i) => [column, cells[i]!])), ...more },
      start,
      end,
    )
}

/** The names in a header row. */
export function csvColumns(header: Uint8Array): readonly string[] {
  return rowAt(Buffer.from(header.buffer, header.byteOffset, header.length), 0, header.length).cells
}

function rowAt(bytes: Buffer, start: number, end: number): Row {
  const cells: string[] = []
  for (let at = start; ; ) {
    const cell = bytes[at] === QUOTE ? quotedCell(bytes, at, end) : plainCell(bytes, at, end)
    cells.push(cell.text)
    if (cell.next < end && bytes[cell.next] === COMMA) {
      at = cell.next + 1
      continue
    }
    return { cells, end: cell.next, next: afterLine(bytes, cell.next, end) }
  }
}

interface Cell {
  readonly text: string
  readonly next: number
}

function plainCell(bytes: Buffer, start: number, end: number): Cell {
  let at = start
  while (at < end && bytes[at] !== COMMA && bytes[at] !== NEWLINE && bytes[at] !== RETURN) at++
  return { text: bytes.toString('utf8', start, at), next: at }
}

/** Text behind the closing quote belongs to the cell, as lenient writers mean it. */
function quotedCell(bytes: Buffer, start: number, end: number): Cell {
  let at = start + 1
  while (at < end && (bytes[at] !== QUOTE || bytes[at + 1] === QUOTE)) at += bytes[at] === QUOTE ? 2 : 1
  const inner = bytes.toString('utf8', start + 1, Math.min(at, end)).replaceAll('""', '"')
  const rest = plainCell(bytes, Math.min(at + 1, end), end)
  return { text: inner + rest.text, next: rest.next }
}

function afterLine(bytes: Buffer, at: number, end: number): number {
  if (at >= end) return end
  return bytes[at] === RETURN && bytes[at + 1] === NEWLINE ? at + 2 : at + 1
}
