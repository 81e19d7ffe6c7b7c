import type { AlertV1, Severity } from '@weir/contract'
import { CEF_CHARACTERS_MAX, type CefField, cefFields } from './cef-fields.ts'
import { clean, escapeHeader, escapeValue } from './cef-text.ts'
import { cutBytes, cutCharacters } from './text.ts'

const CEF_SEVERITY: Readonly<Record<Severity, number>> = {
  informational: 1,
  low: 3,
  medium: 5,
  high: 8,
  critical: 10,
}

/** Longest header fields, in characters, by the CEF standard. */
const HEADER_CHARACTERS_MAX = { version: 31, id: 1023, name: 512 } as const

/** What a line that is too long gives up, in this order; then `msg` is shortened, and after it the name. */
const GIVEN_UP_FIRST: readonly string[] = [
  'cs4',
  'requestClientApplication',
  'reason',
  'destinationServiceName',
  'cs1',
  'cs3',
  'cs2',
  'cn2',
  'cat',
  'deviceExternalId',
  'duser',
  'suid',
]

/** Says that something was cut or left out; the whole alert is at the aggregator. */
const CUT: CefField = { key: 'cn3', value: '1', label: 'truncated' }

/**
 * An alert as a line of CEF 0, without a line end, at most `bytesMax` bytes of UTF-8. Throws a RangeError
 * when
 * even the least that identifies it does not fit.
 */
export function cefLine(alert: AlertV1, bytesMax: number): string {
  const { fields, cut } = bounded(cefFields(alert))
  const whole = render(alert, cut ? [...fields, CUT] : fields)
  return Buffer.byteLength(whole) <= bytesMax ? whole : shortened(alert, [...fields, CUT], bytesMax)
}

/** Holds every value to its key's length. */
function bounded(fields: readonly CefField[]): { fields: CefField[]; cut: boolean } {
  const held = fields.map((field) => {
    const value = cutCharacters(clean(field.value), CEF_CHARACTERS_MAX[field.key] ?? Number.POSITIVE_INFINITY)
    return { ...field, value: value.trimEnd() }
  })
  return { fields: held, cut: held.some(({ value }, i) => value !== clean(fields[i]!.value)) }
}

function shortened(alert: AlertV1, fields: readonly CefField[], bytesMax: number): string {
  let kept = fields
  for (const key of GIVEN_UP_FIRST) {
    kept = kept.filter((field) => field.key !== key)
    const line = render(alert, kept)
    if (Buffer.byteLength(line) <= bytesMax) return line
  }
  return withShorterText(alert, kept, bytesMax)
}

function withShorterText(alert: AlertV1, fields: readonly CefField[], bytesMax: number): string {
  const message = fields.find(({ key }) => key === 'msg')?.value ?? ''
  const withMessage = (text: string): string =>
    render(alert, text === '' ? without(fields, 'msg') : replace(fields, 'msg', text))
  const first = longestFit(message, withMessage, bytesMax)
  if (first !== undefined) return first
  const bare = without(without(fields, 'msg'), 'suser')
  const withName = (name: string): string => render({ ...alert, rule: { ...alert.rule, name } }, bare)
  const second = longestFit(alert.rule.name, withName, bytesMax)
  if (second !== undefined) return second
  throw new RangeError(`the alert does not fit into ${bytesMax} bytes of CEF`)
}

/**
 * The line with as much of the text as fits. Escapes make it grow, so what is over is taken off until it
 * fits.
 */
function longestFit(text: string, line: (text: string) => string, bytesMax: number): string | undefined {
  for (let rest = text; ; ) {
    const made = line(rest)
    const over = Buffer.byteLength(made) - bytesMax
    if (over <= 0) return made
    if (rest === '') return undefined
    rest = clean(cutBytes(rest, Math.max(0, Buffer.byteLength(rest) - Math.max(1, Math.ceil(over / 2)))))
  }
}

function without(fields: readonly CefField[], key: string): CefField[] {
  return fields.filter((field) => field.key !== key)
}

function replace(fields: readonly CefField[], key: string, value: string): CefField[] {
  return fields.map((field) => (field.key === key ? { ...field, value } : field))
}

function render(alert: AlertV1, fields: readonly CefField[]): string {
  const { version, id, name } = HEADER_CHARACTERS_MAX
  const header = [
    'CEF:0',
    'Weir',
    'Weir',
    escapeHeader(cutCharacters(alert.observer.version, version)),
    escapeHeader(cutCharacters(alert.rule.id, id)),
    escapeHeader(cutCharacters(alert.rule.name, name)),
    String(CEF_SEVERITY[alert.weir.alert.severity]),
  ]
  return `${header.join('|')}|${fields.flatMap(pairs).join(' ')}`
}

function pairs({ key, value, label }: CefField): string[] {
  const pair = `${key}=${escapeValue(value)}`
  return label === undefined ? [pair] : [pair, `${key}Label=${label}`]
}
