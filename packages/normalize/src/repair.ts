import { isObject, type JsonObject } from '@weir/model'
import { closesQuoted, opensQuoted } from './scan.ts'

/** What some services write where an object of theirs could not be written. */
const BLOB_DATA = /\[\s*[\d.]+\s*[KMG]?i?B? blob data\s*\]/y

/**
 * An object read from text that is nearly JSON; `undefined` when it stays unreadable. In one pass: raw control
 * characters in strings and unknown escapes are escaped, single-quoted strings get double quotes, commas before
 * a closing bracket go, and `[227 B blob data]` becomes an empty object.
 */
export function repair(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(mend(text))
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function mend(text: string): string {
  let out = ''
  let before = ''
  let i = 0
  while (i < text.length) {
    const char = text.charAt(i)
    const stop = endOfToken(text, i, before)
    out += tokenOf(text, i, stop, before)
    if (char > ' ') before = char
    i = stop
  }
  return out
}

function endOfToken(text: string, at: number, before: string): number {
  const char = text.charAt(at)
  if (char === '"') return endOfDouble(text, at)
  if (char === "'" && opensQuoted(before.charCodeAt(0))) return endOfSingle(text, at)
  if (char === '[') return blobDataEnd(text, at)
  return at + 1
}

function tokenOf(text: string, at: number, stop: number, before: string): string {
  const char = text.charAt(at)
  if (char === '"') return `"${escaped(text.slice(at + 1, stop - 1))}"`
  if (char === "'" && opensQuoted(before.charCodeAt(0))) return `"${requoted(text.slice(at + 1, stop - 1))}"`
  if (char === '[' && stop > at + 1) return '{}'
  if (char === ',' && closes(text, at + 1)) return ''
  return char
}

function endOfDouble(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === '"') return i + 1
  }
  return text.length + 1
}

function endOfSingle(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === "'" && closesQuoted(firstOf(text, i + 1))) return i + 1
  }
  return text.length + 1
}

/** Code of the first character from `at` that is not white space; `undefined` at the end. */
function firstOf(text: string, at: number): number | undefined {
  let i = at
  while (i < text.length && text.charCodeAt(i) <= 32) i++
  return i < text.length ? text.charCodeAt(i) : undefined
}

function blobDataEnd(text: string, at: number): number {
  BLOB_DATA.lastIndex = at
  return BLOB_DATA.test(text) ? BLOB_DATA.lastIndex : at + 1
}

/** True when only white space stands between `at` and a closing bracket. */
function closes(text: string, at: number): boolean {
  const next = firstOf(text, at)
  return next === 93 || next === 125
}

function requoted(inner: string): string {
  return escaped(inner.replaceAll("\\'", "'")).replaceAll(/\\.|"/gs, (found) =>
    found === '"' ? '\\"' : found,
  )
}

/** Escapes what JSON does not allow raw, and backslashes that begin no JSON escape. */
function escaped(inner: string): string {
  return inner.replaceAll(UNSAFE, (found) => {
    if (found === '\\') return '\\\\'
    return found.startsWith('\\') ? found : JSON.stringify(found).slice(1, -1)
  })
}

const UNSAFE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})|\\|\p{Cc}/gu
