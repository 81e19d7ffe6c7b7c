import { describe, expect, it } from 'vitest'
import { costClasses } from '../src/index.ts'
import { DATASETS, ruleOf, ruleSetOf } from './match-fixtures.ts'

const leaf = (operator: string, value: unknown, path = '$.v') => ({ fact: 'record', path, operator, value })
const rare = leaf('equal', 'x')
const scan = leaf('matches', 'x.*y')

const CASES: readonly (readonly [string, string, unknown])[] = [
  ['indexed', 'a value', { all: [rare] }],
  ['indexed', 'one of some values', { all: [leaf('in', ['x', 'y'])] }],
  ['indexed', 'a piece of text', { all: [leaf('fold:containsText', 'x')] }],
  ['indexed', 'a value beside what no index answers', { all: [scan, rare] }],
  ['indexed', 'a choice of values', { any: [rare, leaf('equal', 'y', '$.w')] }],
  ['scanned', 'a pattern alone', { all: [scan] }],
  ['scanned', 'a choice of which one is a pattern', { any: [scan, rare] }],
  ['scanned', 'what is not', { all: [{ not: rare }] }],
  ['scanned', 'nothing', { all: [] }],
  ['library', 'a path with a wildcard', { all: [leaf('equal', 'x', '$..v')] }],
  ['library', 'a value beside what only the library knows', { all: [rare, { condition: 'named' }] }],
]

describe('the cost class of a rule', () => {
  it.each(CASES)('%s: %s', (expected, _, conditions) => {
    const set = ruleSetOf([ruleOf('r', conditions)])
    expect(costClasses(set, DATASETS)).toEqual(new Map([['r', expected]]))
  })

  it('is not told of a rule without conditions, which only correlates', () => {
    const { conditions: _, ...correlation } = ruleOf('r', {})
    expect(costClasses(ruleSetOf([correlation]), DATASETS)).toEqual(new Map())
  })
})
