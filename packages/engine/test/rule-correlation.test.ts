import { describe, expect, it } from 'vitest'
import { errorsOf, GOOD, type Json, load, test, told } from './rule-fixtures.ts'

const BASE = { ...GOOD, id: 'base', alert: false, event: { type: 't' } }
const AUDIT = {
  ...BASE,
  id: 'audit',
  dataset: ['azure.auditlogs'],
  conditions: test('user.name', 'exists', true),
}
const OVER: Json = {
  id: 'over',
  name: 'Over two rules',
  severity: 'high',
  correlation: { type: 'temporal', rules: ['base', 'audit'], 'group-by': ['user.name'], timespan: '1h' },
  event: { type: 't' },
}

function over(correlation: Json): Json {
  return { ...OVER, correlation: { ...(OVER['correlation'] as Json), ...correlation } }
}

function own(correlation: Json): Json {
  return {
    ...GOOD,
    correlation: { type: 'event_count', timespan: '10m', condition: { gte: 5 }, ...correlation },
  }
}

describe('a correlation that is right', () => {
  it('correlates the matches of a rule that has conditions', () => {
    const set = load({
      'a.json': own({
        type: 'value_count',
        'group-by': ['source.ip'],
        condition: { field: 'user.name', gt: 9 },
      }),
    })
    expect(told(set)).toEqual([])
    expect(set.rules[0]).toMatchObject({
      correlation: {
        rules: ['entra.spray'],
        groupBy: ['source.ip'],
        timespanMs: 600_000,
        condition: { field: 'user.name', gte: 10 },
        aliases: {},
      },
      fields: ['source.ip', 'user.name'],
    })
  })

  it.each<[string, Json, object]>([
    [
      'a lower bound of a count is one word',
      { condition: { gt: 2, lte: 9 } },
      { condition: { gte: 3, lte: 9 } },
    ],
    [
      'and of a sum stays as it is',
      { type: 'value_sum', condition: { field: 'source.ip', gt: 2.5 } },
      { condition: { field: 'source.ip', gt: 2.5 } },
    ],
    [
      'one field in a list is one field',
      { type: 'value_count', condition: { field: ['source.ip'], eq: 2 } },
      { condition: { field: 'source.ip', eq: 2 } },
    ],
    [
      'several are a combination',
      { type: 'new_terms', condition: undefined, field: ['source.ip', 'user.name'], learn: '1d' },
      { condition: { field: ['source.ip', 'user.name'] }, learnMs: 86_400_000 },
    ],
  ])('%s', (_name, correlation, expected) => {
    const set = load({ 'a.json': own(correlation) })
    expect(told(set)).toEqual([])
    expect(set.rules[0]!.correlation).toMatchObject(expected)
    expect(Object.keys(set.rules[0]!.correlation!.condition).sort()).toEqual(
      Object.keys((expected as { condition: object }).condition).sort(),
    )
  })

  it('lets a growing rule keep the hash that it had', () => {
    const [rule] = load({ 'a.json': own({ 'group-by': ['source.ip'] }) }).rules
    expect(rule!.hash).toBe('5e325f5e184f161e4644f660d8314afc50ac55cf13f0e65da8828e84d0a6fe71')
  })

  it('has a hash of its own, however alike another correlation over the same rules is', () => {
    const set = load({ 'a.json': BASE, 'b.json': AUDIT, 'c.json': OVER, 'd.json': { ...OVER, id: 'again' } })
    expect(told(set)).toEqual([])
    expect(set.byId.get('again')!.hash).not.toBe(set.byId.get('over')!.hash)
  })

  it('has the datasets of its base rules, and tells them what to carry', () => {
    const set = load({ 'a.json': BASE, 'b.json': AUDIT, 'c.json': OVER })
    expect(told(set)).toEqual([])
    expect(set.byId.get('over')).toMatchObject({
      datasets: new Set(['azure.signinlogs', 'azure.auditlogs']),
      correlation: { condition: { gte: 2 } },
    })
    expect(set.byId.get('base')!.fields).toEqual(['user.name'])
    expect(set.byId.get('audit')!.fields).toEqual(['user.name'])
  })

  it('sees every dataset when one of its base rules does', () => {
    const wide = { ...AUDIT, dataset: undefined }
    expect(load({ 'a.json': BASE, 'b.json': wide, 'c.json': OVER }).byId.get('over')!.datasets.size).toBe(0)
  })

  it('resolves an alias rule by rule', () => {
    const aliased = over({ 'group-by': ['who'], aliases: { who: { base: 'source.ip', audit: 'user.name' } } })
    const set = load({
      'a.json': BASE,
      'b.json': AUDIT,
      'c.json': { ...aliased, event: { type: 't', params: { message: '{{who}}' } } },
    })
    expect(told(set)).toEqual([])
    expect(set.byId.get('base')!.fields).toEqual(['source.ip'])
    expect(set.byId.get('audit')!.fields).toEqual(['user.name'])
    expect(set.byId.get('over')!.fields).toEqual([])
  })

  it('may stand on another correlation, whose groups go on', () => {
    const chained = {
      ...OVER,
      id: 'top',
      correlation: {
        type: 'event_count',
        rules: ['over'],
        'group-by': ['user.name'],
        timespan: '1d',
        condition: { gte: 3 },
      },
    }
    const set = load({ 'a.json': BASE, 'b.json': AUDIT, 'c.json': OVER, 'd.json': chained })
    expect(told(set)).toEqual([])
    expect(set.byId.get('top')!.datasets).toEqual(new Set(['azure.signinlogs', 'azure.auditlogs']))
  })

  it('changes its hash with that of a base rule', () => {
    const hashOf = (base: Json) =>
      load({ 'a.json': base, 'b.json': AUDIT, 'c.json': OVER }).byId.get('over')!.hash
    expect(hashOf({ ...BASE, name: 'Other words' })).toBe(hashOf(BASE))
    expect(hashOf({ ...BASE, conditions: test('event.outcome', 'equal', 'success') })).not.toBe(hashOf(BASE))
  })
})

