import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import conditions from '../schema/conditions-v1.json' with { type: 'json' }
import schema from '../schema/rule-v1.json' with { type: 'json' }
import { CORRELATION_TYPES } from '../src/index.ts'
import { REQUIRED_KEYS, RULE_KEYS } from '../src/rule/check-rule.ts'
import { DECORATORS, OPERATORS } from '../src/rule/operators.ts'
import { errorsOf, GOOD, type Json, load, test } from './rule-fixtures.ts'
import { type Schema, violations } from './rule-schema-check.ts'

const OWN: Json = { type: 'event_count', timespan: '10m', condition: { gte: 5 } }

const VALUES: Json = { type: 'value_count', timespan: '10m' }
const TERMS: Json = { type: 'new_terms', timespan: '30d', field: 'source.ip' }

// What the schema can see; that names are known, literals fit and rules exist only the loader can tell.
const SAMPLES: readonly (readonly [string, Json, boolean])[] = [
  ['the good rule', {}, true],
  [
    'every word',
    {
      description: 'd',
      tags: ['a'],
      runbook: 'r',
      references: ['x'],
      falsePositives: ['y'],
      alert: true,
      mode: 'shadow',
    },
    true,
  ],
  ['a schema for the editor', { $schema: 'x' }, true],
  ['empty words', { tags: [], references: [], attack: [] }, true],
  ['suppress', { suppress: { by: ['user.name'], for: '90m' } }, true],
  ['a correlation', { correlation: OWN }, true],
  ['a correlation with gt', { correlation: { ...OWN, condition: { gt: 0 } } }, true],
  [
    'nested conditions',
    {
      conditions: {
        not: {
          any: [
            test('source.ip', 'not:fold:in', ['a']),
            { fact: 'n', operator: 'lessThan', value: 3, priority: 2 },
          ],
        },
      },
    },
    true,
  ],
  ['another field', { conditions: test('source.ip', 'equal', { fact: 'user.name' }) }, true],
  ['no id', { id: undefined }, false],
  ['no name', { name: undefined }, false],
  ['no severity', { severity: undefined }, false],
  ['no event', { event: undefined }, false],
  ['no conditions', { conditions: undefined, dataset: undefined }, false],
  ['an empty name', { name: ' ' }, false],
  ['an id with a space', { id: 'a b' }, false],
  ['an unknown severity', { severity: 'severe' }, false],
  ['an unknown property', { author: 'x' }, false],
  ['no technique', { attack: ['TA0001'] }, false],
  ['an empty dataset', { dataset: [] }, false],
  ['a dataset twice', { dataset: ['azure.signinlogs', 'azure.signinlogs'] }, false],
  ['an unknown mode', { mode: 'dry' }, false],
  ['event without type', { event: {} }, false],
  ['an unknown operator', { conditions: test('source.ip', 'like', 'x') }, false],
  ['an unknown decorator', { conditions: test('source.ip', 'maybe:equal', 'x') }, false],
  ['two compounds', { conditions: { all: [], not: test('n', 'equal', 1) } }, false],
  ['a test at the root', { conditions: { fact: 'n', operator: 'equal', value: 1 } }, false],
  ['a named condition', { conditions: { all: [{ condition: 'x', priority: 2 }] } }, true],
  ['a named condition alone', { conditions: { condition: 'x' } }, true],
  ['a named condition beside another', { conditions: { condition: 'x', all: [] } }, false],
  ['a path without root', { conditions: test('record', 'equal', 1, { path: 'a' }) }, false],
  ['a priority of zero', { conditions: test('n', 'equal', 1, { priority: 0 }) }, false],
  ['an unknown correlation type', { correlation: { ...OWN, type: 'count' } }, false],
  ['a correlation without timespan', { correlation: { ...OWN, timespan: undefined } }, false],
  ['a length without unit', { suppress: { for: '30' } }, false],
  ['a length of nothing', { suppress: { for: '0s' } }, false],
  ['gte of zero', { correlation: { ...OWN, condition: { gte: 0 } } }, false],
  ['gt and gte', { correlation: { ...OWN, condition: { gte: 2, gt: 1 } } }, false],
  ['an upper bound', { correlation: { ...OWN, condition: { lte: 2 } } }, true],
  ['a range', { correlation: { ...OWN, condition: { gt: 100, lte: 200 } } }, true],
  [
    'two lower bounds and an upper one',
    { correlation: { ...OWN, condition: { gt: 1, gte: 2, lt: 9 } } },
    false,
  ],
  ['eq beside a bound', { correlation: { ...OWN, condition: { eq: 2, gte: 1 } } }, false],
  ['eq inside a range', { correlation: { ...OWN, condition: { eq: 2, gte: 1, lte: 3 } } }, false],
  ['no bound', { correlation: { ...OWN, condition: {} } }, false],
  ['less than one match', { correlation: { ...OWN, condition: { lt: 1 } } }, false],
  ['half a match', { correlation: { ...OWN, condition: { lte: 2.5 } } }, false],
  [
    'a count of combinations',
    { correlation: { ...VALUES, condition: { field: ['user.name', 'source.ip'], eq: 2 } } },
    true,
  ],
  [
    'a sum',
    { correlation: { ...VALUES, type: 'value_sum', condition: { field: 'source.ip', gt: 0.5 } } },
    true,
  ],
  [
    'a sum of two fields',
    {
      correlation: {
        ...VALUES,
        type: 'value_sum',
        condition: { field: ['source.ip', 'user.name'], gt: 1 },
      },
    },
    false,
  ],
  [
    'an average without field',
    { correlation: { ...VALUES, type: 'value_avg', condition: { gt: 1 } } },
    false,
  ],
  [
    'an average with a percentile',
    {
      correlation: {
        ...VALUES,
        type: 'value_avg',
        condition: { field: 'source.ip', gt: 1, percentile: 5 },
      },
    },
    false,
  ],
  [
    'a percentile',
    {
      correlation: {
        ...VALUES,
        type: 'value_percentile',
        condition: { field: 'source.ip', percentile: 99.5, gt: -1 },
      },
    },
    true,
  ],
  [
    'a percentile without its number',
    { correlation: { ...VALUES, type: 'value_percentile', condition: { field: 'source.ip', gt: 1 } } },
    false,
  ],
  [
    'a percentile over a hundred',
    {
      correlation: {
        ...VALUES,
        type: 'value_percentile',
        condition: { field: 'source.ip', percentile: 101, gt: 1 },
      },
    },
    false,
  ],
  ['new terms', { correlation: { ...TERMS, learn: '7d' } }, true],
  ['new terms of two fields', { correlation: { ...TERMS, field: ['user.name', 'source.ip'] } }, true],
  ['new terms of nothing', { correlation: { ...TERMS, field: undefined } }, false],
  ['new terms with a condition', { correlation: { ...TERMS, condition: { gte: 1 } } }, false],
  ['a field beside the condition', { correlation: { ...OWN, field: 'user.name' } }, false],
  ['learning to count', { correlation: { ...OWN, learn: '7d' } }, false],
]

