import type { AlertV1 } from '@weir/contract'
import { CUT, cefFields } from './cef-fields.ts'
import { renderCef } from './cef-text.ts'
import { type Field, fit, sparingFields } from './fit.ts'
import { SEVERITY_OF_TEN } from './severity.ts'
import { cutCharacters } from './text.ts'

/** Longest header fields, in characters, by the CEF standard. */
const HEADER_CHARACTERS_MAX = { version: 31, id: 1023, name: 512 } as const

/** Stands in the header, and among the fields while the line is shortened. */
const NAME = 'name'

const SPARED = sparingFields(
  [
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
  ],
  ['msg', 'suser', NAME],
)

/**
 * An alert as a line of CEF 0, without a line end, at most `bytesMax` bytes of UTF-8. Throws a RangeError when
 * even the least that identifies it does not fit.
 */
export function cefLine(alert: AlertV1, bytesMax: number): string {
  const line = (fields: readonly Field[]): string => render(alert, fields)
  const fields = [{ key: NAME, value: alert.rule.name }, ...cefFields(alert)]
  const whole = line(fields)
  if (Buffer.byteLength(whole) <= bytesMax) return whole
  return fit([...fields.filter(({ key }) => key !== CUT.key), CUT], SPARED, line, bytesMax)
}

function render({ observer, rule, weir }: AlertV1, fields: readonly Field[]): string {
  const { version, id, name } = HEADER_CHARACTERS_MAX
  const header = [
    'Weir',
    'Weir',
    cutCharacters(observer.version, version),
    cutCharacters(rule.id, id),
    cutCharacters(fields.find(({ key }) => key === NAME)?.value ?? '', name),
    String(SEVERITY_OF_TEN[weir.alert.severity]),
  ]
  return renderCef(header, fields.filter(({ key }) => key !== NAME).flatMap(pairs))
}

function pairs({ key, value, label }: Field): (readonly [string, string])[] {
  return label === undefined
    ? [[key, value]]
    : [
        [key, value],
        [`${key}Label`, label],
      ]
}
