import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cefLine } from '../src/formats/cef.ts'
import { type AlertParts, makeAlert, member } from './support/alert.ts'
import { parseCef } from './support/cef-parser.ts'

const ROOMY = 100_000

test('an alert is this line, byte for byte', () => {
  expect(cefLine(makeAlert(), ROOMY)).toBe(
    'CEF:0|Weir|Weir|0.1.0|entra.password-spray|Password spray against Entra ID|8|' +
      'externalId=a-1 rt=1772359500250 start=1772359200000 end=1772359500250 cnt=12 ' +
      'cat=credential-access act=Sign-in activity outcome=failure msg=203.0.113.9 tried 12 accounts ' +
      'src=203.0.113.9 suser=kim@example.org suid=7d1c duser=root@example.org ' +
      'cs1={"source.ip":"203.0.113.9"} cs1Label=group cs2=T1110,T1110.003 cs2Label=attack ' +
      'cs3=azure.signinlogs cs3Label=datasets cs4=e-1,e-2 cs4Label=eventIds cs5=detection cs5Label=kind ' +
      'cs6=open cs6Label=status cn1=1 cn1Label=revision cn2=0 cn2Label=lateByMs',
  )
})

test.each([
  ['informational', '1'],
  ['low', '3'],
  ['medium', '5'],
  ['high', '8'],
  ['critical', '10'],
] as const)('severity %s is %s', (severity, number) => {
  expect(parseCef(cefLine(makeAlert({ severity }), ROOMY)).severity).toBe(number)
})

const AWKWARD: readonly [string, string, string][] = [
  ['bars', 'a|b||c', 'a|b||c'],
  ['equals signs', 'x=1 y=2', 'x=1 y=2'],
  ['something like a key', 'then act=delete src=10.0.0.1', 'then act=delete src=10.0.0.1'],
  ['backslashes', 'C:\\new\\|\\=', 'C:\\new\\|\\='],
  ['line ends', 'one\ntwo\r\nthree', 'one\ntwo\r\nthree'],
  ['an escaped line end', 'one\\ntwo', 'one\\ntwo'],
  ['emoji', '🐟 swims 👩‍👩‍👧', '🐟 swims 👩‍👩‍👧'],
  ['spaces at the ends', '  in the middle  ', 'in the middle'],
  ['other controls', 'bell\u0007 nul\u0000 tab\t.', 'bell  nul  tab .'],
  ['half a surrogate pair', 'a\ud83dz', 'a\ufffdz'],
]

test.each(AWKWARD)('a message with %s arrives', (_, message, arrives) => {
  const line = cefLine(makeAlert({ message }), ROOMY)
  expect(line).not.toMatch(/[\r\n]/)
  expect(parseCef(line).extension['msg']).toBe(arrives)
  expect(parseCef(line).extension['act']).toBe('Sign-in activity')
})

test.each([
  ['bars and backslashes', 'a|b\\c', 'a\\|b\\\\c', 'a|b\\c'],
  ['equals signs', 'a=b', 'a=b', 'a=b'],
  ['line ends', 'a\r\nb\nc', 'a b c', 'a b c'],
])('a rule name with %s stands in the header', (_, name, written, arrives) => {
  const line = cefLine(makeAlert({ name }), ROOMY)
  expect(line.split('|entra.password-spray|')[1]).toMatch(new RegExp(`^${quote(written)}\\|8\\|`))
  expect(parseCef(line).name).toBe(arrives)
})

const SHAPES: readonly [string, AlertParts, Record<string, string | undefined>][] = [
  [
    'an IPv6 source in c6a2',
    { extra: { source: { ip: '2001:db8::1' } } },
    { src: undefined, c6a2: '2001:db8::1', c6a2Label: 'Source IPv6 Address' },
  ],
  ['no address that is none', { extra: { source: { ip: 'console' } } }, { src: undefined, c6a2: undefined }],
  [
    'ports',
    { extra: { source: { port: 40_000 }, destination: { port: '443' } } },
    { spt: '40000', dpt: '443' },
  ],
  [
    'no port that is none',
    { extra: { source: { port: 'any' }, destination: { port: 70_000 } } },
    { spt: undefined, dpt: undefined },
  ],
  ['the first of several', { extra: { source: { ip: ['192.0.2.1', '192.0.2.2'] } } }, { src: '192.0.2.1' }],
  [
    'what an alert was joined to',
    { weir: { status: 'merged', merged_into: 'a-0' } },
    { flexString1: 'a-0', flexString1Label: 'mergedInto', cs6: 'merged' },
  ],
  [
    'the remedy',
    { extra: { weir: { ...makeAlert().weir, remedy: 'Restart it' } } },
    { reason: 'Restart it' },
  ],
  [
    'no empty value',
    { extra: { source: {}, user: {}, threat: {} } },
    { src: undefined, suser: undefined, cs2: undefined },
  ],
  ['lateness without fractions', { weir: { late_by_ms: 61_000.4 } }, { cn2: '61000', cn2Label: 'lateByMs' }],
]