const REFUSED: readonly (readonly [string, Json, string, RegExp])[] = [
  ['an unknown rule', over({ rules: ['bas', 'audit'] }), 'unknown-rule', /did you mean "base"/],
  ['one rule only', over({ rules: ['base'] }), 'correlation', /at least two/],
  ['itself', over({ rules: ['over', 'base'] }), 'cycle', /built on itself/],
  ['no timespan', over({ timespan: undefined }), 'required', /"timespan"/],
  ['a type misspelt', over({ type: 'temporal-ordered' }), 'unknown-value', /temporal_ordered/],
  ['more rules than there are', over({ condition: { gte: 3 } }), 'value', /more rules than it names: 2/],
  [
    'steps that are not at least so many',
    over({ type: 'temporal_ordered', condition: { lte: 1 } }),
    'unsupported',
    /at least so many steps/,
  ],
  [
    'an absence of three',
    over({ type: 'absence', rules: ['base', 'audit', 'over'] }),
    'correlation',
    /two rules/,
  ],
  ['an absence of one', over({ type: 'absence', rules: ['base'] }), 'correlation', /two rules/],
  [
    'an absence that counts',
    over({ type: 'absence', condition: { gte: 1 } }),
    'correlation',
    /counts nothing/,
  ],
  [
    'an absence beside conditions',
    own({ type: 'absence', condition: undefined }),
    'correlation',
    /needs other rules/,
  ],
  ['new terms of nothing', own({ type: 'new_terms', condition: undefined }), 'required', /"field"/],
  [
    'new terms of a field that is not there',
    own({ type: 'new_terms', condition: undefined, field: ['user.name', 'user.nam'] }),
    'unknown-field',
    /"user.nam"/,
  ],
  ['learning elsewhere', own({ learn: '1d' }), 'correlation', /only where the type is new_terms/],
  [
    'the field beside the condition',
    own({ type: 'value_sum', field: 'source.ip' }),
    'correlation',
    /in "condition"/,
  ],
  ['a group that a base rule does not have', over({ 'group-by': ['source.ip'] }), 'unknown-field', /audit/],
  [
    'an alias that skips a rule',
    over({ 'group-by': ['who'], aliases: { who: { base: 'source.ip' } } }),
    'correlation',
    /nothing for audit/,
  ],
  [
    'an alias to an unknown field',
    over({ 'group-by': ['who'], aliases: { who: { base: 'x', audit: 'user.name' } } }),
    'unknown-field',
    /"x"/,
  ],
  ['a dataset of its own', { ...OVER, dataset: ['azure.signinlogs'] }, 'correlation', /leave out "dataset"/],
  ['rules beside conditions', own({ rules: ['base'] }), 'correlation', /its own matches/],
  [
    'temporal beside conditions',
    own({ type: 'temporal', condition: undefined }),
    'correlation',
    /needs other rules/,
  ],
  ['a count without condition', own({ condition: undefined }), 'required', /"condition"/],
  ['both gt and gte', own({ condition: { gt: 1, gte: 2 } }), 'required', /one of/],
  ['a range of nothing', own({ condition: { gt: 2, lt: 3 } }), 'value', /no number lies between/],
  ['a range turned round', own({ condition: { gte: 200, lte: 100 } }), 'value', /no number lies between/],
  ['fewer than one match', own({ condition: { lt: 1 } }), 'value', /none at all is the type absence/],
  [
    'a sum of words',
    own({ type: 'value_sum', condition: { field: 'source.ip', gt: 'x' } }),
    'value',
    /a number/,
  ],
  ['a count of nothing', own({ condition: { gte: 0 } }), 'value', /whole number/],
  ['half a match', own({ condition: { gte: 1.5 } }), 'value', /whole number/],
  [
    'a field on a count of events',
    own({ condition: { field: 'user.name', gte: 2 } }),
    'correlation',
    /value_count/,
  ],
  ['no field on a count of values', own({ type: 'value_count' }), 'required', /"field"/],
  [
    'suppress.by beside it',
    { ...own({}), suppress: { by: ['user.name'], for: '1h' } },
    'correlation',
    /has its groups/,
  ],
]

