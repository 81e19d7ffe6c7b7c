import { createHmac } from 'node:crypto'
import { isIP } from 'node:net'
import type { Redaction } from './config.ts'

/** Characters of a hash: 64 bits, enough to tell all values of a site apart. */
const HASH_CHARACTERS = 16
const MASK = '[redacted]'

/**
 * What stands for a hidden value: the mask, or a hash that is the same for the same value (case aside) and key. The
 * hash of an address is an address again, out of fd00::/8 which nobody routes: receivers expect one.
 */
export function replacementOf(value: string, { with: mask, hash: key }: Redaction): string {
  if (key === undefined) return mask ?? MASK
  const hash = createHmac('sha256', key.reveal()).update(value.toLowerCase()).digest('hex')
  if (isIP(value) === 0) return hash.slice(0, HASH_CHARACTERS)
  return `fd${hash.slice(0, 30)}`.match(/.{4}/g)!.join(':')
}

/** Characters of a value from which on it is replaced within words, too, and as other notations write it. */
const WITHIN_WORDS_CHARACTERS_MIN = 4

/** Replaces every occurrence of the values in a text, whatever their case or notation, longer ones first. */
export function replacer(replacements: ReadonlyMap<string, string>): (text: string) => string {
  const forms = [...replacements].flatMap(([value, other]) =>
    formsOf(value).map((form) => [form, other] as const),
  )
  // Values as they are come last: they count where another one looks the same in another notation.
  const all = new Map([...forms, ...replacements])
  const values = [...all.keys()].sort((a, b) => b.length - a.length)
  if (values.length === 0) return (text) => text
  const any = new RegExp(values.map(occurrence).join('|'), 'giu')
  const byLower = new Map([...all].map(([form, other]) => [form.toLowerCase(), other]))
  return (text) => text.replace(any, (found) => byLower.get(found.toLowerCase()) ?? MASK)
}

/** As it stands in JSON, in a URL, and in what a form sends. */
function formsOf(value: string): string[] {
  if (!isLong(value)) return []
  const text = value.toWellFormed()
  const encoded = encodeURIComponent(text)
  return [JSON.stringify(text).slice(1, -1), encodeURI(text), encoded, encoded.replaceAll('%20', '+')]
}

function isLong(value: string): boolean {
  return [...value].length >= WITHIN_WORDS_CHARACTERS_MIN
}

/**
 * 10.0.0.1 does not occur in 10.0.0.12, nor a short name within a word. A colon beside an IPv6 address may part it
 * from a port or a label: better too much is hidden than too little.
 */
function occurrence(value: string): string {
  const literal = value.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  if (isIP(value) === 4) return `(?<![\\d.])${literal}(?!\\d|\\.\\d)`
  if (isIP(value) === 6) return `(?<![\\da-f])${literal}(?![\\da-f])`
  if (isLong(value)) return literal
  return `(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])`
}
