import { describe, expect, it } from 'vitest'
import { errorsOf, GOOD, type Json, load, test, told } from './rule-fixtures.ts'

describe('a rule file that is right', () => {
  it('loads with every default filled in', () => {
    const set = load({ 'rules/spray.json': GOOD })
    expect(told(set)).toEqual([])
    expect(set.byId.get('entra.spray')).toMatchObject({
      alert: true,
      mode: 'live',
      tags: [],
      datasets: new Set(['azure.signinlogs']),
      file: 'rules/spray.json',
      fields: ['source.ip'],
    })
    expect(set.rules[0]!.hash).toMatch(/^[0-9a-f]{64}$/)
  })

  it('keeps conditions as they were written', () => {
    const conditions = { any: [{ not: test('record', 'in', [1, 'a', null], { path: "$.a['b.c'][0]" }) }] }
    expect(load({ 'a.json': { ...GOOD, conditions } }).rules[0]!.conditions).toEqual(conditions)
  })

  it('loads a bare json-rules-engine rule with defaults and says so', () => {
    const bare = { conditions: test('source.ip', 'exists', true), event: { type: 'seen' }, priority: 3 }
    const set = load({ 'rules/entra/Seen it.json': bare })
    expect(told(set)).toEqual([
      'rules/entra/Seen it.json:1:1 bare-rule a bare json-rules-engine rule: id, severity and datasets are defaults',
    ])
    expect(set.rules[0]).toMatchObject({
      id: 'rules.entra.Seen.it',
      name: 'seen',
      severity: 'medium',
      datasets: new Set(),
    })
  })

  it('turns suppress without correlation into a count of one', () => {
    const suppressed = { ...GOOD, suppress: { by: ['user.name'], for: '30s' } }
    expect(load({ 'a.json': suppressed }).rules[0]).toMatchObject({
      suppress: { by: ['user.name'], forMs: 30_000 },
      correlation: {
        type: 'event_count',
        rules: ['entra.spray'],
        groupBy: ['user.name'],
        timespanMs: 30_000,
        condition: { gte: 1 },
      },
      fields: ['source.ip', 'user.name'],
    })
  })

  it('hashes what it detects, not what it says', () => {
    const hashOf = (rule: Json) => load({ 'a.json': rule }).rules[0]!.hash
    const hash = hashOf(GOOD)
    expect(hashOf({ ...GOOD, name: 'Other words', severity: 'low', mode: 'shadow' })).toBe(hash)
    expect(hashOf({ ...GOOD, conditions: test('event.outcome', 'equal', 'success') })).not.toBe(hash)
    expect(hashOf({ ...GOOD, suppress: { for: '1h' } })).not.toBe(hash)
    expect(hashOf({ ...GOOD, dataset: ['azure.signinlogs', 'azure.auditlogs'] })).not.toBe(hash)
  })

  it('knows whether anything changed at all', () => {
    const hash = load({ 'a.json': GOOD }).hash
    expect(load({ 'a.json': JSON.stringify(GOOD) }).hash).toBe(hash)
    expect(load({ 'a.json': { ...GOOD, name: 'Other words' } }).hash).not.toBe(hash)
  })
})

