import type { JsonObject } from '@weir/model'
import { describe, expect, it } from 'vitest'
import { createReferenceMatcher, type ExplainedCondition, Explainer, type Explanation } from '../src/index.ts'
import { AUDITS, DATASETS, eventOf, ruleOf, ruleSetOf, SIGNINS } from './match-fixtures.ts'
import { GOOD, type Json, load } from './rule-fixtures.ts'

const explained = (conditions: unknown, record: JsonObject): Promise<Explanation> => {
  const rule = ruleOf('r', conditions, ['azure.signinlogs'])
  return new Explainer(ruleSetOf([rule]), rule).explain(eventOf(record))
}

const test = (fact: string, operator: string, value: unknown, more: Json = {}): Json => ({
  fact,
  operator,
  value,
  ...more,
})

/** The tree as lines: what was asked, what came of it, what was seen. */
function lines(node: ExplainedCondition | undefined, depth = 0): readonly string[] {
  if (node === undefined) return []
  const result = node.result === undefined ? 'unasked' : String(node.result)
  const name = node.name === undefined ? '' : `${node.name}: `
  const at = '  '.repeat(depth)
  if (node.kind !== 'test')
    return [`${at}${name}${node.kind} ${result}`, ...node.inner.flatMap((each) => lines(each, depth + 1))]
  const seen = 'seen' in node ? ` saw ${JSON.stringify(node.seen)}` : ''
  const other = 'compared' in node ? ` beside ${JSON.stringify(node.compared)}` : ''
  return [`${at}${name}${node.fact} ${node.operator} ${result}${seen}${other}`]
}

describe('the tree', () => {
  const CONDITIONS = {
    all: [
      test('event.outcome', 'equal', 'failure'),
      { any: [test('n', 'greaterThan', 5), test('record', 'in', [1, 2], { path: '$.deep.code' })] },
      { not: test('user.name', 'startsWith', 'svc-', { name: 'no service' }) },
      test('user.name', 'notEqual', { fact: 'source.ip' }),
    ],
  }

  it('says of each condition what it saw and whether it held', async () => {
    const record = { outcome: 'failure', n: 3, deep: { code: 2 }, user: 'ada', ip: '203.0.113.7' }
    const { matched, conditions, dataset } = await explained(CONDITIONS, record)
    expect([matched, dataset]).toEqual([
      true,
      { event: 'azure.signinlogs', rule: ['azure.signinlogs'], admitted: true },
    ])
    expect(lines(conditions)).toEqual([
      'all true',
      '  event.outcome equal true saw "failure"',
      '  any true',
      '    n greaterThan false saw 3',
      '    record in true saw 2',
      '  not true',
      '    no service: user.name startsWith false saw "ada"',
      '  user.name notEqual true saw "ada" beside "203.0.113.7"',
    ])
  })

  it('tells what the event lacks from what it has', async () => {
    const { matched, conditions } = await explained(CONDITIONS, { outcome: 'success', deep: { code: null } })
    expect(matched).toBe(false)
    expect(lines(conditions)).toEqual([
      'all false',
      '  event.outcome equal false saw "success"',
      '  any false',
      '    n greaterThan false',
      '    record in false saw null',
      '  not true',
      '    no service: user.name startsWith false',
      '  user.name notEqual false',
    ])
  })

  it('says what priorities spared', async () => {
    const spared = { all: [test('n', 'equal', 1, { priority: 2 }), test('user.name', 'equal', 'ada')] }
    expect(lines((await explained(spared, { n: 2, user: 'ada' })).conditions)).toEqual([
      'all false',
      '  n equal false saw 2',
      '  user.name equal unasked',
    ])
    expect(lines((await explained(spared, { n: 1, user: 'ada' })).conditions)).toEqual([
      'all true',
      '  n equal true saw 1',
      '  user.name equal true saw "ada"',
    ])
  })

  it('says that an evaluation threw, and why', async () => {
    const { matched, threw, conditions } = await explained(
      { all: [test('n', 'someValue:equal', 3)] },
      { n: 3 },
    )
    expect([matched, threw, conditions]).toEqual([false, expect.stringMatching(/some/), undefined])
  })
})

