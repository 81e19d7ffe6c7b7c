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
