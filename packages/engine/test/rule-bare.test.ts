import type { JsonObject } from '@weir/model'
import { Engine, type RuleProperties } from 'json-rules-engine'
import { describe, expect, it } from 'vitest'
import { createMatcher } from '../src/index.ts'
import { factOf } from '../src/match/facts.ts'
import { DATASETS, eventOf, SIGNINS } from './match-fixtures.ts'
import { errorsOf, type Json, load } from './rule-fixtures.ts'

// Rules as json-rules-engine has them, each given to its own Engine and to Weir.

const EVENT = { type: 'seen' }
const leaf = (fact: unknown, operator: string, value: unknown, more: Json = {}) => ({
  fact,
  operator,
  value,
  ...more,
})
const all = (...list: readonly unknown[]) => ({ all: list })
const bare = (conditions: unknown, more: Json = {}): Json => ({ conditions, event: EVENT, ...more })

/** Every fact of the dataset occurs, one way or the other, in the rules below. */
const RECORDS: readonly JsonObject[] = [
  {},
  { ip: '10.0.0.1', user: 'ada', n: 5, tags: ['a', 'b'], outcome: 'failure' },
  { ip: '10.0.0.2', user: '10.0.0.2', n: '17', tags: [], outcome: 'success' },
  { n: 17, tags: ['x'], outcome: 'failure', deep: { list: [{ v: 1 }, { v: 2 }] } },
  { n: null, tags: [17, 'ada'], user: 'ada', outcome: null, deep: { list: [{ v: [] }] } },
]

const NAMED: Readonly<Record<string, Json>> = {
  failed: all(leaf('event.outcome', 'equal', 'failure')),
  'failed often': all({ condition: 'failed' }, leaf('n', 'greaterThan', 10)),
}

