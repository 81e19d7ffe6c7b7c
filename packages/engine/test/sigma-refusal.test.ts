import { expect, it } from 'vitest'
import { importSigma, REFUSALS } from '../src/index.ts'
import { DATASETS } from './match-fixtures.ts'
import { imported, MAP, refusal, rule } from './sigma-kit.ts'

const item = (text: string) => rule(`  sel:\n    ${text}\n  condition: sel`)
const GOOD = '  sel:\n    plain: a\n  condition: sel'
const correlation = (text: string) => `title: C\ncorrelation:\n${text}`

/** A document that is refused, and the code. */
const TABLE: readonly (readonly [string, string])[] = [
  ['title: [', 'yaml'],
  ['title: a\ntitle: b', 'yaml'],
  [`a: &a [1]\nb: [${'*a, '.repeat(200)}1]`, 'yaml'],
  [`${'['.repeat(20_000)}`, 'yaml'],
  ['- 1', 'document'],
  ['just text', 'document'],
  ['title: T', 'document'],
  ['title: T\nlogsource: {product: test}\ndetection: {condition: a}\nfilter: {}', 'document'],
  [`title: [a]\n${rule(GOOD).replace('title: T\n', '')}`, 'document'],
  [rule(GOOD).replace('title: T\n', ''), 'document'],
  [rule(GOOD).replace('title: T', `title: ${'x'.repeat(257)}`), 'document'],
  [rule(GOOD, 'id: 17\n'), 'document'],
  [rule(GOOD, 'id: not-a-uuid\n'), 'document'],
  [rule(GOOD, 'level: urgent\n'), 'document'],
  [rule(GOOD, 'status: fresh\n'), 'document'],
  [rule(GOOD, 'date: yesterday\n'), 'document'],
  [rule(GOOD, 'related: {id: 1}\n'), 'document'],
  [rule(GOOD, 'related: [{id: 08fbc97d-0a2f-491c-ae21-8ffcfd3174e9, type: 1}]\n'), 'document'],
  [rule(GOOD, 'tags: [{a: b}]\n'), 'document'],
  ['title: T\nlogsource: {}\ndetection:\n  sel: {a: b}\n  condition: sel', 'document'],
  [rule('  sel:\n    plain: a'), 'document'],
  [rule('  condition: sel'), 'detection'],
  [rule(GOOD.replace('plain: a', 'plain: {a: b}')), 'detection'],
  [item('plain: []'), 'detection'],
  [item("plain: ['', null]"), 'detection'],
  [rule('  sel: []\n  condition: sel'), 'detection'],
  [rule('  sel: {}\n  condition: sel'), 'detection'],
  [rule('  sel: [[a]]\n  condition: sel'), 'detection'],
  [rule("  sel: ''\n  condition: sel"), 'detection'],
  [rule('  sel:\n    plain: a\n  timeframe: 5m\n  condition: sel'), 'legacy-timeframe'],
  [item('plain|begins: a'), 'modifier'],
  [item('plain|all: a'), 'modifier'],
  [item('plain|all: [a]'), 'modifier'],
  [item('plain|exists: maybe'), 'modifier'],
  [item('plain|exists: [true, false]'), 'modifier'],
  [item('plain|i: a'), 'modifier'],
  [item('plain|re: 5'), 'modifier'],
  [item('plain|contains|re: a'), 'modifier'],
  [item('plain|contains|base64: a'), 'modifier'],
  [item("plain|base64: 'a*'"), 'modifier'],
  [item('plain|wide|wide: a'), 'modifier'],
  [item('plain|contains: null'), 'modifier'],
  [item('plain|gt: five'), 'modifier'],
  [item("plain|gt: '5'"), 'modifier'],
  [item('plain|hour: 24'), 'modifier'],
  [item('plain|hour: three'), 'modifier'],
  [item('plain|hour|day: 3'), 'modifier'],
  [item('plain|cidr: 5'), 'modifier'],
  [item("plain|fieldref: ''"), 'modifier'],
  [item("plain|fieldref: 'a*b'"), 'modifier'],
  [rule("  sel:\n    '|gt': 5\n  condition: sel"), 'modifier'],
  [rule("  sel:\n    '|exists': true\n  condition: sel"), 'modifier'],
  [rule("  sel:\n    '|fieldref': a\n  condition: sel"), 'modifier'],
  [rule('  sel: [null]\n  condition: sel'), 'modifier'],
  [item(`plain|windash: ${'-'.repeat(5)}`), 'size'],
  [item(`plain|contains: [${Array.from({ length: 5_001 }, (_, at) => `v${at}`).join(', ')}]`), 'size'],
  [item('plain|cidr: 10.0.0.0/33'), 'value'],
  [item("plain|re: '(a'"), 'value'],
  [item("plain|re: '(?=a)'"), 'value'],
  [item("plain|expand: '%nobody%'"), 'placeholder'],
  [item('user|cased: Ada'), 'inexact-field'],
  [item('user|re: Ada'), 'inexact-field'],
  [item("user: ''"), 'inexact-field'],
  [item("ip: ''"), 'inexact-field'],
  [item("'a\"b': x"), 'unmapped-field'],
  [rule(GOOD).replace('product: test', 'product: other'), 'unmapped-logsource'],
  [
    correlation('  type: event_count\n  rules: [nobody]\n  timespan: 5m\n  condition: {gte: 2}'),
    'unknown-rule',
  ],
  [correlation('  type: event_count\n  timespan: 5m\n  condition: {gte: 2}'), 'document'],
  [correlation('  type: event_count\n  rules: [a]\n  timespan: 5 minutes\n  condition: {gte: 2}'), 'value'],
  [correlation('  type: event_sum\n  rules: [a]\n  timespan: 5m'), 'correlation'],
  [correlation('  type: temporal\n  condition: a and b\n  timespan: 5m'), 'correlation'],
  [correlation('  type: temporal\n  rules: [a]\n  within: 5m\n  timespan: 5m'), 'correlation'],
  ['title: F\nlogsource: {product: test}\nfilter:\n  selection: {a: b}\n  condition: selection', 'document'],
  [
    'title: F\nlogsource: {product: test}\nfilter:\n  rules: [nobody]\n  selection: {a: b}\n  condition: selection',
    'unknown-rule',
  ],
]

