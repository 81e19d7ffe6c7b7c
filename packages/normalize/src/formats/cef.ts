import type { JsonObject } from '@weir/model'
import { parseTime } from '../parse-time.ts'
import { type StampContext, stampAt } from './stamp.ts'

/** A CEF message as it is written, with its escapes undone. */
export interface Cef {
  readonly version: number
  readonly vendor: string
  readonly product: string
  readonly deviceVersion: string
  readonly classId: string
  readonly name: string
  /** A number from 0 to 10, or a word. */
  readonly severity: string
  readonly extensions: Readonly<Record<string, string>>
}

const START = /^CEF: ?(\d{1,2})\|/

/** Reads a message from its `CEF:` on; `undefined` when its header has fewer than seven fields. */
export function parseCef(text: string): Cef | undefined {
  const start = START.exec(text)
  if (start === null) return undefined
  const { fields, end } = headerFields(text, start[0].length)
  if (fields.length < 6) return undefined
  const [vendor, product, deviceVersion, classId, name, severity] = fields as [
    string,
    string,
    string,
    string,
    string,
    string,
  ]
  const extensions = Object.fromEntries(extensionsOf(text, end))
  return { version: Number(start[1]), vendor, product, deviceVersion, classId, name, severity, extensions }
}

/** Six fields behind the version; the last may end with the text instead of a bar. */
function headerFields(text: string, from: number): { fields: string[]; end: number } {
  const fields: string[] = []
  let at = from
  while (fields.length < 6 && at <= text.length) {
    let end = at
    while (end < text.length && text[end] !== '|') end += text[end] === '\\' ? 2 : 1
    end = Math.min(end, text.length)
    if (end === text.length && fields.length < 5) break
    fields.push(
      text
        .slice(at, end)
        .replace(/\\([\\|])/g, '$1')
        .trim(),
    )
    at = end + 1
  }
  return { fields, end: at }
}

/** Keys as the dictionary has them, and as makers of their own write them. */
const KEY = /^[\w.[\]-]+$/

/**
 * A value goes on to the key before the next equals sign that is not escaped; so spaces, and equals signs without
 * a word before them, stay within. Of a key that comes twice the first counts: what follows may be a user's text.
 */
function extensionsOf(text: string, from: number): Map<string, string> {
  const found = new Map<string, string>()
  let key: string | undefined
  let start = from
  for (let at = nextEquals(text, from); at !== -1; at = nextEquals(text, at + 1)) {
    const word = text.lastIndexOf(' ', at - 1) + 1
    const begin = Math.max(word, from)
    const name = text.slice(begin, at)
    if (begin < start || !KEY.test(name)) continue
    keep(found, key, text.slice(start, begin))
    key = name
    start = at + 1
  }
  keep(found, key, text.slice(start))
  return found
}

function keep(found: Map<string, string>, key: string | undefined, value: string): void {
  if (key !== undefined && !found.has(key)) found.set(key, unescaped(value.trim()))
}

function nextEquals(text: string, from: number): number {
  for (let at = text.indexOf('=', from); at !== -1; at = text.indexOf('=', at + 1))
    if (!isEscaped(text, at)) return at
  return -1
}

function isEscaped(text: string, at: number): boolean {
  let before = at
  while (text[before - 1] === '\\') before--
  return (at - before) % 2 === 1
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r' }

/** A backslash before anything that needs none stands for itself, as in a Windows path that nobody escaped. */
function unescaped(value: string): string {
  return value.includes('\\')
    ? value.replace(/\\([\\=|nr])/g, (_, escaped: string) => ESCAPES[escaped] ?? escaped)
    : value
}

/** A CEF message as a record's member: pairs of value and label folded together, times as ISO 8601. */
export function cefMember(cef: Cef, context: StampContext): JsonObject {
  const extensions = new Map(Object.entries(cef.extensions))
  const custom = new Map<string, string>()
  for (const [key, label] of Object.entries(cef.extensions)) {
    const value = key.endsWith('Label') ? extensions.get(key.slice(0, -5)) : undefined
    if (value === undefined || label === '') continue
    custom.set(label, value)
    extensions.delete(key)
    // Addresses stay in reach for the tables, which know them by their key.
    if (!key.startsWith('c6a')) extensions.delete(key.slice(0, -5))
  }
  return {
    ...cef,
    extensions: Object.fromEntries(extensions),
    ...(custom.size > 0 && { custom: Object.fromEntries(custom) }),
    ...times(cef, context),
  }
}

/** When it happened: the device's receipt, else the end, else the start. */
function times({ extensions }: Cef, context: StampContext): JsonObject {
  const zoned = extensions.dtz === undefined ? context : { ...context, zone: extensions.dtz }
  const read = (key: string): number | undefined => timeIn(extensions[key], zoned)
  const [receipt, start, end] = [read('rt'), read('start'), read('end')]
  const iso = (name: string, time: number | undefined): JsonObject =>
    time === undefined ? {} : { [name]: new Date(time).toISOString() }
  return { ...iso('time', receipt ?? end ?? start), ...iso('start', start), ...iso('end', end) }
}

/** Epoch milliseconds, or a date. */
export function timeIn(value: string | undefined, context: StampContext): number | undefined {
  if (value === undefined || value === '') return undefined
  const stamp = /^\d+$/.test(value) ? undefined : stampAt(value, 0, context)
  return stamp?.time ?? parseTime(value)
}
