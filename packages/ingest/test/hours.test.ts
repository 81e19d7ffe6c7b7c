import { expect, test } from 'vitest'
import { dayPrefix, daysBetween, HOUR_MS, hourOf, hourPrefix, hourStart } from '../src/blobs/hours.ts'

const at = (iso: string): number => Date.parse(iso)

test('an hour has one folder, named in UTC', () => {
  const time = at('2026-03-04T09:59:59.999Z')
  expect(hourPrefix('r/', time)).toBe('r/y=2026/m=03/d=04/h=09/m=00/')
  expect(dayPrefix('r/', time)).toBe('r/y=2026/m=03/d=04/')
  expect(new Date(hourStart(time)).toISOString()).toBe('2026-03-04T09:00:00.000Z')
})

test.each([
  ['resourceId=/S/y=2026/m=03/d=04/h=09/m=00/PT1H.json', '2026-03-04T09:00:00Z'],
  ['y=2026/m=12/d=31/h=23/m=00/macAddress=00/PT1H.json', '2026-12-31T23:00:00Z'],
  ['resourceId=/S/why=2026/m=03/d=04/h=09/PT1H.json', undefined],
  ['$logs/2026/03/04/0900/000000.log', undefined],
])('the hour of a blob is read from its name: %s', (name, iso) => {
  expect(hourOf(name)).toBe(iso === undefined ? undefined : at(iso))
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
