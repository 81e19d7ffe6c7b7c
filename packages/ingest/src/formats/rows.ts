import type { RecordFormat } from '@weir/model'

/** How the records of a blob are divided: by line ends, or by those that are not within quotes. */
export type RowKind = 'lines' | 'storage-analytics' | 'csv'

const NEWLINE = 0x0a
const QUOTE = 0x22
const SEPARATORS: Readonly<Record<RowKind, number | undefined>> = {
  lines: undefined,
  'storage-analytics': 0x3b,
  csv: 0x2c,
}

/** Where the last whole row ends; 0 when none does. */
export function lastRowEnd(bytes: Buffer, kind: RowKind): number {
  const separator = SEPARATORS[kind]
  if (separator === undefined) return bytes.lastIndexOf(NEWLINE) + 1
  let last = 0
  for (let at = rowEnd(bytes, 0, separator); at > 0; at = rowEnd(bytes, at, separator)) last = at
  return last
}

/** Behind the line end of the row that begins at a place; 0 when it does not end. */
function rowEnd(bytes: Buffer, start: number, separator: number): number {
  let quoted = false
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at]
    if (quoted) {
      if (byte === QUOTE && bytes[at + 1] === QUOTE) at++
      else if (byte === QUOTE) quoted = false
    } else if (byte === NEWLINE) return at + 1
    else if (byte === QUOTE) quoted = at === start || bytes[at - 1] === separator
  }
  return 0
}

const PACKED_NAME = /\.(?:gz|gzip|zst|zstd)$/i

export function isPackedName(name: string): boolean {
  return PACKED_NAME.test(name)
}

/** Compression behind it does not matter. */
export function isCsvName(name: string): boolean {
  return /\.csv$/i.test(name.replace(PACKED_NAME, ''))
}

export interface Header {
  readonly columns: readonly string[]
  /** Behind its line end. */
  readonly end: number
}

/** The first row of a CSV, less a byte order mark; `undefined` as long as it has not ended. */
export function csvHeader(bytes: Buffer, whole: boolean): Header | undefined {
  const end = rowEnd(bytes, 0, SEPARATORS.csv!) || (whole ? bytes.length : 0)
  if (end === 0) return undefined
  const text = bytes
    .toString('utf8', 0, end)
    .replace(/^\ufeff/, '')
    .replace(/\r?\n$/, '')
  const cells = [...text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)]
  return { columns: cells.map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? ''), end }
}

/** How the line has to read such rows; lines are JSON. */
export function formatOf(kind: RowKind, columns: readonly string[] = []): RecordFormat | undefined {
  if (kind === 'csv') return { kind, columns }
  return kind === 'lines' ? undefined : { kind }
}
