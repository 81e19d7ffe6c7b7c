import { isObject, type JsonValue } from '@weir/model'
import { CsvError, csvRows } from './csv.ts'
import { JsonError, parseTree } from './json-tree.ts'
import type { Problems } from './problem.ts'
import type { WatchlistContent } from './watchlist.ts'

/** A list with more entries is refused: each takes some hundred bytes of memory. */
const listEntriesMax = 2_000_000

/** Reads a watchlist of JSON; `undefined` after what is wrong was told. */
export function readJsonList(text: string, problems: Problems): WatchlistContent | undefined {
  const json = parsed(text, problems)
  if (json === undefined) return undefined
  const { entries, fold = false, ...rest } = isObject(json) ? json : { entries: json }
  if (!Array.isArray(entries) || typeof fold !== 'boolean' || Object.keys(rest).length > 0)
    return problems.error(0, 'type', 'a list is a JSON list, or { "entries": […], "fold": true }')
  const texts = entries.map(entryOf)
  if (!texts.every((each) => each !== undefined))
    return problems.error(
      0,
      'value',
      `entry ${texts.indexOf(undefined) + 1} is neither text, number nor boolean`,
    )
  return bounded({ entries: texts, fold }, problems)
}

/**
 * Reads a watchlist of comma-separated values: the first column without a header, or what a first line
 * `# weir: column=NAME, fold` says. Other rows that begin with `#` are comments.
 */
export function readCsvList(text: string, problems: Problems): WatchlistContent | undefined {
  const options = optionsOf(text, problems)
  if (options === undefined) return undefined
  const { column, fold } = options
  const entries = columnOf(text, column, problems)
  return entries && bounded({ entries, fold }, problems)
}

function columnOf(text: string, column: string | undefined, problems: Problems): string[] | undefined {
  let index = column === undefined ? 0 : -1
  const entries: string[] = []
  try {
    for (const row of csvRows(text)) {
      if (row[0]?.startsWith('#')) continue
      const entry = row[index]?.trim() ?? ''
      if (index < 0) index = headerOf(row, column!)
      else if (entry !== '') entries.push(entry)
      if (index < 0) return problems.error(0, 'value', `no column has the header "${column}"`)
    }
  } catch (error) {
    if (error instanceof CsvError) return problems.error(error.at, 'value', error.message)
    throw error
  }
  return entries
}

function parsed(text: string, problems: Problems): JsonValue | undefined {
  try {
    return JSON.parse(text.replace(/^\ufeff/, '')) as JsonValue
  } catch {
    // Slower and larger, but it knows the place.
    return problems.error(placeOfError(text), 'json', 'this list is no JSON')
  }
}

function placeOfError(text: string): number {
  try {
    parseTree(text)
    return 0
  } catch (error) {
    return error instanceof JsonError ? error.at : 0
  }
}

function entryOf(value: JsonValue): string | undefined {
  return typeof value === 'object' ? undefined : String(value)
}

interface Options {
  readonly column?: string
  readonly fold: boolean
}

function optionsOf(text: string, problems: Problems): Options | undefined {
  const words = /^\ufeff?#\s*weir:([^\r\n]*)/.exec(text)?.[1]
  if (words === undefined) return { fold: false }
  const options = words.split(',').map((word) => word.trim())
  const column = options.find((word) => word.startsWith('column='))?.slice('column='.length)
  if (options.every((word) => word === 'fold' || (word.startsWith('column=') && column !== '')))
    return { fold: options.includes('fold'), ...(column !== undefined && { column }) }
  return problems.error(0, 'value', 'behind "# weir:" may stand column=NAME and fold, parted by a comma')
}

function headerOf(row: readonly string[], column: string): number {
  return row.findIndex((each) => each.trim() === column)
}

function bounded(content: WatchlistContent, problems: Problems): WatchlistContent | undefined {
  if (content.entries.length <= listEntriesMax) {
    warnTooLong(content.entries, problems)
    return content
  }
  return problems.error(0, 'value', `more than ${listEntriesMax} entries: split the list`)
}

/** A network with more bits than an address has is taken as text, and then meets no address. */
function warnTooLong(entries: readonly string[], problems: Problems): void {
  const first = entries.find(isTooLong)
  if (first === undefined) return
  const count = entries.filter(isTooLong).length
  const others = count > 1 ? `, and ${count - 1} more like it` : ''
  problems.warn(0, 'value', `"${first}" is no network and meets no address${others}`)
}

function isTooLong(entry: string): boolean {
  const [, address, bits] = /^([\d.]+|[\da-f.]*:[\da-f.:]*)\/(\d+)$/i.exec(entry) ?? []
  return address !== undefined && Number(bits) > (address.includes(':') ? 128 : 32)
}
