import type { AlertV1 } from '@weir/contract'
import { type Field, fit, sparingFields } from './fit.ts'
import { leefFields } from './leef-fields.ts'
import { cutCharacters } from './text.ts'

/** Version 1 always parts attributes by a tab; version 2 by the character that its header names. */
export type LeefVersion = { readonly version: 1 } | { readonly version: 2; readonly delimiter: string }

/** Longest values, in characters: the receiver's documentation names these two. */
const EVENT_ID_CHARACTERS_MAX = 255
const CHARACTERS_MAX: Readonly<Record<string, number>> = { usrName: 255 }

/** Says that something was cut or left out; the whole alert is at the aggregator. */
const CUT: Field = { key: 'truncated', value: '1' }

const SPARED = sparingFields(
  [
    'eventIds',
    'userAgent',
    'reason',
    'service',
    'group',
    'datasets',
    'attack',
    'lateByMs',
    'cat',
    'account',
    'accountName',
    'suid',
  ],
  ['msg', 'usrName', 'name'],
)

/**
 * An alert as a line of LEEF, at most `bytesMax` bytes of UTF-8. LEEF has no escapes: what would part a value
 * becomes a space. Throws a RangeError when even the least that identifies it does not fit.
 */
export function leefLine(alert: AlertV1, version: LeefVersion, bytesMax: number): string {
  const delimiter = version.version === 1 ? '\t' : version.delimiter
  const header = headerOf(alert, version)
  const line = (fields: readonly Field[]): string =>
    header + fields.map(({ key, value }) => `${key}=${value}`).join(delimiter)
  const whole = leefFields(alert).map((field) => ({ ...field, value: clean(field.value, delimiter) }))
  const held = whole.map(bounded)
  const cut = held.some(({ value }, i) => value !== whole[i]!.value)
  const fields = held.filter(({ value }) => value !== '')
  const made = line(cut ? [...fields, CUT] : fields)
  return Buffer.byteLength(made) <= bytesMax ? made : fit([...fields, CUT], SPARED, line, bytesMax)
}

function headerOf({ observer, rule }: AlertV1, version: LeefVersion): string {
  const id = cutCharacters(clean(rule.id, '|'), EVENT_ID_CHARACTERS_MAX)
  const start = `|Weir|Weir|${clean(observer.version, '|')}|${id}|`
  return version.version === 1 ? `LEEF:1.0${start}` : `LEEF:2.0${start}${named(version.delimiter)}|`
}

/** A character that can be seen stands for itself, any other as its number. */
function named(delimiter: string): string {
  return /^[!-~]$/.test(delimiter)
    ? delimiter
    : `0x${delimiter.codePointAt(0)!.toString(16).padStart(2, '0')}`
}

function bounded(field: Field): Field {
  const charactersMax = CHARACTERS_MAX[field.key] ?? Number.POSITIVE_INFINITY
  return { ...field, value: cutCharacters(field.value, charactersMax).trimEnd() }
}

/** Tabs and line ends part attributes and messages whatever the delimiter is; half a pair is no UTF-8. */
function clean(text: string, delimiter: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
  const printable = text.toWellFormed().replaceAll(/[\u0000-\u001f\u007f]+/g, ' ')
  return printable.replaceAll(delimiter, ' ').trim()
}