const SAME: readonly (readonly [string, Json])[] = [
  ['one test', bare(all(leaf('n', 'equal', 5)))],
  ['any of several', bare({ any: [leaf('n', 'equal', 5), leaf('source.ip', 'in', ['10.0.0.2'])] })],
  ['not', bare({ not: leaf('event.outcome', 'equal', 'failure') })],
  [
    'forms within one another',
    bare({
      any: [
        all(leaf('n', 'greaterThanInclusive', 5), { not: { any: [leaf('tags', 'contains', 'x')] } }),
        all(leaf('user.name', 'equal', 'ada')),
      ],
    }),
  ],
  [
    'names, priorities and words for the host',
    bare(
      {
        all: [leaf('n', 'lessThan', 10, { name: 'few', priority: 10, id: 7 })],
        name: 'the rule',
        priority: 2,
        note: 'x',
      },
      { name: 'Few', priority: 50, onSuccess: null, id2: [1] },
    ),
  ],
  [
    'a path and params',
    bare(all(leaf('record', 'equal', 2, { path: '$.deep.list[1].v', params: { cached: false } }))),
  ],
  ['a path through each', bare(all(leaf('record', 'contains', 1, { path: '$.deep.list[*].v' })))],
  ['a path that filters', bare(all(leaf('record', 'contains', 2, { path: '$.deep.list[?(@.v>1)].v' })))],
  ['another fact as value', bare(all(leaf('source.ip', 'equal', { fact: 'user.name' })))],
  [
    'a path into another fact',
    bare(all(leaf('user.name', 'in', { fact: 'record', path: '$.tags', params: {} }))),
  ],
  ['decorators', bare(all(leaf('tags', 'someFact:not:in', ['a', 'x'])))],
  [
    'each of the decorators',
    bare({
      any: [
        leaf('tags', 'everyFact:someValue:equal', ['a', 'b']),
        leaf('n', 'swap:in', 5),
        leaf('tags', 'everyValue:contains', ['a', 'b']),
      ],
    }),
  ],
  ['a named condition', bare({ condition: 'failed' })],
  [
    'a named condition within',
    bare(all({ condition: 'failed often', priority: 4 }, { not: { condition: 'nothing' } })),
  ],
  [
    'an unknown fact',
    bare({ any: [leaf('account.balance', 'notEqual', 0), leaf('account.balance', 'in', [0])] }),
  ],
  ['a fact that is no text', bare(all(leaf(5, 'notEqual', 1), leaf(null, 'equal', null)))],
  [
    'a list and an object as value',
    bare({
      any: [leaf('tags', 'equal', ['x']), leaf('tags', 'notEqual', {}), leaf('tags', 'in', [['x'], {}])],
    }),
  ],
  [
    'values that the operators have no use for',
    bare({ any: [leaf('n', 'in', '17'), leaf('n', 'lessThan', '10'), leaf('n', 'greaterThan', null)] }),
  ],
  ['a value that throws at the event', bare({ any: [leaf('n', 'in', 5), leaf('n', 'equal', 5)] })],
  [
    'a value that throws where it is reached',
    bare({ any: [leaf('n', 'equal', 5, { priority: 2 }), leaf('n', 'in', null)] }),
  ],
  ['capitals where they are folded', bare(all(leaf('user.name', 'notEqual', 'Ada')))],
  ['the record as a whole', bare(all(leaf('record', 'notEqual', 'x')))],
  [
    'paths of another spelling',
    bare(
      all(
        leaf('record', 'equal', 5, { path: 'n' }),
        leaf('record', 'notEqual', 1, { path: '$["n"]' }),
        leaf('n', 'equal', 5, { path: '' }),
      ),
    ),
  ],
  [
    'priorities of any kind',
    bare({
      any: [
        leaf('n', 'equal', 5, { priority: 0 }),
        leaf('n', 'equal', 17, { priority: -2 }),
        leaf('n', 'equal', 1, { priority: '3' }),
      ],
    }),
  ],
  [
    'several forms in one',
    bare({ all: [leaf('n', 'equal', 17)], any: [leaf('n', 'equal', 5)], not: leaf('n', 'equal', 5) }),
  ],
  ['a form beside a name', bare({ all: [{ condition: 'failed', any: [] }] })],
  ['empty forms', bare({ any: [{ all: [] }, leaf('n', 'equal', 1)] })],
  ['an event of any type', bare(all(leaf('n', 'equal', 5)), { event: { type: 7, params: 'x', more: 1 } })],
  ['an event without a type of its own', bare(all(leaf('n', 'equal', 5)), { event: null })],
  [
    'params that name what is not there',
    bare(all(leaf('n', 'equal', 5)), { event: { type: 't', params: { message: '{{nobody}}' } } }),
  ],
  ['a name that is no text', bare(all(leaf('n', 'equal', 5)), { name: { a: 1 }, priority: '7x' })],
]

const REFUSED: readonly (readonly [string, Json])[] = [
  ['a test at the top', bare(leaf('n', 'equal', 5))],
  ['conditions that are a list', bare([leaf('n', 'equal', 5)])],
  ['all of no list', bare({ all: leaf('n', 'equal', 5) })],
  ['any of text', bare({ any: 'x' })],
  ['not of a list', bare({ not: [leaf('n', 'equal', 5)] })],
  ['not of nothing', bare({ not: {} })],
  ['a test without fact', bare(all({ operator: 'equal', value: 5 }))],
  ['a test without operator', bare(all({ fact: 'n', value: 5 }))],
  ['a test without value', bare(all({ fact: 'n', operator: 'equal' }))],
  ['a test that is none', bare(all('n'))],
  ['a test that is null', bare(all(null))],
  ['an event without type', bare(all(), { event: {} })],
  ['an event that is text', bare(all(), { event: 'seen' })],
  ['an event that is a list', bare(all(), { event: [] })],
  ['a priority below one', bare(all(), { priority: -1 })],
  ['a priority of zero in words', bare(all(), { priority: '0' })],
]

// The engine takes these and then cannot run them; Weir says so at once.
const NEVER_RUN: readonly (readonly [string, Json, string])[] = [
  ['an unknown operator', bare(all(leaf('n', 'equals', 5))), 'unknown-operator'],
  ['an unknown named condition', bare({ condition: 'faild' }), 'unknown-condition'],
  ['no conditions at all', bare(null), 'type'],
]

