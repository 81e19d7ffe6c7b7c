import { describe, expect, it } from 'vitest'
import { GOOD, type Json, load, test, told } from './rule-fixtures.ts'

const ANY = test('event.action', 'exists', true)
const BASE: Json = {
  ...GOOD,
  id: 'base',
  alert: false,
  dataset: ['azure.auditlogs'],
  conditions: ANY,
  event: { type: 't' },
}
const COUNT: Json = { type: 'event_count', timespan: '5m', condition: { gte: 3 } }
const OVER: Json = { ...GOOD, conditions: undefined, dataset: undefined, event: { type: 't' } }

function messagesOf(files: Readonly<Record<string, Json | string>>): readonly string[] {
  return told(load(files)).map((line) => line.replace(/:\d+:\d+/, ''))
}

// One slip, and all that is told of it.
const SLIPS: readonly (readonly [string, Readonly<Record<string, Json>>, readonly string[]])[] = [
  [
    'a dataset that nobody knows: not its fields, too',
    { 'r.json': { ...GOOD, dataset: ['azure.signin'] } },
    ['r.json unknown-dataset unknown dataset "azure.signin"; did you mean "azure.signinlogs"?'],
  ],
  [
    'a dataset like none that there is',
    { 'r.json': { ...GOOD, dataset: ['syslog'] } },
    ['r.json unknown-dataset unknown dataset "syslog"; there are azure.signinlogs, azure.auditlogs'],
  ],
  [
    'a field of another dataset',
    {
      'r.json': {
        ...GOOD,
        dataset: ['azure.auditlogs'],
        conditions: ANY,
        event: { type: 't', params: { message: '{{source.ip}}' } },
      },
    },
    [
      'r.json unknown-field unknown field "source.ip": it is not in azure.auditlogs, only in azure.signinlogs',
    ],
  ],
  [
    'a group where there is none',
    { 'r.json': { ...GOOD, event: { type: 't', params: { message: '{{group.user.name}}' } } } },
    ['r.json unknown-field "group.user.name" is the value of a group, and the rule groups by no "user.name"'],
  ],
  [
    'a group-by field that the base rule has not',
    {
      'base.json': BASE,
      'r.json': { ...OVER, correlation: { ...COUNT, rules: ['base'], 'group-by': ['source.ip'] } },
    },
    [
      'r.json unknown-field unknown field of base "source.ip": it is not in azure.auditlogs, only in azure.signinlogs',
    ],
  ],
  [
    'conditions under a name of their own: dataset is as it should be',
    { 'r.json': { ...GOOD, conditions: undefined, condition: GOOD.conditions } },
    [
      'r.json required a rule needs "conditions" or "correlation"',
      'r.json unknown-property unknown property of a rule "condition"; did you mean "conditions"?',
    ],
  ],
  [
    'a correlation that does not load: its base rules are not unused',
    { 'base.json': BASE, 'r.json': { ...OVER, correlation: { ...COUNT, rules: ['base'], type: 'count' } } },
    [
      'r.json unknown-value unknown correlation type "count"; there are event_count, value_count, temporal, ' +
        'temporal_ordered, value_sum, value_avg, value_percentile, new_terms, absence',
    ],
  ],
  [
    'a bound in signs, which is like no word',
    {
      'base.json': BASE,
      'r.json': { ...OVER, correlation: { ...COUNT, rules: ['base'], condition: { gte: 1, '>=': 3 } } },
    },
    [
      'r.json unknown-property unknown property of condition ">="; there are gt, gte, lt, lte, eq, neq, field, percentile',
    ],
  ],
]

// What stands in a rule or its message, and the words of what is told.
const TEXTS: readonly (readonly [string, Json | string, readonly string[]])[] = [
  ['a comment', '// mine\n{}', ['r.json json JSON has no comments']],
  ['a comment within', '{ "id": /* mine */ "a" }', ['r.json json JSON has no comments']],
  ['a slash', '{ "id": / }', ['r.json json unexpected "/"']],
  [
    'a look-behind',
    { ...GOOD, conditions: test('user.name', 'matches', '(?<=adm-)x') },
    ['r.json value RE2 has no look-around and no back-references'],
  ],
  [
    'a group that is not closed',
    { ...GOOD, conditions: test('user.name', 'matches', '(x') },
    ['r.json value error parsing regexp: missing closing ): `(x`'],
  ],
  ...['{{source.ip}', '{{source.ip}} }}', '{{{source.ip}}}'].map(
    (message) =>
      [
        message,
        { ...GOOD, event: { type: 't', params: { message } } },
        message.startsWith('{{{')
          ? []
          : ['r.json value a "{{" or "}}" stands alone and is text: write {{source.ip}}'],
      ] as const,
  ),
]

describe('what is told', () => {
  it.each(TEXTS)('of the text %s', (_name, rule, expected) => {
    expect(messagesOf({ 'r.json': rule })).toEqual(expected)
  })

  it.each(SLIPS)('of %s', (_name, files, expected) => {
    expect(messagesOf(files)).toEqual(expected)
  })

  it('of a base rule that nothing names, beside a file that fails', () => {
    const files = { 'base.json': BASE, 'r.json': { ...GOOD, severity: 'hihg' } }
    expect(messagesOf(files)).toContain(
      'base.json unused "alert" is false and no correlation names this rule: it does nothing',
    )
  })

  it('of networks in a list with more bits than an address has: what they are like, and that the rest counts', () => {
    const rule = { ...GOOD, conditions: test('source.ip', 'inList', 'l') }
    const set = load({
      'l.list.csv': '10.0.0.0/33\n10.0.0.0/32\nfe80::/129\n/etc/100\na.b/99',
      'r.json': rule,
    })
    expect(told(set)).toEqual([
      'l.list.csv:1:1 value "10.0.0.0/33" is no network and meets no address, and 1 more like it',
    ])
    expect(set.rules).toHaveLength(1)
  })
})
