import { describe, expect, it } from 'vitest'
import { errorsOf, GOOD, type Json, load, test, told } from './rule-fixtures.ts'

const OUTSIDE = test('source.ip', 'not:cidr', '10.0.0.0/8')
const using = (...names: readonly string[]): Json => ({
  ...GOOD,
  conditions: { all: names.map((condition) => ({ condition })) },
})

describe('named conditions', () => {
  it('are taken from their files, with those that they name in turn, and no others', () => {
    const set = load({
      'a.conditions.json': { $schema: 'x', outside: OUTSIDE, unused: { any: [] } },
      'sub/b.conditions.json': { 'failed outside': { all: [{ condition: 'outside' }] } },
      'r.json': using('failed outside'),
    })
    expect(errorsOf(set)).toEqual([])
    expect([...set.rules[0]!.named!]).toEqual([
      ['failed outside', { all: [{ condition: 'outside' }] }],
      ['outside', OUTSIDE],
    ])
  })

  it('are part of what a rule detects, and of it only', () => {
    const hashes = (outside: Json) => {
      const set = load({
        'a.conditions.json': { outside, deep: { condition: 'outside' } },
        'r.json': using('deep'),
        's.json': { ...GOOD, id: 'other' },
      })
      return [set.hash, set.byId.get('entra.spray')!.hash, set.byId.get('other')!.hash]
    }
    const [set, deep, other] = hashes(OUTSIDE)
    const changed = hashes(test('source.ip', 'not:cidr', '192.168.0.0/16'))
    expect(changed[0]).not.toBe(set)
    expect(changed[1]).not.toBe(deep)
    expect(changed[2]).toBe(other)
  })

  const WRONG: readonly (readonly [string, Readonly<Record<string, Json>>, readonly string[]])[] = [
    [
      'a name twice',
      { 'a.conditions.json': { x: OUTSIDE }, 'b.conditions.json': { x: OUTSIDE } },
      ['b.conditions.json:2:3 duplicate-id condition "x" is already in a.conditions.json'],
    ],
    [
      'a circle',
      { 'a.conditions.json': { x: { not: { condition: 'y' } }, y: { condition: 'x' } } },
      [
        'a.conditions.json:2:8 cycle condition "x" is built on itself',
        'a.conditions.json:7:8 cycle condition "y" is built on itself',
      ],
    ],
    [
      'a test alone, which the library does not take',
      { 'a.conditions.json': { x: { fact: 'n', operator: 'equal', value: 1 } } },
      ['a.conditions.json:2:8 conditions conditions must begin with one of all, any, not, condition'],
    ],
    [
      'an unknown name within',
      { 'a.conditions.json': { inner: OUTSIDE, x: { condition: 'iner' } } },
      ['a.conditions.json:12:18 unknown-condition unknown condition "iner"; did you mean "inner"?'],
    ],
    [
      'a list',
      { 'a.conditions.json': [] as unknown as Json },
      ['a.conditions.json:1:1 type a file of named conditions holds one object: name and conditions'],
    ],
  ]
  it.each(WRONG)('are refused for %s', (_name, files, expected) => {
    expect(told(load(files))).toEqual(expected)
  })

  it('must fit the datasets of each rule that names them, and say where they do not', () => {
    const set = load({
      'a.conditions.json': { outside: OUTSIDE },
      'r.json': { ...using('outside'), dataset: ['azure.auditlogs'], event: { type: 't' } },
      's.json': { ...using('outside'), id: 'fits' },
    })
    expect(told(set)).toEqual([
      'r.json:14:22 unknown-fact condition "outside" (a.conditions.json:5:17): unknown field "source.ip": it is not in azure.auditlogs, only in azure.signinlogs',
    ])
    expect(set.rules.map((rule) => rule.id)).toEqual(['fits'])
  })
})
