import type { JsonObject } from '@weir/model'
import { describe, expect, test } from 'vitest'
import { BLIND_LIMITS, Blindness } from '../src/index.ts'
import { AUDITS, eventOf, ruleOf, ruleSetOf } from './match-fixtures.ts'

const DAY_MS = 24 * 3_600_000
const LIMITS = { ...BLIND_LIMITS, blindEventsMin: 40, blindEventsPerMinuteMax: 100 }

const leaf = (fact: string, operator: string, value: unknown, more: object = {}) => ({
  fact,
  operator,
  value,
  ...more,
})
const action = leaf('event.action', 'equal', 'delete')
const ip = leaf('source.ip', 'cidr', ['10.0.0.0/8'])
const path = leaf('record', 'equal', 'x', { path: '$.deep.kind' })
const repeat = (count: number, record: JsonObject) => Array.from({ length: count }, () => record)

const DELETES = repeat(40, { action: 'delete' })

/** Fields that are called missing once a day has passed; `undefined` when the rule is not blind. */
function missing(conditions: unknown, records: readonly JsonObject[], limits = LIMITS) {
  const blindness = new Blindness(ruleSetOf([ruleOf('r', conditions)]), limits)
  blindness.see(
    records.map((record) => eventOf(record)),
    0,
  )
  expect(blindness.blind(DAY_MS - 1)).toEqual([])
  return blindness.blind(DAY_MS)[0]?.fields
}

describe('a rule is blind', () => {
  test.each([
    ['whose one field never occurs', ip, DELETES, ['source.ip']],
    ['by one field beside one that occurs', { all: [action, ip] }, DELETES, ['source.ip']],
    ['by a path of the record', { all: [action, path] }, DELETES, ['record.deep.kind']],
    ['by the list that is always empty', leaf('tags', 'contains', 'x'), repeat(40, { tags: [] }), ['tags']],
    ['by null', ip, repeat(40, { ip: null }), ['source.ip']],
    [
      'by all of its fields at once',
      { all: [ip, { all: [path] }] },
      DELETES,
      ['source.ip', 'record.deep.kind'],
    ],
    ['beside an `any` that is met', { all: [{ any: [action, path] }, ip] }, DELETES, ['source.ip']],
    ['with decorators', leaf('user.name', 'fold:in', ['a']), DELETES, ['user.name']],
    [
      'of which twenty events met the rest',
      { all: [action, ip] },
      [...DELETES.slice(20), ...repeat(20, { action: 'read' })],
      ['source.ip'],
    ],
  ])('%s', (_, conditions, records, fields) => {
    expect(missing(conditions, records)).toEqual(fields)
  })
})

describe('a rule is not blind', () => {
  test.each([
    ['whose field occurred once', ip, [...DELETES, { ip: '192.0.2.1' }]],
    ['whose field occurred first', ip, [{ ip: '192.0.2.1' }, ...DELETES]],
    [
      'whose operation is rare',
      { all: [action, ip] },
      [...DELETES.slice(21), ...repeat(21, { action: 'read' })],
    ],
    ['one of whose operations is rare', { all: [{ any: [action] }, ip] }, repeat(40, { action: 'read' })],
    ['whose field stands under `any`', { any: [ip, path] }, DELETES],
    ['whose field stands under `any` in `all`', { all: [action, { any: [ip, path] }] }, DELETES],
    ['whose field stands under `not`', { all: [action, { not: ip }] }, DELETES],
    ['that is met without a value', leaf('source.ip', 'notEqual', 'x'), DELETES],
    ['that is met without a value, by a decorator', leaf('source.ip', 'not:equal', 'x'), DELETES],
    ['that asks whether the field is there', leaf('source.ip', 'exists', true), DELETES],
    ['that compares two fields', leaf('source.ip', 'equal', { fact: 'user.name' }), DELETES],
    ['whose path only the library follows', leaf('record', 'equal', 'x', { path: '$..kind' }), DELETES],
    ['of which too few events came', ip, DELETES.slice(1)],
  ])('%s', (_, conditions, records) => {
    expect(missing(conditions, records)).toBeUndefined()
  })
})

describe('what was seen', () => {
  const rules = ruleSetOf([ruleOf('r', { all: [action, ip] })])
  const events = DELETES.map((record) => eventOf(record))
  const blindOne = () => {
    const blindness = new Blindness(rules, LIMITS)
    blindness.see(events, 0)
    return blindness
  }

  test('is told with its numbers', () => {
    expect(blindOne().blind(DAY_MS)).toEqual([
      { rule: 'r', fields: ['source.ip'], events: 40, candidates: 40 },
    ])
  })

  test('is over when the field occurs', () => {
    const blindness = blindOne()
    expect(blindness.sees('r', DAY_MS)).toBe(false)
    blindness.see([eventOf({ ip: '192.0.2.1' })], DAY_MS)
    expect([blindness.blind(DAY_MS), blindness.sees('r', DAY_MS)]).toEqual([[], true])
  })

  test('is over when the rule matched an event that was not looked at', () => {
    const blindness = blindOne()
    blindness.matched('r')
    expect([blindness.blind(DAY_MS), blindness.sees('r', DAY_MS)]).toEqual([[], true])
  })

  test('outlives other rules, and not the rule itself', () => {
    const blindness = blindOne()
    blindness.replace(ruleSetOf([...rules.rules, ruleOf('s', path)]))
    expect(blindness.blind(DAY_MS).map(({ rule }) => rule)).toEqual(['r'])
    blindness.replace(ruleSetOf([{ ...ruleOf('r', { all: [action, ip] }), hash: 'another' }]))
    expect([blindness.blind(DAY_MS), blindness.sees('r', DAY_MS)]).toEqual([[], true])
    blindness.replace(ruleSetOf([]))
    expect(blindness.sees('r', DAY_MS)).toBe(true)
  })

  test("is of the rule's datasets alone, and of so many events of each in a minute", () => {
    const one = ruleSetOf([ruleOf('r', ip, ['azure.signinlogs'])])
    const blindness = new Blindness(one, { ...LIMITS, blindEventsPerMinuteMax: 25 })
    const audits = DELETES.map((record) => eventOf(record, AUDITS))
    const seen = () => blindness.blind(2 * DAY_MS)[0]?.events
    blindness.see([...audits, ...events], 0)
    blindness.see(events, 59_999)
    expect(seen()).toBeUndefined()
    blindness.see(events, 60_000)
    expect(seen()).toBe(50)
  })
})
