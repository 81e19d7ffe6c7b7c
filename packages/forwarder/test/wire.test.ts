import { expect, test } from 'vitest'
import { frame } from '../src/formats/frame.ts'
import { hecEvent } from '../src/formats/hec.ts'
import { jsonLine } from '../src/formats/json-line.ts'
import { syslogHeader } from '../src/formats/syslog.ts'
import { type SyslogShape, syslogMessage } from '../src/formats/syslog-message.ts'
import { makeAlert } from './support/alert.ts'

const HEADER = {
  header: 'rfc5424',
  zone: 'UTC',
  facility: 16,
  hostname: 'weir',
  appName: 'weir',
} as const

const SHAPE: SyslogShape = { ...HEADER, format: 'cef', delimiter: '\t', bom: false, sizeMax: 8000 }

const CEF =
  'CEF:0|Weir|Weir|0.1.0|entra.password-spray|Password spray against Entra ID|8|' +
  'externalId=a-1 rt=1772359500250 start=1772359200000 end=1772359500250 cnt=12 cat=credential-access ' +
  'act=Sign-in activity outcome=failure msg=a|b \\= \\\\ "ü" ] 🐟 src=203.0.113.9 suser=kim@example.org ' +
  'suid=7d1c duser=root@example.org cs1={"source.ip":"203.0.113.9"} cs1Label=group cs2=T1110,T1110.003 ' +
  'cs2Label=attack cs3=azure.signinlogs cs3Label=datasets cs4=e-1,e-2 cs4Label=eventIds cs5=detection ' +
  'cs5Label=kind cs6=open cs6Label=status cn1=1 cn1Label=revision cn2=0 cn2Label=lateByMs'

const LEEF = [
  'devTime=1772359500250',
  'sev=8',
  'cat=credential-access',
  'src=203.0.113.9',
  'usrName=kim@example.org',
  'accountName=root@example.org',
  'externalId=a-1',
  'revision=1',
  'kind=detection',
  'status=open',
  'name=Password spray against Entra ID',
  'msg=a|b = \\ "ü" ] 🐟',
  'act=Sign-in activity',
  'outcome=failure',
  'suid=7d1c',
  'cnt=12',
  'start=1772359200000',
  'end=1772359500250',
  'lateByMs=0',
  'group={"source.ip":"203.0.113.9"}',
  'attack=T1110,T1110.003',
  'datasets=azure.signinlogs',
  'eventIds=e-1,e-2',
]

const ALERT = makeAlert({ message: 'a|b = \\ "ü" ] 🐟' })
const START = '|Weir|Weir|0.1.0|entra.password-spray|'

const PAYLOADS = {
  cef: CEF,
  leef1: `LEEF:1.0${START}${LEEF.join('\t')}`,
  leef2: `LEEF:2.0${START}0x09|${LEEF.join('\t')}`,
  json: JSON.stringify(ALERT),
} as const

const HEADERS = {
  rfc5424: '<131>1 2026-03-01T10:05:02.000Z weir weir - detection - ',
  rfc3164: '<131>Mar  1 10:05:02 weir ',
} as const

const FRAMES = {
  octet: (message: string) => `${Buffer.byteLength(message)} ${message}`,
  lf: (message: string) => `${message}\n`,
  datagram: (message: string) => message,
} as const

const WIRE = (Object.keys(HEADERS) as (keyof typeof HEADERS)[]).flatMap((header) =>
  (Object.keys(PAYLOADS) as (keyof typeof PAYLOADS)[]).flatMap((format) =>
    (Object.keys(FRAMES) as (keyof typeof FRAMES)[]).map((framing) => [header, format, framing] as const),
  ),
)

test.each(WIRE)('a syslog message with header %s and format %s, framing %s, is these bytes', (...how) => {
  const [header, format, framing] = how
  const tag = header === 'rfc3164' && format === 'json' ? 'weir: ' : ''
  expect(frame(syslogMessage(ALERT, { ...SHAPE, header, format }), framing).toString()).toBe(
    FRAMES[framing](HEADERS[header] + tag + PAYLOADS[format]),
  )
})

