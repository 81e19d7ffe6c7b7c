import { describe, expect, it } from 'vitest'
import { loadRules, type SigmaImport } from '../src/index.ts'
import { DATASETS } from './match-fixtures.ts'
import { imported, rule } from './sigma-kit.ts'

const base = (name: string, value: string, more = '') =>
  rule(`  sel:\n    plain: ${value}\n  condition: sel`, `name: ${name}\n${more}`)

const correlation = (text: string, name = 'top') =>
  `title: Top\nname: ${name}\nlevel: high\ncorrelation:\n${text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')}\n`

const joined = (...documents: readonly string[]) => documents.join('---\n')

function made(result: SigmaImport, id: string): Readonly<Record<string, unknown>> | undefined {
  return result.rules.find((each) => each.id === id)?.json
}

const COUNT = `type: event_count
rules: [failed]
group-by: [user, ip]
timespan: 10m
condition: {gte: 10}`

describe('correlations', () => {
  it('names become ids, fields ECS fields, base rules silent', () => {
    const result = imported(joined(base('failed', 'x'), correlation(COUNT)))
    expect(made(result, 'sigma.t.top')).toMatchObject({
      severity: 'high',
      correlation: {
        type: 'event_count',
        rules: ['sigma.t.failed'],
        'group-by': ['user.name', 'source.ip'],
        timespan: '10m',
        condition: { gte: 10 },
      },
    })
    expect(made(result, 'sigma.t.failed')).toMatchObject({ alert: false })
    expect(loadedProblems(result)).toEqual([])
  })

  it('by id, from another place of the file, a single rule without a list', () => {
    const id = '5638f7c0-ac70-491d-8465-2a65075e0d86'
    const text = joined(
      correlation(`type: event_count\nrules: ${id}\ngroup-by: user\ntimespan: 1h\ncondition: {gt: 4}`),
      base('failed', 'x', `id: ${id}\n`),
    )
    expect(made(imported(text), 'sigma.t.top')).toMatchObject({
      correlation: { rules: ['sigma.t.failed'], condition: { gt: 4 } },
    })
  })

  it('generate lets base rules alert by themselves', () => {
    const result = imported(joined(base('failed', 'x'), correlation(`${COUNT}\ngenerate: true`)))
    expect(made(result, 'sigma.t.failed')).not.toHaveProperty('alert')
  })

  it.each([
    ['temporal', '', undefined],
    ['temporal_ordered', '\ncondition: {gte: 1}', { gte: 1 }],
    ['temporal', '\ncondition: {eq: 1}', { eq: 1 }],
  ])('%s over rules%s', (type, written, condition) => {
    const text = joined(
      base('a', 'x'),
      base('b', 'y'),
      correlation(`type: ${type}\nrules: [a, b]\ngroup-by: [user]\ntimespan: 5m${written}`),
    )
    const result = imported(text)
    expect(made(result, 'sigma.t.top')?.['correlation']).toEqual({
      type,
      rules: ['sigma.t.a', 'sigma.t.b'],
      'group-by': ['user.name'],
      timespan: '5m',
      ...(condition && { condition }),
    })
    expect(loadedProblems(result)).toEqual([])
  })

  it.each([
    [
      'value_count',
      '{gt: 2, lte: 9, field: [user, ip]}',
      { gt: 2, lte: 9, field: ['user.name', 'source.ip'] },
    ],
    ['value_sum', '{gt: 1000, field: n}', { gt: 1000, field: 'n' }],
    ['value_avg', '{lt: 2.5, field: n}', { lt: 2.5, field: 'n' }],
    ['value_percentile', '{gte: 100, field: n, percentile: 95}', { gte: 100, field: 'n', percentile: 95 }],
    ['value_median', '{gte: 100, field: n}', { gte: 100, field: 'n', percentile: 50 }],
    ['event_count', '{neq: 3}', { neq: 3 }],
  ])('%s with %s', (type, written, condition) => {
    const text = joined(
      base('a', 'x'),
      correlation(`type: ${type}\nrules: [a]\ntimespan: 5m\ncondition: ${written}`),
    )
    expect(made(imported(text), 'sigma.t.top')).toMatchObject({
      correlation: { type: type.replace('median', 'percentile'), condition },
    })
  })

  it('aliases say another field for each rule', () => {
    const text = joined(
      base('a', 'x'),
      base('b', 'y'),
      correlation(
        'type: temporal\nrules: [a, b]\ngroup-by: [who]\ntimespan: 5m\naliases:\n  who:\n    a: user\n    b: ip',
      ),
    )
    expect(made(imported(text), 'sigma.t.top')).toMatchObject({
      correlation: {
        'group-by': ['who'],
        aliases: { who: { 'sigma.t.a': 'user.name', 'sigma.t.b': 'source.ip' } },
      },
    })
    expect(loadedProblems(imported(text))).toEqual([])
  })

  it('a correlation over a correlation groups by what that one groups by', () => {
    const text = joined(
      correlation('type: temporal_ordered\nrules: [many, ok]\ngroup-by: [user]\ntimespan: 10m', 'chain'),
      correlation(COUNT.replace('[user, ip]', '[user]'), 'many'),
      base('failed', 'x'),
      base('ok', 'y'),
    )
    const result = imported(text)
    expect(made(result, 'sigma.t.chain')).toMatchObject({
      correlation: { rules: ['sigma.t.many', 'sigma.t.ok'], 'group-by': ['user.name'] },
    })
    expect(result.rules.map(({ json }) => json['alert'])).toEqual([undefined, false, false, false])
    expect(loadedProblems(result)).toEqual([])
    expect(reasons(imported(text.replace('[user]', '[ip]'))).at(0)).toContain('does not group by "ip"')
  })

  it('value_count names the field that it counts', () => {
    const text = joined(
      base('a', 'x'),
      correlation(
        'type: value_count\nrules: [a]\ngroup-by: [ip]\ntimespan: 5m\ncondition: {gte: 3, field: user}',
      ),
    )
    expect(made(imported(text), 'sigma.t.top')).toMatchObject({
      correlation: { condition: { field: 'user.name', gte: 3 } },
    })
  })

  it.each([
    ['type: event_count\nrules: [a]\ntimespan: 5m', 'needs "condition"'],
    ['type: event_count\nrules: [a]\ntimespan: 5m\ncondition: {gte: 2, field: user}', 'has no "field"'],
    ['type: value_count\nrules: [a]\ntimespan: 5m\ncondition: {gte: 2}', 'needs "field"'],
    [
      'type: value_percentile\nrules: [a]\ntimespan: 5m\ncondition: {gte: 2, field: user}',
      'needs "percentile"',
    ],
    ['type: temporal\nrules: [a]\ntimespan: 5m', 'at least two'],
    ['type: event_count\nrules: [a, a]\ntimespan: 5m\ncondition: {gte: 2}', 'listed twice'],
    ['type: event_count\nrules: [top]\ntimespan: 5m\ncondition: {gte: 2}', 'built on itself'],
    ['type: event_count\nrules: [a]\ngroup-by: [free]\ntimespan: 5m\ncondition: {gte: 2}', 'no ECS field'],
    [
      'type: event_count\nrules: [a]\ngroup-by: [w]\ntimespan: 5m\ncondition: {gte: 2}\naliases: {w: {b: user}}',
      'says nothing for',
    ],
  ])('%s', (text, reason) => {
    const result = imported(joined(base('a', 'x'), base('b', 'y'), correlation(text)))
    expect(reasons(result).at(-1)).toContain(reason)
  })

  it('the base rules of a refused correlation would alert alone, and go with it', () => {
    const result = imported(
      joined(base('a', 'x'), base('b', 'y'), correlation('type: event_count\nrules: [a]\ntimespan: 5m')),
    )
    expect(result.rules.map(({ id }) => id)).toEqual(['sigma.t.b'])
    expect(reasons(result)[0]).toContain('refused-correlation')
  })

  it('a correlation over a refused rule is refused', () => {
    const result = imported(joined(base('failed', 'x').replace('plain', 'plain|nothing'), correlation(COUNT)))
    expect(reasons(result).map((reason) => reason?.split(':')[0])).toEqual(['modifier', 'refused-rule'])
  })
})

