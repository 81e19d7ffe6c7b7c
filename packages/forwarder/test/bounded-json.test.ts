import { alertV1 } from '@weir/contract'
import { expect, test } from 'vitest'
import { boundedJson } from '../src/formats/bounded-json.ts'
import { makeAlert, member } from './support/alert.ts'

const LARGE = makeAlert({
  message: '🐟 "quoted" \\ \u0001 '.repeat(150),
  name: 'n'.repeat(600),
  weir: { events: Array.from({ length: 60 }, (_, i) => member(`event-${i}`, '2026-03-01T10:00:00Z')) },
  extra: { user_agent: { original: 'Agent/1.0 '.repeat(100) }, tags: ['t'], related: { ip: ['192.0.2.1'] } },
})

test('an alert that fits is there whole, in one line, and nothing says that it was cut', () => {
  const alert = makeAlert({ message: 'one\ntwo\u2028 "three"' })
  const written = boundedJson(alert, 8000)
  expect(JSON.parse(written)).toEqual(alert)
  expect(written).not.toContain('\n')
  expect(written).not.toContain('truncated')
})

test.each([8000, 4000, 3000, 2000, 1400, 1000])(
  'a large one fits into %d bytes, an alert still',
  (bytesMax) => {
    const written = boundedJson(LARGE, bytesMax)
    expect(Buffer.byteLength(written)).toBeLessThanOrEqual(bytesMax)
    const alert = JSON.parse(written)
    expect(alertV1.safeParse(alert).error).toBeUndefined()
    expect(alert.weir.alert).toMatchObject({
      id: 'a-1',
      revision: 1,
      kind: 'detection',
      status: 'open',
      severity: 'high',
      truncated: true,
      events: [],
    })
    expect(alert.rule.id).toBe('entra.password-spray')
    expect(LARGE.message.startsWith(alert.message)).toBe(true)
  },
)

test('what can be done without goes first, text last', () => {
  const at = (bytesMax: number) => JSON.parse(boundedJson(LARGE, bytesMax))
  expect(at(8000)).toMatchObject({ user_agent: {}, message: LARGE.message, source: { ip: '203.0.113.9' } })
  expect(at(2000).user_agent).toBeUndefined()
  expect(at(2000).message.length).toBeGreaterThan(100)
  expect(at(2000).rule.name).toBe(LARGE.rule.name)
  expect(at(1000)).toMatchObject({ message: '' })
})

test('what cannot even be named is refused', () => {
  expect(() => boundedJson(makeAlert(), 400)).toThrow(RangeError)
})