it.each(TABLE.map(([text, code]) => [code, text] as const))('%s, case %#', (code, text) => {
  expect(refusal(text)).toBe(code)
  expect(REFUSALS).toHaveProperty(code)
})

it('a refused document leaves nothing behind, and takes nothing along', () => {
  const { rules, outcomes } = imported(`${rule(GOOD)}---\n${item('plain|nothing: a')}---\n${rule(GOOD)}`)
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(['imported', 'refused', 'imported'])
  expect(rules.map(({ id }) => id)).toEqual(['sigma.t.T', 'sigma.t.T-3'])
})

it('a field that the map refuses to guess is refused by its name', () => {
  const strict = { ...MAP, unmapped: 'refuse' as const }
  expect(imported(item('free: a'), [strict]).outcomes[0]?.reason).toBe(
    'unmapped-field: nobody said where "free" stands in test: name it in a --map file',
  )
})

it.each([
  [
    item('plain|startwith: a'),
    'modifier: "plain" has the unknown modifier "startwith"; did you mean "startswith"?',
  ],
  [
    'a: [',
    'yaml: Flow sequence in block collection must be sufficiently indented and end with a ] at line 1, column 5',
  ],
])('a slip is told with its remedy or its place, case %#', (text, reason) => {
  expect(imported(text).outcomes[0]?.reason).toBe(reason)
})

it('a map that names what is not there is found out by the loader', () => {
  const wrong = { ...MAP, fields: { plain: 'source.ipp' } }
  expect(imported(item('plain: a'), [wrong]).outcomes[0]?.reason).toContain(
    'does-not-load: unknown field "source.ipp"',
  )
})

it('a file without documents gives no outcome', () => {
  expect(importSigma([{ path: 'a.yml', text: '# nothing\n' }], [MAP], DATASETS)).toEqual({
    rules: [],
    outcomes: [],
  })
})