describe('the published schema', () => {
  it.each(SAMPLES)('agrees with the loader on %s', (_name, changed, accepted) => {
    const rule: unknown = JSON.parse(JSON.stringify({ ...GOOD, ...changed }))
    expect(violations(schema as Schema, rule, schema as Schema).length === 0).toBe(accepted)
    const named = { 'a.conditions.json': { x: test('source.ip', 'exists', true) } }
    expect(errorsOf(load({ ...named, 'a.json': rule as Json })).length === 0).toBe(accepted)
  })

  it('takes a bare json-rules-engine rule, as the loader does', () => {
    const bare = { conditions: test('source.ip', 'exists', true), event: { type: 'seen' } }
    expect(violations(schema as Schema, bare, schema as Schema)).toEqual([])
    expect(errorsOf(load({ 'a.json': bare }))).toEqual([])
  })

  it('is where the schema of named conditions finds what each of them is', () => {
    const [file, def] = conditions.additionalProperties.$ref.split('#/$defs/')
    expect(file).toBe('rule-v1.json')
    expect(Object.keys(schema.$defs)).toContain(def)
  })

  it('takes every rule that is shipped', () => {
    const folder = new URL('../../../rules/', import.meta.url)
    const files = readdirSync(folder, { recursive: true }).map(String)
    const shipped = files.filter((file) => file.endsWith('.json') && !file.endsWith('.test.json'))
    expect(shipped.length).toBeGreaterThan(40)
    for (const file of shipped) {
      const rule: unknown = JSON.parse(readFileSync(new URL(file, folder), 'utf8'))
      expect([file, ...violations(schema as Schema, rule, schema as Schema)]).toEqual([file])
    }
  })

  it('has words for an editor to show at every member, and offers every operator', () => {
    const defs = schema.$defs as Readonly<Record<string, Schema>>
    const silent = Object.entries(defs).flatMap(([name, def]) => silentIn(def, defs, name))
    expect(silent).toEqual([])
    expect([...schema.$defs.test.properties.operator.examples].sort()).toEqual([...OPERATORS.keys()].sort())
  })

  it('names the same properties, operators and types', () => {
    const { rule, test: leaf, correlation } = schema.$defs
    expect(Object.keys(rule.properties).sort()).toEqual([...RULE_KEYS].sort())
    expect([...rule.required].sort()).toEqual([...REQUIRED_KEYS].sort())
    expect(correlation.properties.type.enum).toEqual(CORRELATION_TYPES)
    const operator = new RegExp(leaf.properties.operator.pattern)
    for (const name of OPERATORS.keys()) {
      expect(name).toMatch(operator)
      for (const decorator of DECORATORS.keys()) expect(`${decorator}:${name}`).toMatch(operator)
    }
  })
})

/** Members below a schema that neither say what they are for nor refer to what does. */
function silentIn(schema: Schema, defs: Readonly<Record<string, Schema>>, at: string): readonly string[] {
  const properties = Object.entries((schema['properties'] ?? {}) as Readonly<Record<string, Schema>>)
  return properties.flatMap(([key, inner]) => {
    const target = defs[String(inner['$ref']).replace('#/$defs/', '')]
    const told = inner['description'] ?? target?.['description']
    return [...(told === undefined ? [`${at}.${key}`] : []), ...silentIn(inner, defs, `${at}.${key}`)]
  })
}
