import { expect, test } from 'vitest'
import { frameLine, frameOctets } from '../src/formats/frame.ts'
import { hecEvent } from '../src/formats/hec.ts'
import { jsonLine } from '../src/formats/json-line.ts'
import { syslogHeader } from '../src/formats/syslog.ts'
import { makeAlert } from './support/alert.ts'

const HEADER = { facility: 16, hostname: 'weir', appName: 'weir' }

test.each([
  ['critical', 16, '<130>'],
  ['high', 16, '<131>'],
  ['medium', 16, '<132>'],
  ['low', 16, '<133>'],
  ['informational', 16, '<134>'],
  ['critical', 0, '<2>'],
  ['informational', 23, '<190>'],
] as const)('severity %s at facility %d has the priority %s', (severity, facility, priority) => {
  expect(syslogHeader(makeAlert({ severity }), { ...HEADER, facility })).toBe(
    `${priority}1 2026-03-01T10:05:02.000Z weir weir - detection - `,
  )
})

test('the time of the header is written in UTC, whatever zone it came in', () => {
  const event = { ...makeAlert().event, created: '2026-03-01T12:05:02+02:00' }
  expect(syslogHeader(makeAlert({ kind: 'health', extra: { event } }), HEADER)).toBe(
    '<131>1 2026-03-01T10:05:02.000Z weir weir - health - ',
  )
})

test.each([
  ['plain text', 'abc', '3 abc'],
  ['bytes, not characters', 'ü🐟', '6 ü🐟'],
  ['a line end', 'a\nb', '3 a\nb'],
])('octet counting counts %s', (_, message, framed) => {
  expect(frameOctets(message).toString()).toBe(framed)
})

test.each([
  ['plain text', 'abc', 'abc\n'],
  ['a line end within', 'a\r\nb\nc', 'a b c\n'],
])('line framing ends %s', (_, message, framed) => {
  expect(frameLine(message).toString()).toBe(framed)
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