describe('a bare rule', () => {
  it.each(SAME)('means in Weir what it means in the library: %s', async (_name, rule) => {
    expect(await byWeir(rule)).toEqual(await byLibrary(rule))
  })

  it('meets some records and not others, in most of these', async () => {
    const met = await Promise.all(SAME.map(([, rule]) => byLibrary(rule)))
    const telling = met.filter((each) => each.includes(true) && each.includes(false))
    expect(telling.length).toBeGreaterThan(SAME.length / 2)
  })

  it.each(REFUSED)('is refused by both: %s', (_name, rule) => {
    expect(() => new Engine().addRule(copyOf(rule))).toThrow()
    expect(errorsOf(loaded(rule)).length).toBeGreaterThan(0)
  })

  it.each(NEVER_RUN)('is refused where the library could never run it: %s', async (_name, rule, code) => {
    expect(await byLibrary(rule)).toEqual(RECORDS.map(() => undefined))
    expect(errorsOf(loaded(rule)).map((error) => error.code)).toEqual([code])
  })

  it('is one only without a word of the other form', () => {
    const { problems } = loaded(bare(all(), { severity: 'low' }))
    expect(problems.filter((each) => each.severity === 'error').map((each) => each.message)).toEqual([
      'a rule needs "id"',
      'a rule needs "name"',
    ])
  })

  it('says what of it has no use', () => {
    const rule = bare(all(leaf('user.nam', 'equal', ['x'], { id: 1 })), { event: { type: 7 }, author: 'x' })
    const told = loaded(rule).problems.filter(({ file }) => file === 'r.json')
    expect(told.map(({ severity, message }) => `${severity} ${message}`)).toEqual([
      'warning a bare json-rules-engine rule: id, severity and datasets are defaults',
      'warning unknown field "user.nam"; did you mean "user.name"?',
      'warning a list or object equals nothing: write a single value',
      'warning unknown property of a condition "id"; there are fact, operator, value, path, params, priority, name',
      'warning the type of an event should be text',
      'warning unknown property of a rule "author"; there are conditions, event, name, priority',
    ])
  })
})

function copyOf(rule: Json): RuleProperties {
  return JSON.parse(JSON.stringify(rule)) as RuleProperties
}

function loaded(rule: Json) {
  return load({ 'n.conditions.json': { ...NAMED, nothing: { not: all() } }, 'r.json': rule })
}

/** For each record, whether the rule meets it; `undefined` where the run was rejected. */
async function byLibrary(rule: Json): Promise<readonly (boolean | undefined)[]> {
  const verdicts: (boolean | undefined)[] = []
  for (const record of RECORDS) {
    const engine = new Engine([], { allowUndefinedFacts: true })
    for (const [name, condition] of Object.entries({ ...NAMED, nothing: { not: all() } }))
      engine.setCondition(name, JSON.parse(JSON.stringify(condition)))
    engine.addRule(copyOf(rule))
    verdicts.push(
      await engine.run(factsOf(record)).then(
        ({ results }) => results.length > 0,
        () => undefined,
      ),
    )
  }
  return verdicts
}

async function byWeir(rule: Json): Promise<readonly (boolean | undefined)[]> {
  const set = loaded(rule)
  expect(errorsOf(set)).toEqual([])
  const verdicts: (boolean | undefined)[] = []
  for (const record of RECORDS) {
    const matcher = createMatcher(set, DATASETS)
    const hits = await matcher.match([eventOf(record)])
    verdicts.push(matcher.takeErrors().size > 0 ? undefined : hits.length > 0)
  }
  return verdicts
}

function factsOf(record: JsonObject): Record<string, unknown> {
  const event = eventOf(record)
  const names = [...SIGNINS.fields.keys(), 'record']
  const facts = names.map((name) => [name, factOf(event, name)] as const)
  return Object.fromEntries(facts.filter(([, value]) => value !== undefined))
}