test.each(SHAPES)('it shows %s', (_, parts, expected) => {
  const { extension } = parseCef(cefLine(makeAlert(parts), ROOMY))
  for (const [key, value] of Object.entries(expected)) expect(extension[key], key).toBe(value)
})

test('every value is held to its length, and the line says so', () => {
  const long = makeAlert({
    message: '🐟'.repeat(2000),
    extra: { event: { ...makeAlert().event, action: 'x'.repeat(99) } },
  })
  const { extension } = parseCef(cefLine(long, ROOMY))
  expect([...extension['msg']!]).toHaveLength(1023)
  expect(extension['act']).toBe('x'.repeat(63))
  expect(extension['cn3Label']).toBe('truncated')
})

/** The longest values by the CEF Implementation Standard, of every key of ours that has a limit. */
const DICTIONARY = {
  externalId: 40,
  cat: 1023,
  act: 63,
  outcome: 63,
  msg: 1023,
  reason: 1023,
  suser: 1023,
  suid: 1023,
  duser: 1023,
  requestClientApplication: 1023,
  destinationServiceName: 1023,
  deviceExternalId: 255,
  flexString1: 1023,
  cs1: 4000,
  cs2: 4000,
  cs3: 4000,
  cs4: 4000,
}

test('no value outgrows its key, whatever an alert holds, and times are in milliseconds', () => {
  const long = 'x'.repeat(5000)
  const { event, weir } = makeAlert()
  const alert = makeAlert({
    message: long,
    extra: {
      event: { ...event, category: [long], action: long, outcome: long },
      user: { name: long, id: long, target: { name: long } },
      cloud: { service: { name: long }, account: { id: long } },
      user_agent: { original: long },
      threat: { technique: [{ id: long }] },
      weir: {
        remedy: long,
        alert: {
          ...weir.alert,
          id: long,
          merged_into: long,
          group: { long },
          events: [{ ...member(long, '2026-03-01T10:00:00Z'), dataset: long }],
        },
      },
    },
  })
  const { extension } = parseCef(cefLine(alert, ROOMY))
  for (const [key, charactersMax] of Object.entries(DICTIONARY))
    expect([key, extension[key]?.length]).toEqual([key, charactersMax])
  for (const key of ['rt', 'start', 'end']) expect(extension[key]).toMatch(/^1772\d{9}$/)
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

test.each([6000, 4000, 3000, 2048, 1200, 900, 400])('nine kilobytes fit into %d', (bytesMax) => {
  const line = cefLine(NINE_KB, bytesMax)
  const { extension, classId, severity } = parseCef(line)
  expect(Buffer.byteLength(line)).toBeLessThanOrEqual(bytesMax)
  expect(extension['cs4'], 'event ids go first').toBeUndefined()
  expect(extension['cs4Label']).toBeUndefined()
  expect({ classId, severity }).toEqual({ classId: 'entra.password-spray', severity: '8' })
  expect(extension).toMatchObject({ externalId: 'a-1', cn1: '1', cn3: '1', cn3Label: 'truncated' })
})

test('the message is only shortened when nothing else is left to give', () => {
  const message = (bytesMax: number) => parseCef(cefLine(NINE_KB, bytesMax)).extension['msg']!.length
  expect(message(4000)).toBe(900)
  expect(message(1200)).toBeGreaterThan(100)
  expect(message(1200)).toBeLessThan(900)
})

test('what cannot even be named is refused', () => {
  expect(() => cefLine(makeAlert(), 100)).toThrow(RangeError)
})

const CORPUS = process.env['WEIR_CORPUS'] ?? ''
const CASES = join(CORPUS, 'cef-parser/src/test/resources/com/github/jcustenborder/cef/messages')

test.skipIf(CORPUS === '' || !existsSync(CASES))('the parser used here reads the lines of others', () => {
  const files = readdirSync(CASES).filter((name) => name.endsWith('.json'))
  for (const name of files) {
    const { input, expected } = JSON.parse(readFileSync(join(CASES, name), 'utf8'))
    const read = parseCef(input.slice(input.indexOf('CEF:')))
    expect({ name: read.name, id: read.classId, severity: read.severity }, name).toEqual({
      name: expected.name,
      id: expected.deviceEventClassId,
      severity: expected.severity,
    })
    expect(read.extension, name).toEqual(expected.extensions)
  }
  expect(files.length).toBeGreaterThan(20)
})

function quote(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