// Each spoils the good rule in one way, and names the code and the words that must be told.
const REFUSED: readonly (readonly [string, Json, string, RegExp])[] = [
  ['no id', { id: undefined }, 'required', /"id"/],
  ['no severity', { severity: undefined }, 'required', /"severity"/],
  ['no event', { event: undefined }, 'required', /"event"/],
  [
    'neither conditions nor correlation',
    { conditions: undefined, dataset: undefined },
    'required',
    /"conditions" or "correlation"/,
  ],
  ['an id with a slash', { id: 'a/b' }, 'value', /an id is/],
  ['an unknown severity', { severity: 'hihg' }, 'unknown-value', /high/],
  ['a property misspelt', { refrences: [] }, 'unknown-property', /did you mean "references"/],
  ['a technique misspelt', { attack: ['1110'] }, 'value', /T1110/],
  [
    'an unknown dataset',
    { dataset: ['azure.signinlog'] },
    'unknown-dataset',
    /did you mean "azure.signinlogs"/,
  ],
  ['no dataset in the list', { dataset: [] }, 'value', /must not be empty/],
  ['alert as text', { alert: 'no' }, 'type', /true or false/],
  ['an unknown mode', { mode: 'test' }, 'unknown-value', /live, shadow/],
  [
    'an unknown field in the message',
    { event: { type: 't', params: { message: '{{sorce.ip}}' } } },
    'unknown-field',
    /did you mean "source.ip"/,
  ],
  [
    'a record path as a field',
    { suppress: { by: ['record.a[0]'], for: '1h' } },
    'unknown-field',
    /record\.a\[0\]/,
  ],
  [
    'a group word of what is no group',
    {
      suppress: { by: ['user.name'], for: '1h' },
      event: { type: 't', params: { message: '{{group.source.ip}}' } },
    },
    'unknown-field',
    /group.source.ip/,
  ],
  [
    'an unknown field',
    { conditions: test('user.nam', 'equal', 'x') },
    'unknown-fact',
    /did you mean "user.name"/,
  ],
  [
    'an unknown operator',
    { conditions: test('source.ip', 'equals', 'x') },
    'unknown-operator',
    /did you mean "equal"/,
  ],
  [
    'an unknown decorator',
    { conditions: test('source.ip', 'somefacts:equal', 'x') },
    'unknown-operator',
    /did you mean "someFact"/,
  ],
  [
    'a test without value',
    { conditions: { all: [{ fact: 'source.ip', operator: 'equal' }] } },
    'required',
    /"value"/,
  ],
  [
    'a test at the root',
    { conditions: { fact: 'source.ip', operator: 'equal', value: 'x' } },
    'conditions',
    /all, any, not/,
  ],
  ['two compounds in one', { conditions: { all: [], any: [] } }, 'conditions', /only one of/],
  ['a list under not', { conditions: { not: [] } }, 'type', /must be an object/],
  [
    'an unknown named condition',
    { conditions: { all: [{ condition: 'from-outsid' }] } },
    'unknown-condition',
    /did you mean "from-outside"/,
  ],
  [
    'an unknown list',
    { conditions: test('source.ip', 'inList', 'blockd') },
    'unknown-list',
    /did you mean "blocked"/,
  ],
  ['a list that is a list', { conditions: test('source.ip', 'inList', ['a']) }, 'value', /name of a list/],
  [
    'a list from another field',
    { conditions: test('source.ip', 'inList', { fact: 'user.name' }) },
    'value',
    /written out/,
  ],
  [
    'a priority of zero',
    { conditions: test('source.ip', 'equal', 'x', { priority: 0 }) },
    'type',
    /above zero/,
  ],
  ['the record without a path', { conditions: test('record', 'equal', 'x') }, 'required', /"path"/],
  [
    'a path without a root',
    { conditions: test('record', 'equal', 'x', { path: 'a.b' }) },
    'path',
    /begins with/,
  ],
  [
    'a path in double quotes',
    { conditions: test('record', 'equal', 'x', { path: '$["a"]' }) },
    'path',
    /\['name'\]/,
  ],
  ['equality with a list', { conditions: test('source.ip', 'equal', ['x']) }, 'value', /single value/],
  ['membership of a text', { conditions: test('source.ip', 'in', 'x') }, 'value', /list of values/],
  ['order with a list', { conditions: test('n', 'lessThan', [1]) }, 'value', /number/],
  [
    'a network that is none',
    { conditions: test('source.ip', 'cidr', '10.0.0.0/33') },
    'value',
    /not a network/,
  ],
  [
    'a network with leading zeros',
    { conditions: test('source.ip', 'cidr', '010.0.0.0/8') },
    'value',
    /not a network/,
  ],
  ['a pattern that is none', { conditions: test('source.ip', 'matches', '(') }, 'value', /./],
  ['a pattern that looks back', { conditions: test('source.ip', 'matches', '(a)\\1') }, 'value', /./],
  ['a pattern that is folded', { conditions: test('source.ip', 'fold:matches', 'a') }, 'value', /\(\?i\)/],
  ['hours that are none', { conditions: test('@timestamp', 'timeOfDay', '9-17') }, 'value', /22:00-06:00/],
  [
    'hours without length',
    { conditions: test('@timestamp', 'timeOfDay', '09:00-09:00') },
    'value',
    /begin where they end/,
  ],
  [
    'hours in a zone that is none',
    { conditions: test('@timestamp', 'timeOfDay', '09:00-17:00 Europe/Atlantis') },
    'value',
    /no time zone/,
  ],
  [
    'an hour past the day',
    { conditions: test('@timestamp', 'hour:in', [8, 24]) },
    'never-matches',
    /0 to 23/,
  ],
  [
    'a part of time as text',
    { conditions: test('@timestamp', 'day:equal', '7') },
    'never-matches',
    /1 to 31/,
  ],
  ['a number that is none', { conditions: test('n', 'number:equal', '7a') }, 'never-matches', /a number/],
  ['order by a text', { conditions: test('n', 'number:lessThan', 'x') }, 'never-matches', /a number/],
  ['a number among texts', { conditions: test('tags', 'anyText:equal', 7) }, 'never-matches', /a text/],
  ['existence of text', { conditions: test('source.ip', 'exists', 'yes') }, 'value', /true or false/],
  [
    'some value of no list',
    { conditions: test('source.ip', 'someValue:equal', 'x') },
    'value',
    /needs a list/,
  ],
  [
    'a pattern from another field',
    { conditions: test('source.ip', 'matches', { fact: 'user.name' }) },
    'value',
    /written out/,
  ],
  [
    'another field that is unknown',
    { conditions: test('source.ip', 'equal', { fact: 'user.nme' }) },
    'unknown-fact',
    /user\.name/,
  ],
  [
    'capitals on a folded field',
    { conditions: test('user.name', 'equal', 'Admin@x') },
    'never-matches',
    /write "admin@x"/,
  ],
  [
    'a full stop on a folded field',
    { conditions: test('event.action', 'in', ['add user', 'add role.'], {}), dataset: ['azure.signinlogs'] },
    'never-matches',
    /write "add role"/,
  ],
  [
    'a dash on a folded field',
    { conditions: test('event.action', 'containsText', 'sign\u2013in') },
    'never-matches',
    /sign-in/,
  ],
  [
    'a full stop on a folded field, whatever the case',
    { conditions: test('event.action', 'fold:equal', 'Add role.') },
    'never-matches',
    /write "add role"/,
  ],
  ['suppress without a length', { suppress: { by: ['user.name'] } }, 'required', /"for"/],
  ['a length without unit', { suppress: { for: '30' } }, 'value', /30s, 10m/],
  ['a length of nothing', { suppress: { for: '0m' } }, 'value', /no duration/],
  [
    'suppress by an unknown field',
    { suppress: { by: ['user.nam'], for: '1h' } },
    'unknown-field',
    /user\.name/,
  ],
]

