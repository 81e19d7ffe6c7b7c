import { describe, expect, test } from 'vitest'
import { layoutOf } from '../src/blobs/layout.ts'

const TIME = Date.parse('2026-03-04T09:59:59.999Z')
const CAPTURE = '{Namespace}/{EventHub}/{PartitionId}/{Year}/{Month}/{Day}/{Hour}/{Minute}/{Second}'

describe.each([
  ['append', undefined, 'r/y=2026/m=03/d=04/h=09/m=00/', 'r/y=2026/m=03/d=04/', 'y=2026/'],
  ['flow', undefined, 'r/y=2026/m=03/d=04/h=09/m=00/', 'r/y=2026/m=03/d=04/', 'y=2026/'],
  ['storage-analytics', undefined, 'r/2026/03/04/0900/', 'r/2026/03/04/', '2026/'],
  ['capture', undefined, 'r/2026/03/04/09/', 'r/2026/03/04/', '2026/'],
  [
    'capture',
    'a/{EventHub}/d-{Year}/{Month}-{Day}/{PartitionId}/{Hour}',
    'r/d-2026/03-04/',
    'r/d-2026/03-04/',
    'd-2026/',
  ],
  ['files', 'app/{Year}/{Month}/{Day}/', 'r/2026/03/04/', 'r/2026/03/04/', '2026/'],
  ['files', '{Year}/{Month}/{Day}-{Hour}.csv', 'r/2026/03/04-09.csv', 'r/2026/03/', '2026/'],
] as const)('%s with the pattern %s', (kind, pattern, hour, day, year) => {
  const layout = layoutOf({ container: 'c', kind, ...(pattern && { pattern }) })!

  test('the names of an hour and of a day begin with', () => {
    expect([layout.hourPrefix('r/', TIME), layout.dayPrefix('r/', TIME)]).toEqual([hour, day])
  })

  test('a year lies right below a resource', () => {
    expect(layout.isYear('r/', `r/${year}`)).toBe(true)
    expect(layout.isYear('r/', `r/x${year}`)).toBe(false)
    expect(layout.isYear('', `r/${year}`)).toBe(false)
    expect(layout.isYear('r/', 'r/1024/')).toBe(false)
  })
})

test.each([
  [
    'append',
    undefined,
    'resourceId=/S/y=2026/m=03/d=04/h=09/m=00/PT1H.json',
    'resourceId=/S/',
    '2026-03-04T10:00:00Z',
  ],
  ['flow', undefined, 'y=2026/m=12/d=31/h=23/m=00/macAddress=00/PT1H.json', '', '2027-01-01T00:00:00Z'],
  ['append', undefined, 'resourceId=/S/why=2026/m=03/d=04/h=09/m=00/PT1H.json', undefined, undefined],
  ['append', undefined, 'blob/2026/03/04/0900/000000.log', undefined, undefined],
  ['storage-analytics', undefined, 'blob/2026/03/04/0900/000000.log', 'blob/', '2026-03-04T10:00:00Z'],
  ['capture', CAPTURE, 'ns/hub/1024/2026/03/04/09/59/07.avro', 'ns/hub/1024/', '2026-03-04T10:00:00Z'],
  ['files', '{Year}/{Month}/{Day}/', 'app/a/2026/03/04/x.csv', 'app/a/', '2026-03-05T00:00:00Z'],
] as const)('%s with the pattern %s: what %s tells', (kind, pattern, name, resource, endsAt) => {
  const place = layoutOf({ container: 'c', kind, ...(pattern && { pattern }) })!.placeOf(name)
  expect(place?.resource).toBe(resource)
  expect(place?.endsAt).toBe(endsAt === undefined ? undefined : Date.parse(endsAt))
})

test('files without a pattern have no layout', () => {
  expect(layoutOf({ container: 'c', kind: 'files' })).toBeUndefined()
})

test.each(['{Hour}/{EventHub}', '{EventHub}-{Year}/x', '{Day}/{Month}/{Year}/', '{Year}-{Month}-{Day}/', ''])(
  'a pattern whose days could not be listed is refused: %s',
  (pattern) => {
    expect(() => layoutOf({ container: 'c', kind: 'capture', pattern })).toThrow(
      /^container c: pattern ".*": \{Year\} has to begin a folder/,
    )
  },
)
