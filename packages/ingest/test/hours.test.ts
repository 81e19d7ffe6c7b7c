import { expect, test } from 'vitest'
import { daysBetween, hourStart } from '../src/blobs/hours.ts'
import { HOUR_MS } from '../src/durations.ts'

const at = (iso: string): number => Date.parse(iso)

test('an hour begins in UTC', () => {
  expect(new Date(hourStart(at('2026-03-04T09:59:59.999Z'))).toISOString()).toBe('2026-03-04T09:00:00.000Z')
})

test.each([
  ['2026-03-04T10:00:00Z', 2, ['04']],
  ['2026-03-04T01:00:00Z', 2, ['04', '03']],
  ['2026-03-01T12:00:00Z', 48, ['01', '28', '27']],
  ['2026-03-04T00:00:00Z', 0, ['04']],
])('the days to list at %s for %i hours back', (now, hours, days) => {
  const found = daysBetween(at(now) - hours * HOUR_MS, at(now))
  expect(found.map((day) => new Date(day).toISOString().slice(8, 10))).toEqual(days)
})