const NAMES = {
  'a.conditions.json': { 'from-outside': test('source.ip', 'not:cidr', '10.0.0.0/8') },
  'blocked.list.csv': '203.0.113.0/24\n',
}

describe('a rule file that is wrong', () => {
  it.each(REFUSED)('is refused for %s', (_name, spoilt, code, words) => {
    const set = load({ ...NAMES, 'bad.json': { ...GOOD, ...spoilt }, 'good.json': { ...GOOD, id: 'good' } })
    const errors = errorsOf(set)
    expect(errors.map((error) => error.code)).toContain(code)
    expect(errors.find((error) => error.code === code)!.message).toMatch(words)
    expect(errors.every((error) => error.file === 'bad.json')).toBe(true)
    expect(set.rules.map((rule) => rule.id)).toEqual(['good'])
  })

  const NEAR: readonly (readonly [string, Json])[] = [
    ['capitals where the field is not folded', { conditions: test('event.outcome', 'equal', 'Failure') }],
    ['capitals on the record', { conditions: test('record', 'equal', 'Admin', { path: '$.user' }) }],
    ['capitals that are folded by the operator', { conditions: test('user.name', 'fold:equal', 'Admin') }],
    [
      'capitals where one dataset keeps them',
      { dataset: ['azure.signinlogs', 'azure.auditlogs'], conditions: test('event.action', 'equal', 'Add') },
    ],
    ['a space at the end of a beginning', { conditions: test('event.action', 'startsWith', 'add ') }],
    [
      'a field that one of two datasets has',
      { dataset: ['azure.signinlogs', 'azure.auditlogs'], conditions: test('source.ip', 'exists', true) },
    ],
    ['facts that every event has', { conditions: test('event.dataset', 'equal', 'azure.signinlogs') }],
    ['another field as value', { conditions: test('source.ip', 'fold:equal', { fact: 'user.name' }) }],
    ['a number as text', { conditions: test('n', 'text:startsWith', 7) }],
    ['a text as number', { conditions: test('n', 'number:in', ['7', 8]) }],
    ['hours of the day', { conditions: test('@timestamp', 'timeOfDay', '22:00-06:00 Europe/Stockholm') }],
    ['a part of the time', { conditions: test('@timestamp', 'not:hour:lessThan', 6) }],
    ['all texts of the record', { conditions: test('record', 'anyText:containsText', 'x', { path: '$' }) }],
    ['a network from another field', { conditions: test('source.ip', 'cidr', { fact: 'user.name' }) }],
    [
      'words of the finding and its group in the message',
      {
        suppress: { by: ['user.name'], for: '1h' },
        event: {
          type: 't',
          params: { message: '{{severity}} {{duration}} {{group.user.name}} {{rule.id}}' },
        },
      },
    ],
    [
      'values of the record as fields',
      {
        suppress: { by: ['record.properties.appId'], for: '1h' },
        event: { type: 't', params: { message: '{{record.a-b.0}} {{group.record.properties.appId}}' } },
      },
    ],
    ['a named condition', { conditions: { condition: 'from-outside' } }],
    ['a list', { conditions: test('source.ip', 'not:someValue:inList', ['blocked']) }],
    ['one address as network', { conditions: test('source.ip', 'cidr', ['10.0.0.7', '2001:db8::/32']) }],
    [
      'several values of several facts',
      { conditions: test('tags', 'someFact:someValue:startsWith', ['a', 'b']) },
    ],
  ]
  it.each(NEAR)('is not refused for %s', (_name, changed) => {
    expect(told(load({ ...NAMES, 'a.json': { ...GOOD, ...changed } }))).toEqual([])
  })

  it('tells line and column of the very place', () => {
    const text = JSON.stringify(GOOD, null, 2).replace('"equal"', '"equals"')
    const line = text.split('\n').findIndex((each) => each.includes('"equals"'))
    expect(told(load({ 'a.json': text }))).toEqual([
      `a.json:${line + 1}:${text.split('\n')[line]!.indexOf('"equals"') + 1} unknown-operator unknown operator "equals"; did you mean "equal"?`,
    ])
  })

  const NO_JSON: readonly (readonly [string, string, string])[] = [
    ['ends too early', '{ "id": "a"', 'a.json:1:12 json the text ends too early'],
    ['a comma too many', '{\n  "id": "a",\n}', 'a.json:3:1 json nothing may stand between "," and "}"'],
    ['a key twice', '{ "id": "a",\n  "id": "b" }', 'a.json:2:3 json "id" is there twice'],
    ['an open string', '{ "id": "a }', 'a.json:1:9 json a string that is not closed'],
    ['text behind the end', '{} x', 'a.json:1:4 json text after the end of the JSON value'],
    ['a list', '[]', 'a.json:1:1 type a rule file holds one object'],
    ['nothing', '', 'a.json:1:1 json the text ends too early'],
    ['too deep', '['.repeat(100), 'a.json:1:66 json nested deeper than 64'],
  ]
  it.each(NO_JSON)('is refused when it is no JSON: %s', (_name, text, expected) => {
    expect(told(load({ 'a.json': text }))).toEqual([expected])
  })

  it('warns of what is allowed and hardly meant', () => {
    const warned = (spoilt: Json) =>
      load({ 'a.json': { ...GOOD, ...spoilt } }).problems.map((each) => [each.severity, each.code])
    expect(warned({ conditions: { any: [] } })).toEqual([['warning', 'conditions']])
    expect(warned({ conditions: test('record', 'equal', 'x', { path: '$..a' }) })).toEqual([
      ['warning', 'slow'],
    ])
    expect(warned({ alert: false })).toEqual([['warning', 'unused']])
  })
})
