import type { JsonObject } from '@weir/model'
import { describe, expect, it } from 'vitest'
import { createMatcher, createReferenceMatcher, type Matcher, type RuleSet } from '../src/index.ts'
import { AUDITS, DATASETS, eventOf, ruleOf, ruleSetOf, SIGNINS } from './match-fixtures.ts'

const PIECES = [
  'a',
  'B',
  '.',
  '*',
  '(',
  '[x]',
  '\\',
  '|',
  '^',
  '$',
  '/',
  '-',
  '\n',
  '\u2028',
  '{2}',
  '\ud83d',
  'é',
  ' ',
]

/** Every text of one or two of the pieces: what a regular expression could misread is among them. */
function texts(): readonly string[] {
  return ['', ...PIECES, ...PIECES.flatMap((a) => PIECES.map((b) => a + b))]
}

async function hitsOf(create: (set: RuleSet) => Matcher, set: RuleSet, records: readonly JsonObject[]) {
  const events = records.map((record) => eventOf(record))
  return (await create(set).match(events)).map((hit) => `${hit.rule.id} ${events.indexOf(hit.event)}`)
}

describe('the index', () => {
  const operators = [
    'containsText',
    'startsWith',
    'endsWith',
    'fold:containsText',
    'fold:startsWith',
    'fold:endsWith',
    'anyText:containsText',
    'anyText:fold:startsWith',
    'anyText:equal',
    'anyText:fold:equal',
  ]
  it.each(operators)(
    'finds hundreds of literals in one scan as the library finds each: %s',
    async (operator) => {
      const literals = texts()
      const rules = literals.map((value, index) =>
        ruleOf(`r${index}`, { all: [{ fact: 'record', path: '$.v', operator, value }] }),
      )
      const plain = ['', 'a', 'aB.', 'AB', 'x[x]{2}', '\\|^$', 'é É', '\ud83d\ude00', 'zz', 7, null]
      const nested = [literals.slice(0, 40), { w: ['AB', { x: 'a.' }, 7] }, [[], {}]]
      const records = [...plain, ...nested].map((v) => ({ v }))
      const set = ruleSetOf(rules)
      const expected = await hitsOf((each) => createReferenceMatcher(each, DATASETS), set, records)
      expect(await hitsOf((each) => createMatcher(each, DATASETS), set, records)).toEqual(expected)
      expect(expected.length).toBeGreaterThan(records.length)
    },
  )

  it('gives hits in the order of events, then of rules, whichever way they were found', async () => {
    const at = (path: string, operator: string, value: unknown) => ({
      all: [{ fact: 'record', path, operator, value }],
    })
    const set = ruleSetOf([
      ruleOf('library', at('$..v', 'equal', 'x')),
      ruleOf('hashed', at('$.v', 'equal', 'x')),
      ruleOf('hard', { not: at('$.v', 'equal', 'y').all[0] }),
      ruleOf('scanned', at('$.v', 'containsText', 'x')),
      ruleOf('two ways', { any: [...at('$.v', 'equal', 'x').all, ...at('$.w', 'contains', 'x').all] }),
    ])
    const records = [{ v: 'x', w: ['x', 'x'] }, { v: 'y' }, { v: 'x' }]
    const expected = [0, 2].flatMap((event) => set.rules.map((rule) => `${rule.id} ${event}`))
    expect(await hitsOf((each) => createMatcher(each, DATASETS), set, records)).toEqual(expected)
    expect(await hitsOf((each) => createReferenceMatcher(each, DATASETS), set, records)).toEqual(expected)
  })

  it('finds the same whether the values of a place come again, are ever new, or come again after that', async () => {
    const at = (operator: string, value: unknown) => ({
      all: [{ fact: 'record', path: '$.v', operator, value }],
    })
    const set = ruleSetOf([
      ruleOf('value', at('equal', 'v7')),
      ruleOf('folded', at('fold:in', ['V7', 'V1900'])),
      ruleOf('text', at('endsWith', '00')),
      ruleOf('test', at('matches', '^v9+$')),
    ])
    const matcher = createMatcher(set, DATASETS)
    const numbers = [7, 7, 7, ...Array.from({ length: 2_500 }, (_, n) => n), 7, 7, 1_900]
    const events = numbers.map((n) => eventOf({ v: `v${n}` }))
    const hits = (await matcher.match(events)).map(({ rule, event }) => `${rule.id} ${event.record.v}`)
    const expected = await createReferenceMatcher(set, DATASETS).match(events)
    expect(hits).toEqual(expected.map(({ rule, event }) => `${rule.id} ${event.record.v}`))
    expect(hits.filter((hit) => hit === 'value v7').length).toBe(6)
  })

  it('shows a rule only events of its datasets', async () => {
    const any = { any: [] }
    const set = ruleSetOf([
      ruleOf('signins', any, ['azure.signinlogs']),
      ruleOf('audits', any, ['azure.auditlogs']),
      ruleOf('all', any),
    ])
    const hits = await createMatcher(set, DATASETS).match([eventOf({}, SIGNINS), eventOf({}, AUDITS)])
    expect(hits.map((hit) => [hit.rule.id, hit.event.dataset.name])).toEqual([
      ['signins', 'azure.signinlogs'],
      ['all', 'azure.signinlogs'],
      ['audits', 'azure.auditlogs'],
      ['all', 'azure.auditlogs'],
    ])
  })

  it('takes calls that overlap, though an engine of the library would not', async () => {
    const set = ruleSetOf([
      ruleOf('library', { all: [{ fact: 'record', path: '$..v', operator: 'equal', value: 'x' }] }),
    ])
    const matcher = createMatcher(set, DATASETS)
    const calls = Array.from({ length: 20 }, () => matcher.match([eventOf({ v: 'x' })]))
    expect((await Promise.all(calls)).map((hits) => hits.length)).toEqual(calls.map(() => 1))
  })

  it('loses no other rule to a field that cannot be read', async () => {
    const broken = { ...SIGNINS, fields: new Map(SIGNINS.fields) }
    broken.fields.set('user.name', {
      name: 'user.name',
      from: 'user',
      read: () => {
        throw new Error('unreadable')
      },
    })
    const set = ruleSetOf([
      ruleOf('a', { all: [{ fact: 'user.name', operator: 'equal', value: 'x' }] }),
      ruleOf('b', { all: [{ fact: 'source.ip', operator: 'equal', value: '1' }] }),
      ruleOf('c', { all: [{ fact: 'user.name', path: '$[0]', operator: 'exists', value: true }] }),
    ])
    for (const matcher of [createMatcher(set, DATASETS), createReferenceMatcher(set, DATASETS)]) {
      const hits = await matcher.match([eventOf({ ip: '1' }, broken)])
      expect(hits.map((hit) => hit.rule.id)).toEqual(['b'])
      expect(matcher.takeErrors()).toEqual(
        new Map([
          ['a', 1],
          ['c', 1],
        ]),
      )
      expect(matcher.takeErrors().size).toBe(0)
    }
  })
})
