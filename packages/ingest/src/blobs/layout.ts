import { WeirError } from '@weir/runtime'
import { HOUR_MS } from '../durations.ts'
import type { BlobContainer } from './config.ts'

/** Where the date stands in the names of a container's blobs; what is before it is a resource. */
export interface Layout {
  /** True when a folder right below a prefix is a year, so that the prefix is a resource. */
  isYear(prefix: string, folder: string): boolean
  /** What the names of one hour of one resource begin with; of a whole day where names tell no hour. */
  hourPrefix(resource: string, time: number): string
  dayPrefix(resource: string, time: number): string
  /** What a name tells; `undefined` when it is not laid out like this. */
  placeOf(name: string): Place | undefined
}

interface Place {
  readonly resource: string
  /** End of the hour, or of the day, that the name tells; epoch milliseconds. */
  readonly endsAt: number
}

type Token = 'Year' | 'Month' | 'Day' | 'Hour'

const DEFAULTS: Readonly<Record<BlobContainer['kind'], string | undefined>> = {
  append: 'y={Year}/m={Month}/d={Day}/h={Hour}/m=00/',
  flow: 'y={Year}/m={Month}/d={Day}/h={Hour}/m=00/',
  'storage-analytics': '{Year}/{Month}/{Day}/{Hour}00/',
  capture: '{Namespace}/{EventHub}/{PartitionId}/{Year}/{Month}/{Day}/{Hour}/{Minute}/{Second}',
  files: undefined,
}

/** Of the container's pattern, else as its kind has it; `undefined` for files without one. Throws `WeirError` CONFIG_INVALID. */
export function layoutOf({ container, kind, pattern = DEFAULTS[kind] }: BlobContainer): Layout | undefined {
  if (pattern === undefined) return undefined
  // Folders before the year are found by walking, whatever they are called.
  const tail = pattern.slice(pattern.slice(0, Math.max(0, pattern.indexOf('{Year}'))).lastIndexOf('/') + 1)
  if (!/^[^{]*\{Year\}[^{]*\/[^{]*\{Month\}[^{]*\{Day\}/.test(tail))
    throw new WeirError('CONFIG_INVALID', `container ${container}: pattern "${pattern}": ${REMEDY}`)
  const year = new RegExp(`^${regexOf(tail.slice(0, tail.indexOf('/')))}/$`)
  const place = new RegExp(`(?:^|/)${regexOf(tail)}`)
  return {
    isYear: (prefix, folder) => year.test(folder.slice(prefix.length)),
    hourPrefix: (resource, time) => resource + written(tail, time, 'Hour'),
    dayPrefix: (resource, time) => resource + written(tail, time, 'Day'),
    placeOf: (name) => placeIn(name, place),
  }
}

const REMEDY = '{Year} has to begin a folder, with {Month} and {Day} behind it in this order'

/** The pattern's beginning with the time put in, up to what cannot be known before the names are listed. */
function written(tail: string, time: number, upTo: 'Day' | 'Hour'): string {
  const [, year, month, day, hour] = /^(\d+)-(\d\d)-(\d\d)T(\d\d)/.exec(new Date(time).toISOString())!
  const values: Readonly<Record<Token, string>> = { Year: year!, Month: month!, Day: day!, Hour: hour! }
  let text = ''
  for (const part of tail.split(/(?=\{)/)) {
    const [, token = '', rest = part] = /^\{(\w+)\}(.*)$/s.exec(part) ?? []
    if (token === '') text += rest
    else if (token === 'Hour' && upTo === 'Day') return text.slice(0, text.lastIndexOf('/') + 1)
    else if (token in values) text += values[token as Token] + rest
    else return text
  }
  return text
}

const DIGITS: Readonly<Record<string, string>> = {
  Year: '(?<year>20\\d{2})',
  Month: '(?<month>\\d{1,2})',
  Day: '(?<day>\\d{1,2})',
  Hour: '(?<hour>\\d{1,2})',
}

function regexOf(pattern: string): string {
  return pattern
    .split(/(\{\w+\})/)
    .map((part) => {
      const token = /^\{(\w+)\}$/.exec(part)?.[1]
      return token === undefined ? escaped(part) : (DIGITS[token] ?? '[^/]+')
    })
    .join('')
}

function escaped(text: string): string {
  return text.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&')
}

function placeIn(name: string, place: RegExp): Place | undefined {
  const found = place.exec(name)
  if (found?.groups === undefined) return undefined
  const { year, month, day, hour } = found.groups
  const start = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour ?? 0))
  const resource = name.slice(0, found.index + (found[0].startsWith('/') ? 1 : 0))
  return { resource, endsAt: start + (hour === undefined ? 24 : 1) * HOUR_MS }
}
