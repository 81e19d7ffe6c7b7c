import { expect, test } from 'vitest'
import { type LeefVersion, leefLine } from '../src/formats/leef.ts'
import { type AlertParts, makeAlert, member } from './support/alert.ts'
import { parseLeef } from './support/leef-parser.ts'

const ROOMY = 100_000
const ONE: LeefVersion = { version: 1 }
const caret: LeefVersion = { version: 2, delimiter: '^' }

test.each([
  ['LEEF 1.0 has five header fields', ONE, 'LEEF:1.0|Weir|Weir|0.1.0|entra.password-spray|devTime=1772'],
  ['LEEF 2.0 names its delimiter', caret, 'LEEF:2.0|Weir|Weir|0.1.0|entra.password-spray|^|devTime=1772'],
  [
    'one that cannot be seen by its number',
    { version: 2, delimiter: '\t' },
    'LEEF:2.0|Weir|Weir|0.1.0|entra.password-spray|0x09|devTime=1772',
  ],
  [
    'one outside of ASCII, too',
    { version: 2, delimiter: '¦' },
    'LEEF:2.0|Weir|Weir|0.1.0|entra.password-spray|0xa6|devTime=1772',
  ],
] as const)('%s', (_, version, start) => {
  expect(leefLine(makeAlert(), version, ROOMY).startsWith(start)).toBe(true)
})

test.each([
  ['informational', '1'],
  ['low', '3'],
  ['medium', '5'],
  ['high', '8'],
  ['critical', '10'],
] as const)('severity %s is %s', (severity, number) => {
  expect(parseLeef(leefLine(makeAlert({ severity }), ONE, ROOMY)).attributes['sev']).toBe(number)
})

/** LEEF has no escapes: what parts attributes or messages becomes a space, and all else stays. */
test.each([
  ['bars, equals signs and backslashes', ONE, 'a|b=c\\d', 'a|b=c\\d'],
  ['something like an attribute', ONE, 'then sev=1', 'then sev=1'],
  ['tabs', ONE, 'a\tsev=1', 'a sev=1'],
  ['tabs under another delimiter', caret, 'a\tb', 'a b'],
  ['the delimiter', caret, 'a^sev=1', 'a sev=1'],
  ['a caret where tabs part', ONE, 'a^b', 'a^b'],
  ['line ends', ONE, 'one\r\ntwo\nthree', 'one two three'],
  ['emoji and half a pair', ONE, '🐟a\ud83dz', '🐟a\ufffdz'],
  ['spaces at the ends', ONE, '  middle ', 'middle'],
] as const)('a message with %s arrives', (_, version, message, arrives) => {
  const { attributes } = parseLeef(leefLine(makeAlert({ message }), version, ROOMY))
  expect(attributes['msg']).toBe(arrives)
  expect(attributes['sev']).toBe('8')
})

test('the id of the rule stands for the kind of event, without bars, at most 255 characters', () => {
  const named = (id: string) =>
    parseLeef(leefLine(makeAlert({ extra: { rule: { ...makeAlert().rule, id } } }), caret, ROOMY)).eventId
  expect(named('own|rule')).toBe('own rule')
  expect(named('x'.repeat(300))).toBe('x'.repeat(255))
})

const SHAPES: readonly [string, AlertParts, Record<string, string | undefined>][] = [
  ['an IPv6 address in the same key', { extra: { source: { ip: '2001:db8::1' } } }, { src: '2001:db8::1' }],
  [
    'ports',
    { extra: { source: { port: 40_000 }, destination: { port: 443 } } },
    { srcPort: '40000', dstPort: '443' },
  ],
  ['no address that is none', { extra: { source: { ip: 'console' } } }, { src: undefined }],
  ['what it was joined to', { weir: { status: 'merged', merged_into: 'a-0' } }, { mergedInto: 'a-0' }],
  ['no more of a user than fits', { extra: { user: { name: 'u'.repeat(300) } } }, { truncated: '1' }],
  ['no mark when nothing was cut', {}, { truncated: undefined }],
]

test.each(SHAPES)('it shows %s', (_, parts, expected) => {
  const { attributes } = parseLeef(leefLine(makeAlert(parts), ONE, ROOMY))
  for (const [key, value] of Object.entries(expected)) expect(attributes[key], key).toBe(value)
})

const NINE_KB = makeAlert({
  message: 'm=\\'.repeat(300),
  weir: {
    events: Array.from({ length: 120 }, (_, i) =>
      member(`event-${i}-${'0'.repeat(60)}`, '2026-03-01T10:00:00Z'),
    ),
  },
  extra: { user_agent: { original: 'Agent/1.0 '.repeat(100) }, cloud: { account: { id: 'sub-1' } } },
})

test.each([6000, 4000, 2048, 1024, 700, 350])('nine kilobytes fit into %d', (bytesMax) => {
  const line = leefLine(NINE_KB, caret, bytesMax)
  const { attributes, eventId } = parseLeef(line)
  expect(Buffer.byteLength(line)).toBeLessThanOrEqual(bytesMax)
  expect(attributes['eventIds'], 'event ids go first').toBeUndefined()
  expect(eventId).toBe('entra.password-spray')
  expect(attributes).toMatchObject({ externalId: 'a-1', revision: '1', sev: '8', truncated: '1' })
})

test('what cannot even be named is refused', () => {
  expect(() => leefLine(makeAlert(), ONE, 100)).toThrow(RangeError)
})