it('has named conditions by their names, those within them too, and lists by theirs', async () => {
  const named = {
    'a.conditions.json': {
      outside: { not: { fact: 'source.ip', operator: 'inList', value: 'ours' } },
      'failed outside': { all: [test('event.outcome', 'equal', 'failure'), { condition: 'outside' }] },
    },
    'ours.list.json': JSON.stringify(['10.0.0.0/8']),
    'spared.json': {
      ...GOOD,
      conditions: { any: [test('n', 'equal', 1, { priority: 2 }), { condition: 'failed outside' }] },
    },
    'root.json': { ...GOOD, id: 'root', conditions: { condition: 'outside' } },
  }
  const set = load(named)
  expect(set.problems).toEqual([])
  const linesOf = async (id: string, record: JsonObject) =>
    lines((await new Explainer(set, set.byId.get(id)!).explain(eventOf(record))).conditions)
  expect(await linesOf('entra.spray', { n: 2, outcome: 'failure', ip: '203.0.113.7' })).toEqual([
    'any true',
    '  n equal false saw 2',
    '  failed outside: all true',
    '    event.outcome equal true saw "failure"',
    '    outside: not true',
    '      source.ip inList false saw "203.0.113.7"',
  ])
  expect(await linesOf('entra.spray', { n: 1 })).toEqual([
    'any true',
    '  n equal true saw 1',
    '  failed outside: all unasked',
    '    event.outcome equal unasked',
    '    outside: not unasked',
    '      source.ip inList unasked',
  ])
  expect(await linesOf('root', { ip: '10.1.2.3' })).toEqual([
    'outside: not false',
    '  source.ip inList true saw "10.1.2.3"',
  ])
})

it('does not ask where the dataset is another', async () => {
  const rule = ruleOf('r', { all: [] }, ['azure.signinlogs'])
  const explanation = await new Explainer(ruleSetOf([rule]), rule).explain(eventOf({}, AUDITS))
  expect(explanation).toEqual({
    rule: 'r',
    dataset: { event: 'azure.auditlogs', rule: ['azure.signinlogs'], admitted: false },
    matched: false,
    correlations: [],
    bases: [],
  })
})

it('says of every fixture what the reference matcher says', async () => {
  const outcome = test('event.outcome', 'equal', 'failure')
  const records = [{}, { outcome: 'failure' }, { outcome: 'failure', n: 1 }, { n: 7, user: 'ada' }]
  const all: unknown[] = [
    { all: [outcome] },
    { any: [outcome, test('n', 'greaterThan', 5)] },
    { not: outcome },
    { not: { all: [outcome, test('n', 'exists', true)] } },
    { all: [] },
    { any: [] },
  ]
  for (const conditions of all) {
    const rule = ruleOf('r', conditions)
    const matcher = createReferenceMatcher(ruleSetOf([rule]), DATASETS)
    for (const record of records) {
      const event = eventOf(record)
      const { matched, conditions: tree } = await new Explainer(ruleSetOf([rule]), rule).explain(event)
      expect([matched, tree?.result]).toEqual(Array(2).fill((await matcher.match([event])).length === 1))
    }
  }
})

describe('correlation', () => {
  const COUNT = { type: 'value_count', 'group-by': ['source.ip'], timespan: '10m' }
  const set = load({
    'a.json': { ...GOOD, correlation: { ...COUNT, condition: { field: 'user.name', gte: 3 } } },
    'b.json': {
      ...GOOD,
      id: 'entra.audit',
      dataset: ['azure.auditlogs'],
      conditions: { all: [] },
      event: { type: 't' },
    },
    'c.json': {
      ...GOOD,
      id: 'entra.then',
      dataset: undefined,
      conditions: undefined,
      event: { type: 't' },
      correlation: {
        type: 'temporal',
        rules: ['entra.spray', 'entra.audit'],
        timespan: '1h',
        'group-by': ['who'],
        aliases: { who: { 'entra.spray': 'source.ip', 'entra.audit': 'user.name' } },
      },
    },
  })
  const explain = (id: string, record: JsonObject, dataset = SIGNINS) =>
    new Explainer(set, set.byId.get(id)!).explain(eventOf(record, dataset))

  it('has the values that it groups by and counts', async () => {
    const { matched, correlations } = await explain('entra.spray', {
      outcome: 'failure',
      ip: 'i',
      user: 'ada',
    })
    expect([matched, correlations]).toEqual([
      true,
      [
        {
          type: 'value_count',
          timespanMs: 600_000,
          of: 'entra.spray',
          taken: true,
          keys: [
            { use: 'group-by', name: 'source.ip', field: 'source.ip', value: 'i' },
            { use: 'field', name: 'user.name', field: 'user.name', value: 'ada' },
          ],
        },
      ],
    ])
  })

  it('says that a match lacks a field, and is not taken', async () => {
    const { correlations } = await explain('entra.spray', { outcome: 'failure', ip: 'i' })
    expect(correlations).toMatchObject([{ taken: false, keys: [{ value: 'i' }, { field: 'user.name' }] }])
    expect(correlations[0]!.keys[1]).not.toHaveProperty('value')
  })

  it('over other rules explains each of them, and takes what the alias stands for in the one that matched', async () => {
    const { matched, conditions, correlations, bases } = await explain('entra.then', { user: 'bo' }, AUDITS)
    expect([matched, conditions]).toEqual([true, undefined])
    expect(bases.map((base) => [base.rule, base.dataset.admitted, base.matched])).toEqual([
      ['entra.spray', false, false],
      ['entra.audit', true, true],
    ])
    expect(correlations).toMatchObject([
      { of: 'entra.audit', taken: true, keys: [{ name: 'who', field: 'user.name', value: 'bo' }] },
    ])
  })
})