describe('a correlation that is wrong', () => {
  it.each(REFUSED)('is refused for %s', (_name, rule, code, words) => {
    const set = load({ 'a.json': BASE, 'b.json': AUDIT, 'c.json': rule })
    const errors = errorsOf(set)
    expect(errors.filter((error) => error.code === code && words.test(error.message))).not.toEqual([])
    expect(set.rules.map((each) => each.id)).toEqual(['audit', 'base'])
  })

  it('takes those built on it along', () => {
    const top = {
      ...OVER,
      id: 'top',
      correlation: { type: 'event_count', rules: ['over'], timespan: '1d', condition: { gte: 3 } },
    }
    const set = load({
      'a.json': { ...BASE, severity: 'none' },
      'b.json': AUDIT,
      'c.json': OVER,
      'd.json': top,
    })
    expect(errorsOf(set).map((error) => [error.file, error.code])).toEqual([
      ['a.json', 'unknown-value'],
      ['c.json', 'unknown-rule'],
      ['d.json', 'unknown-rule'],
    ])
    expect(set.rules.map((rule) => rule.id)).toEqual(['audit'])
  })

  it('finds a cycle of two, and keeps what stands beside it', () => {
    const to = (id: string, base: string) => ({
      ...OVER,
      id,
      correlation: { type: 'event_count', rules: [base], timespan: '1d', condition: { gte: 3 } },
    })
    const set = load({ 'a.json': to('one', 'two'), 'b.json': to('two', 'one'), 'c.json': GOOD })
    expect(errorsOf(set).map((error) => [error.file, error.code])).toEqual([
      ['a.json', 'cycle'],
      ['b.json', 'cycle'],
    ])
    expect(set.rules.map((rule) => rule.id)).toEqual(['entra.spray'])
  })

  it('refuses the second of two rules with one id', () => {
    const set = load({ 'b.json': { ...GOOD, name: 'Second' }, 'a.json': GOOD })
    expect(errorsOf(set).map((error) => [error.file, error.code])).toEqual([['b.json', 'duplicate-id']])
    expect(set.rules.map((rule) => rule.name)).toEqual([GOOD['name']])
  })

  it('groups only by what the correlation below it groups by', () => {
    const top = {
      ...OVER,
      id: 'top',
      correlation: {
        type: 'event_count',
        rules: ['over'],
        'group-by': ['source.ip'],
        timespan: '1d',
        condition: { gte: 3 },
      },
    }
    const set = load({ 'a.json': BASE, 'b.json': AUDIT, 'c.json': OVER, 'd.json': top })
    expect(errorsOf(set).map((error) => [error.file, error.code])).toEqual([['d.json', 'unknown-field']])
  })
})