describe('filters', () => {
  const filter = (rules: string, more = 'product: test') =>
    `title: F\nlogsource: {${more}}\nfilter:\n  rules: ${rules}\n  selection:\n    user|startswith: adm-\n  condition: not selection\n`

  it.each([['[a]'], ['any'], ['[]'], ['[a, not-here]']])('rules %s: joined by and', (rules) => {
    const result = imported(joined(base('a', 'x'), filter(rules)))
    expect(result.outcomes.map(({ outcome, rule }) => [outcome, rule])).toEqual([
      ['imported', 'sigma.t'],
      ['imported', null],
    ])
    expect(made(result, 'sigma.t')?.['conditions']).toEqual({
      all: [
        { fact: 'record', path: '$.plain', operator: 'fold:equal', value: 'x' },
        { not: { fact: 'user.name', operator: 'startsWith', value: 'adm-' } },
      ],
    })
  })

  it('only the rules that it names', () => {
    const result = imported(joined(base('a', 'x'), base('b', 'y'), filter('[b]')))
    expect(made(result, 'sigma.t.a')?.['conditions']).not.toEqual(made(result, 'sigma.t.b')?.['conditions'])
    expect(JSON.stringify(made(result, 'sigma.t.a'))).not.toContain('adm-')
  })

  it.each([
    ['[a]', 'product: test, service: other', 'filter'],
    ['[top]', 'product: test', 'filter'],
    ['[bad]', 'product: test', 'refused-rule'],
  ])('rules %s of {%s}: %s', (rules, logsource, code) => {
    const bad = base('bad', 'x').replace('plain', 'plain|nothing')
    const top = correlation(COUNT.replace('failed', 'a'))
    const result = imported(joined(base('a', 'x'), bad, top, filter(rules, logsource)))
    expect(reasons(result).at(-1)?.split(':')[0]).toBe(code)
    expect(JSON.stringify(made(result, 'sigma.t.a'))).not.toContain('adm-')
  })
})

function reasons({ outcomes }: SigmaImport): readonly (string | null)[] {
  return outcomes.map(({ reason }) => reason)
}

function loadedProblems({ rules }: SigmaImport): readonly string[] {
  const files = rules.map(({ path, json }) => ({ path, text: JSON.stringify(json) }))
  return loadRules(files, DATASETS).problems.map(({ message }) => message)
}
