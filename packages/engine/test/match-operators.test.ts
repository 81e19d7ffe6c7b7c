import { describe, expect, it } from 'vitest'
import { MATCHERS, metBy } from './match-fixtures.ts'

// Operator, value, facts that meet it, facts that do not.
const TABLE: readonly (readonly [string, unknown, readonly unknown[], readonly unknown[]])[] = [
  ['startsWith', 'ab', ['ab', 'abc'], ['Ab', 'cab', '', 1, null, ['ab'], undefined]],
  ['endsWith', 'bc', ['bc', 'abc'], ['bcd', 'BC', 5, undefined]],
  ['containsText', 'b', ['abc', 'b'], ['ac', 'B', ['b'], undefined]],
  ['fold:containsText', 'B', ['abc', 'aBc'], ['ac', undefined]],
  ['fold:equal', 'Ärger', ['ärger', 'ÄRGER'], ['arger', undefined]],
  ['fold:in', ['A', 7], ['a', 'A', 7], ['7', 'b', undefined]],
  ['not:fold:in', ['A'], ['b', undefined], ['a']],
  ['someFact:startsWith', 'a', [['b', 'ab']], [['b'], 'ab', []]],
  ['someValue:endsWith', ['.exe', '.dll'], ['x.dll'], ['x.txt', undefined]],
  ['exists', true, ['', 0, false, []], [null, undefined]],
  ['exists', false, [null, undefined], ['', 0, false]],
  ['wildcard', 'a*c', ['ac', 'abc', 'a**c'], ['abcd', 'bac', 'Abc', 1]],
  ['wildcard', '*', ['', 'x'], [1, undefined]],
  ['wildcard', '?b*', ['ab', 'abc'], ['b', 'aab']],
  ['wildcard', '*a*b*', ['ab', 'xaxbx'], ['ba', 'a']],
  ['wildcard', 'aba*ba', ['ababa', 'abaxba'], ['aba', 'abaa']],
  ['wildcard', '\\*\\?\\\\', ['*?\\'], ['x?\\', '*x\\']],
  ['fold:wildcard', 'A*', ['abc', 'ABC'], ['xa']],
  ['matches', '^ab+$', ['ab', 'abbb'], ['xab', 'AB', 1, undefined]],
  ['matches', '(?i)AB', ['xxabxx'], ['axb']],
  [
    'cidr',
    '10.0.0.0/8',
    ['10.1.2.3', '::ffff:10.0.0.1'],
    ['11.0.0.1', '10.1.2', '010.1.2.3', '10.1.2.3:443', '10.1.2.300', '', 1, undefined],
  ],
  ['cidr', '192.0.2.1', ['192.0.2.1'], ['192.0.2.2']],
  [
    'cidr',
    ['10.0.0.0/9', '2001:db8::/33'],
    ['10.127.0.1', '2001:db8:7fff::1'],
    ['10.128.0.1', '2001:db8:8000::1', '2001:db9::1'],
  ],
  ['cidr', '::ffff:10.0.0.0/104', ['10.9.9.9', '::ffff:10.9.9.9'], ['11.9.9.9']],
  ['cidr', '0.0.0.0/0', ['1.2.3.4'], ['::1', 'x']],
  [
    'hour:equal',
    3,
    ['2026-01-02T03:04:05Z', '2026-01-02 05:04:05+02:00', 1767323045000],
    ['2026-01-02T04:04:05Z', '03', 3, null, undefined],
  ],
  [
    'hour:equal',
    3,
    ['2026-01-02T03:04', '2026-01-02t03:04:05.1234567z', '2026-01-02T04:34:05+0130'],
    ['2026-01-02T03', '2026-01-02T33:04:05Z', 'now'],
  ],
  [
    'minute:lessThan',
    5,
    ['2026-01-02T03:04:59.999Z', '2026-01-02'],
    ['2026-01-02T03:05:00Z', 'x', undefined],
  ],
  [
    'day:in',
    [2, 31],
    ['2026-01-02T00:00:00Z', '2026-01-02T23:59:59Z'],
    ['2026-01-03T00:00:00Z', ['2026-01-02'], 'x'],
  ],
  ['someFact:day:in', [2], [['x', '2026-01-02']], [['2026-01-03'], '2026-01-02', []]],
  ['week:equal', 53, ['2020-12-28', '2021-01-03T23:59:59Z'], ['2021-01-04', '2020-12-27']],
  ['week:equal', 1, ['2019-12-30', '2021-01-04', '2024-01-01'], ['2021-01-03', '2019-12-29', '2024-01-08']],
  ['month:equal', 12, ['2026-12-31T23:59:59Z', '2027-01-01T00:30:00+01:00'], ['2027-01-01', 12]],
  ['year:greaterThan', 2025, ['2026-01-01', 1767225600000], ['2025-12-31T23:59:59Z', 2026, '2026']],
  ['not:hour:in', [8, 9], ['2026-01-02T10:00:00Z', 'x', undefined], ['2026-01-02T09:59:59Z']],
  [
    'number:equal',
    5,
    [5, '5', '5.0', '+5', '05', '50e-1'],
    ['5 apples', ' 5', '', '0x5', true, [5], {}, null, undefined],
  ],
  ['number:equal', '5', [5, '5.00'], ['6', undefined]],
  ['number:in', ['1', 2], ['1', 1, '2.0'], ['3', 'x', undefined]],
  [
    'number:lessThan',
    '10',
    ['9', 9, -1, ['9']],
    ['9 apples', 10, '10', [], { toString: 1 }, null, undefined],
  ],
  ['number:contains', 7, [['x', '7'], [7]], ['7', ['77'], undefined]],
  ['text:equal', 5, [5, '5'], ['5.0', true, null, undefined]],
  ['text:equal', true, [true, 'true'], ['True', 1, undefined]],
  ['text:fold:equal', 'TRUE', [true, 'True'], [false, null, undefined]],
  ['fold:text:in', ['A', 7], ['a', 7, '7'], ['b', [7], undefined]],
  ['text:fold:startsWith', '5A', ['5ab'], [5, '5', undefined]],
  ['text:containsText', '01', [5012, '01', 0.01], [51, [501], undefined]],
  ['someFact:text:fold:equal', 'A1', [['x', 'a1']], ['a1', [], [['a1']]]],
  [
    'anyText:containsText',
    'b1',
    ['ab1', { k: ['x', { l: 'b1' }] }, ['b', 'b1']],
    [{ b1: 'x' }, 'b', null, undefined, ['b', 1]],
  ],
  ['anyText:equal', '7', [7, [{ a: 7 }], '7'], [77, null, { 7: 'x' }]],
  ['anyText:fold:equal', 'TRUE', [true, { a: [true] }], [false, {}]],
  ['anyText:number:greaterThan', 7, [{ a: 'x', b: '8' }], [{ a: '7' }, [], 'x8']],
  ['not:anyText:fold:containsText', 'B', [{ a: 'x' }, null, undefined], [{ a: 'xb' }]],
  ['anyText:someValue:equal', ['x', 'y'], [['y']], [['z'], undefined]],
  [
    'timeOfDay',
    '22:00-06:00',
    ['2026-01-02T22:00:00Z', '2026-01-02T05:59:59.999Z', '2026-01-03T00:30:00+01:00'],
    ['2026-01-02T06:00:00Z', '2026-01-02T21:59:59Z', 'x', {}, undefined],
  ],
  ['timeOfDay', '08:00-18:00', ['2026-01-02T08:00:00Z'], ['2026-01-02T18:00:00Z', '2026-01-02T07:59:59Z']],
  ['timeOfDay', '18:00-24:00', ['2026-01-02T23:59:59Z'], ['2026-01-02T00:00:00Z']],
  [
    'timeOfDay',
    '08:00-09:00 Europe/Stockholm',
    ['2026-01-02T07:30:00Z', '2026-07-02T06:30:00Z'],
    ['2026-01-02T06:30:00Z', '2026-07-02T07:30:00Z'],
  ],
  ['not:timeOfDay', '08:00-18:00', ['2026-01-02T19:00:00Z', 'x', undefined], ['2026-01-02T09:00:00Z']],
  ['swap:startsWith', 'abc', ['ab', ''], ['b', 'abcd', 1, undefined]],
  ['swap:cidr', '10.0.0.7', ['10.0.0.0/8', ['10.0.0.7']], ['11.0.0.0/8', 'x', undefined]],
  ['not:cidr', '10.0.0.0/8', ['11.0.0.1', 'x', undefined], ['10.0.0.1']],
]

describe.each(MATCHERS)('Weir operators in the %s matcher', (_name, create) => {
  it.each(TABLE)('%s %j', async (operator, value, hits, misses) => {
    const records = [...hits, ...misses].map((fact) => (fact === undefined ? {} : { v: fact as string }))
    const { met } = await metBy(create, { all: [{ fact: 'record', path: '$.v', operator, value }] }, records)
    expect(met).toEqual([...hits.map(() => true), ...misses.map(() => false)])
  })

  it('finds a pattern in time linear in the text', async () => {
    const conditions = { all: [{ fact: 'record', path: '$.v', operator: 'matches', value: '(a+)+$' }] }
    // A backtracking engine would need some 2^5000 steps.
    const { met } = await metBy(create, conditions, [{ v: `${'a'.repeat(5_000)}!` }])
    expect(met).toEqual([false])
  })
})