test.each([
  ['critical', 16, '<130>'],
  ['high', 16, '<131>'],
  ['medium', 16, '<132>'],
  ['low', 16, '<133>'],
  ['informational', 16, '<134>'],
  ['critical', 0, '<2>'],
  ['informational', 23, '<190>'],
] as const)('severity %s at facility %d has the priority %s', (severity, facility, priority) => {
  const alert = makeAlert({ severity })
  expect(syslogHeader(alert, { ...HEADER, facility })).toBe(
    `${priority}1 2026-03-01T10:05:02.000Z weir weir - detection - `,
  )
  expect(syslogHeader(alert, { ...HEADER, header: 'rfc3164', facility })).toBe(
    `${priority}Mar  1 10:05:02 weir `,
  )
})

test.each([
  ['rfc5424', 'UTC', '2026-03-01T12:05:02+02:00', '<131>1 2026-03-01T10:05:02.000Z weir weir - health - '],
  ['rfc5424', 'Asia/Tokyo', '2026-03-01T10:05:02Z', '<131>1 2026-03-01T10:05:02.000Z weir weir - health - '],
  ['rfc3164', 'UTC', '2026-12-31T23:59:59.999Z', '<131>Dec 31 23:59:59 weir '],
  ['rfc3164', 'Asia/Tokyo', '2026-12-31T23:59:59.999Z', '<131>Jan  1 08:59:59 weir '],
  ['rfc3164', 'UTC', '2026-03-01T00:05:02Z', '<131>Mar  1 00:05:02 weir '],
] as const)('the time of header %s in zone %s, made at %s', (header, zone, created, written) => {
  const event = { ...makeAlert().event, created }
  const alert = makeAlert({ kind: 'health', extra: { event } })
  expect(syslogHeader(alert, { ...HEADER, header, zone })).toBe(written)
})

test('a byte order mark stands before the text when it is wanted, and counts', () => {
  const marked = syslogMessage(ALERT, { ...SHAPE, bom: true })
  expect(marked).toBe(`${HEADERS.rfc5424}\ufeff${CEF}`)
  expect(frame(marked, 'octet').toString()).toMatch(new RegExp(`^${Buffer.byteLength(marked)} <`))
})

test.each([
  ['plain text', 'abc', '3 abc'],
  ['bytes, not characters', 'ü🐟', '6 ü🐟'],
  ['a line end', 'a\nb', '3 a\nb'],
])('octet counting counts %s', (_, message, framed) => {
  expect(frame(message, 'octet').toString()).toBe(framed)
})

test.each([
  ['plain text', 'abc', 'abc\n'],
  ['a line end within', 'a\r\nb\nc', 'a b c\n'],
])('line framing ends %s', (_, message, framed) => {
  expect(frame(message, 'lf').toString()).toBe(framed)
})

test('an event for the HTTP Event Collector is these bytes', () => {
  const alert = makeAlert({ revision: 3 })
  const written = hecEvent(alert, { host: 'weir', sourcetype: 'weir:alert', index: 'main' }).toString()
  expect(written).toBe(
    `{"time":1772359500.250,"host":"weir","source":"weir","sourcetype":"weir:alert","index":"main",` +
      `"event":${JSON.stringify(alert)},"fields":{"alert_id":"a-1","revision":"3","kind":"detection",` +
      '"severity":"high","status":"open","rule":"entra.password-spray"}}',
  )
})

test('as OCSF, the event is a Detection Finding, and what is indexed stays', () => {
  const meta = { host: 'weir', sourcetype: 'weir:alert', format: 'ocsf' } as const
  const written = JSON.parse(hecEvent(makeAlert(), meta).toString())
  expect(written).toMatchObject({ event: { class_uid: 2004 }, fields: { alert_id: 'a-1', revision: '1' } })
})

test('without an index there is none, and the time has no exponent', () => {
  const alert = makeAlert({ extra: { '@timestamp': '1970-01-01T00:00:00.000Z' } })
  const written = hecEvent(alert, { host: 'weir', sourcetype: 'weir:alert', index: undefined }).toString()
  expect(written).toMatch(/^\{"time":0\.000,"host"/)
  expect(JSON.parse(written)).not.toHaveProperty('index')
})

test('a line of JSON is one line, and the alert again', () => {
  const alert = makeAlert({ message: 'one\ntwo\u2028🐟' })
  const written = jsonLine(alert).toString()
  expect(written.indexOf('\n')).toBe(written.length - 1)
  expect(JSON.parse(written)).toEqual(alert)
})
