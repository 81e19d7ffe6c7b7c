import type { JsonObject } from '@weir/model'
import { describe, expect, it } from 'vitest'
import { MATCHERS, metBy, type Names } from './match-fixtures.ts'

const at = (path: string, operator: string, value: unknown) => ({ fact: 'record', path, operator, value })
const never = at('$.a', 'equal', 'never')
const always = at('$.a', 'notEqual', 'never')
/** Asks a value that is no list for its members: the library's operator throws. */
const throwing = at('$.n', 'swap:in', 1)

interface Trap extends Names {
  readonly name: string
  readonly conditions: unknown
  readonly hits: readonly JsonObject[]
  readonly misses: readonly JsonObject[]
  readonly errors?: number
}

const TRAPS: readonly Trap[] = [
  {
    name: 'only own properties are seen',
    conditions: { all: [at('$.constructor', 'exists', true)] },
    hits: [{ constructor: 'x' } as unknown as JsonObject],
    misses: [{}, { a: 1 }],
  },
  {
    name: 'a method is no property',
    conditions: {
      any: [at('$.a.toString', 'exists', true), at('$.a.at', 'exists', true), at('$.a.trim', 'exists', true)],
    },
    hits: [{ a: { at: 0 } }],
    misses: [{ a: {} }, { a: [] }, { a: 'x' }, { a: 1 }],
  },
  {
    name: 'a text and a list own their length, an empty text has nothing',
    conditions: { all: [at('$.a.length', 'greaterThanInclusive', 0)] },
    hits: [{ a: 'x' }, { a: [] }, { a: { length: 0 } }],
    misses: [{ a: '' }, { a: 1 }, { a: null }, {}],
  },
  {
    name: '__proto__ is a property where the record has it',
    conditions: { all: [at("$['__proto__'].x", 'equal', 1)] },
    hits: [JSON.parse('{"__proto__":{"x":1}}') as JsonObject],
    misses: [{ x: 1 }, {}],
  },
  {
    name: 'a path steps into lists and texts by index',
    conditions: { all: [at("$.a[1]['b c']", 'equal', 'x')] },
    hits: [{ a: [0, { 'b c': 'x' }] }, { a: { 1: { 'b c': 'x' } } }],
    misses: [{ a: [{ 'b c': 'x' }] }, { a: 'xx' }, {}],
  },
  { name: 'an empty any is true', conditions: { any: [] }, hits: [{}], misses: [] },
  { name: 'an empty all is true', conditions: { all: [] }, hits: [{}], misses: [] },
  { name: 'nothing is not an empty any', conditions: { not: { any: [] } }, hits: [], misses: [{}] },
  {
    name: 'a single condition decides alone',
    conditions: { all: [{ any: [{ not: never }] }] },
    hits: [{ a: 1 }],
    misses: [{ a: 'never' }],
  },
  {
    name: 'a throw beside what is true rejects the run',
    conditions: { any: [always, throwing] },
    hits: [],
    misses: [{ n: 1 }],
    errors: 1,
  },
  {
    name: 'a decorator that asks no list for its members throws, whatever the one after it makes of the fact',
    conditions: { any: [always, at('$.n', 'everyValue:number:greaterThan', '')] },
    hits: [],
    misses: [{ n: 1 }],
    errors: 1,
  },
  {
    name: 'a throw within not rejects the run',
    conditions: { not: { all: [never, throwing] } },
    hits: [],
    misses: [{ n: 1 }],
    errors: 1,
  },
  {
    name: 'a throw that the event does not cause rejects nothing',
    conditions: { any: [always, throwing] },
    hits: [{ n: [] }, { n: [1] }],
    misses: [],
    errors: 0,
  },
  {
    name: 'a higher priority that decides spares the rest',
    conditions: { any: [{ ...always, priority: 5 }, throwing] },
    hits: [{ n: 1 }],
    misses: [],
    errors: 0,
  },
  {
    name: 'a higher priority that decides nothing leaves it to the rest',
    conditions: { any: [{ ...never, priority: 5 }, throwing] },
    hits: [{ n: [1] }],
    misses: [{ n: [] }, { n: 1 }],
    errors: 1,
  },
  {
    name: 'priorities count within a list, as numbers, and 1 is the least said',
    conditions: {
      not: {
        all: [
          {
            all: [
              { ...never, priority: 10 },
              { ...throwing, priority: 9 },
            ],
          },
          always,
        ],
      },
    },
    hits: [{ n: 1 }, {}],
    misses: [],
    errors: 0,
  },
  {
    name: 'a throw of a higher priority rejects the run before the rest is asked',
    conditions: { any: [always, { ...throwing, priority: 2 }] },
    hits: [],
    misses: [{ n: 1 }],
    errors: 1,
  },
  {
    name: 'params change nothing: no fact of an event is computed',
    conditions: { all: [{ ...at('$.a', 'equal', 1), params: { a: 2 } }] },
    hits: [{ a: 1 }],
    misses: [{ a: 2 }],
  },
  {
    name: 'a name stands for its conditions, at the top and within, also through another name',
    conditions: { condition: 'outer' },
    named: {
      outer: { not: { condition: 'inner' } },
      inner: { all: [{ condition: 'one' }] },
      one: { any: [never] },
    },
    hits: [{ a: 1 }],
    misses: [{ a: 'never' }],
  },
  {
    name: 'a name has the priority of the place where it stands',
    conditions: {
      any: [
        { condition: 'yes', priority: 3 },
        { condition: 'throws', priority: 2 },
      ],
    },
    named: { yes: { all: [always] }, throws: { all: [throwing], priority: 9 } },
    hits: [{ n: 1 }],
    misses: [],
    errors: 0,
  },
  {
    name: 'a name counts before what stands beside it within a list',
    conditions: { all: [{ condition: 'no', all: [] }] },
    named: { no: { all: [never] } },
    hits: [{ a: 'never' }],
    misses: [{}],
  },
  {
    name: 'and not at the top',
    conditions: { condition: 'no', all: [] },
    named: { no: { all: [never] } },
    hits: [{}],
    misses: [],
  },
  {
    name: 'a name that nobody knows rejects the run',
    conditions: { any: [always, { condition: 'nowhere' }] },
    hits: [],
    misses: [{}],
    errors: 1,
  },
  {
    name: 'a list is looked up by text, addresses by network, case as the operator says',
    conditions: {
      any: [at('$.a', 'inList', 'l'), at('$.b', 'fold:inList', 'l'), at('$.tags', 'someFact:inList', 'l')],
    },
    lists: { l: ['x', 'Yes', '7', 'true', '10.0.0.0/8', '2001:db8::/32'] },
    hits: [
      { a: 'x' },
      { a: 7 },
      { a: true },
      { a: '10.1.2.3' },
      { a: '2001:DB8::1' },
      { b: 'YES' },
      { b: '::ffff:10.0.0.1' },
      { tags: ['z', 'x'] },
    ],
    misses: [{ a: 'yes' }, { a: 'X' }, { a: '11.0.0.1' }, { a: ['x'] }, { a: null }, { b: 'z' }, {}],
  },
  {
    name: 'what is in no list is in none of several',
    conditions: { all: [at('$.a', 'notInList', 'l'), at('$.a', 'not:someValue:inList', ['l', 'm'])] },
    lists: { l: ['x'], m: ['y'] },
    hits: [{ a: 'z' }, {}, { a: null }, { a: 'Y' }],
    misses: [{ a: 'x' }, { a: 'y' }],
  },
  {
    name: 'two lists are two tests',
    conditions: { all: [at('$.a', 'inList', 'l'), { not: at('$.a', 'inList', 'm') }] },
    lists: { l: ['x', 'y'], m: ['y'] },
    hits: [{ a: 'x' }],
    misses: [{ a: 'y' }, {}],
  },
  {
    name: 'a value that is asked for a list that it is not rejects the run, whatever the fact became',
    conditions: { any: [always, at('$.n', 'hour:everyValue:everyValue:lessThan', [1])] },
    hits: [],
    misses: [{ n: 1 }, {}],
    errors: 2,
  },
  {
    name: 'an object without a text form cannot be ordered',
    conditions: { any: [always, at('$.n', 'lessThan', 1)] },
    hits: [{ n: {} }, { n: null }],
    misses: [{ n: { toString: 1 } as unknown as JsonObject }],
    errors: 1,
  },
  {
    name: 'an undefined fact equals nothing, and differs from everything',
    conditions: {
      all: [
        { fact: 'nowhere', operator: 'notEqual', value: null },
        { fact: 'source.ip', operator: 'notIn', value: [null, ''] },
      ],
    },
    hits: [{}],
    misses: [{ ip: '' }, { ip: null }],
  },
  {
    name: 'null equals null alone',
    conditions: { all: [at('$.a', 'equal', null)] },
    hits: [{ a: null }],
    misses: [{}, { a: '' }, { a: 0 }, { a: 'null' }, { a: [] }],
  },
  {
    name: 'a number is no text, and zero has one sign',
    conditions: { all: [at('$.a', 'in', [0, '7'])] },
    hits: [{ a: 0 }, { a: -0 }, { a: '7' }],
    misses: [{ a: 7 }, { a: '0' }, { a: false }, { a: '' }],
  },
  {
    name: 'order takes what begins like a number, and then compares as JavaScript does',
    conditions: { all: [at('$.a', 'lessThan', 10)] },
    hits: [{ a: 9 }, { a: '9' }, { a: [9] }, { a: -1 }],
    misses: [{ a: 10 }, { a: '9 apples' }, { a: 'x' }, { a: null }, { a: true }, { a: '' }, { a: [] }, {}],
  },
  {
    name: 'NaN is no number',
    conditions: {
      any: [
        { fact: 'n', operator: 'lessThan', value: 1 },
        { fact: 'n', operator: 'in', value: [1, null] },
      ],
    },
    hits: [{ n: 0 }, { n: null }],
    misses: [{ n: Number.NaN }],
  },
  {
    name: 'a list equals nothing, its entries do',
    conditions: {
      any: [
        { fact: 'tags', operator: 'equal', value: 'x' },
        { fact: 'tags', operator: 'fold:contains', value: 'X' },
      ],
    },
    hits: [{ tags: ['y', 'X'] }, { tags: 'x' }],
    misses: [{ tags: ['xx'] }, { tags: [['x']] }, { tags: [] }, {}],
  },
  {
    name: 'every entry of an empty list, some entry of none',
    conditions: { all: [{ fact: 'tags', operator: 'everyFact:equal', value: 'x' }] },
    hits: [{ tags: [] }, { tags: ['x', 'x'] }],
    misses: [{ tags: ['x', 'y'] }, { tags: 'x' }, {}],
  },
  {
    name: 'two fields of one event',
    conditions: {
      all: [{ fact: 'source.ip', operator: 'fold:equal', value: { fact: 'record', path: '$.a.b' } }],
    },
    hits: [{ ip: 'X', a: { b: 'x' } }, {}],
    misses: [{ ip: 'X', a: 'x' }, { ip: 'x' }],
  },
  {
    name: 'any operator takes its value from another field, decorated too, and meets nothing by one of no use',
    conditions: {
      any: [
        at('$.a', 'fold:startsWith', { fact: 'record', path: '$.b' }),
        { fact: 'source.ip', operator: 'cidr', value: { fact: 'tags' } },
        { fact: 'tags', operator: 'someFact:wildcard', value: { fact: 'user.name' } },
        at('$.n', 'number:greaterThan', { fact: 'n' }),
      ],
    },
    hits: [
      { a: 'ABC', b: 'aB' },
      { ip: '10.0.0.7', tags: ['10.0.0.0/8'] },
      { tags: ['xy'], user: 'x*' },
    ],
    misses: [{ a: 'ABC', b: 7 }, { ip: '10.0.0.7', tags: ['x'] }, { ip: '10.0.0.7' }, { n: '7' }, {}],
    errors: 0,
  },
  {
    name: '[*] gives a list, also of one, and nothing where there is none',
    conditions: {
      any: [
        at('$.a[*].b', 'contains', 1),
        { all: [at('$.a[*]', 'exists', false), at('$.a', 'exists', true)] },
      ],
    },
    hits: [{ a: [{ b: 1 }] }, { a: { x: { b: 1 }, y: 2 } }, { a: [0, { b: 1 }] }, { a: [] }, { a: 'b' }],
    misses: [{ a: [1] }, { a: [{ b: [1] }] }, { a: { b: 1 } }, {}],
  },
  {
    name: '[*] behind [*] asks of each entry of each',
    conditions: { all: [at('$.a[*].b[*]', 'everyFact:equal', 1)] },
    hits: [{ a: [{ b: [1, 1] }, { b: { c: 1 } }] }, { a: [{ b: [1] }, { b: [] }, 7] }],
    misses: [{ a: [{ b: [1, 2] }] }, { a: [{ b: 1 }] }, {}],
  },
  {
    name: 'a property of the name * is taken before each of them',
    conditions: { all: [at('$.a[*]', 'equal', 1)] },
    hits: [{ a: { '*': 1, b: 2 } }],
    misses: [{ a: [1] }, { a: { b: 1 } }],
  },
  {
    name: 'and is one of them behind a step that was itself taken by name behind [*]',
    conditions: { all: [at('$.a[*].b[*]', 'contains', 2)] },
    hits: [{ a: [{ b: { '*': 1, c: 2 } }] }],
    misses: [{ a: [{ b: { '*': { c: 2 } } }] }],
  },
  {
    name: 'paths beyond stepping are followed by the library',
    conditions: { all: [at('$.a[?(@.k==="x")].v', 'contains', 1)] },
    hits: [{ a: [{ k: 'x', v: 1 }] }],
    misses: [{ a: [{ k: 'y', v: 1 }] }, {}],
  },
  {
    name: 'facts that every event has',
    conditions: {
      all: [
        { fact: '@timestamp', operator: 'startsWith', value: '2026-01-02T03:04:05' },
        { fact: 'event.dataset', operator: 'equal', value: 'azure.signinlogs' },
      ],
    },
    hits: [{}],
    misses: [],
  },
]

describe.each(MATCHERS)('the %s matcher keeps the meaning where', (_name, create) => {
  it.each(TRAPS.map((trap) => [trap.name, trap] as const))(
    '%s',
    async (_trap, { conditions, hits, misses, errors, ...names }) => {
      const { met, errors: counted } = await metBy(create, conditions, [...hits, ...misses], names)
      expect(met).toEqual([...hits.map(() => true), ...misses.map(() => false)])
      if (errors !== undefined) expect(counted).toBe(errors)
    },
  )
})
