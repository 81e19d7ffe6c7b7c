import { DATASETS } from '@weir/normalize'
import { describe, expect, test } from 'vitest'
import { loadFilters } from '../src/index.ts'

const read = (text: string) => loadFilters({ path: 'aggregator.json', text }, DATASETS)
const filters = (...drop: readonly unknown[]) => read(JSON.stringify({ drop }))
const probe = (leaf: object) => ({
  name: 'probe',
  dataset: 'azure.signinlogs',
  conditions: { all: [leaf] },
})

describe('filters', () => {
  test('are rules that ship nothing, in the order of the configuration', () => {
    const set = filters(
      { name: 'zeta', dataset: ['azure.signinlogs', 'azure.auditlogs'] },
      probe({ fact: 'source.ip', operator: 'cidr', value: ['203.0.113.0/24'] }),
    )
    expect(set.problems).toEqual([])
    expect(set.rules.map(({ id, mode, alert, datasets }) => [id, mode, alert, [...datasets]])).toEqual([
      ['zeta', 'shadow', false, ['azure.signinlogs', 'azure.auditlogs']],
      ['probe', 'shadow', false, ['azure.signinlogs']],
    ])
  })

  test.each([
    ['without any', '{"store":{}}'],
    ['of an empty list', '{"drop":[]}'],
  ])('%s are none', (_, text) => {
    expect(read(text)).toMatchObject({ rules: [], problems: [] })
  })

  test.each([
    [
      'an unknown operator',
      probe({ fact: 'source.ip', operator: 'equals', value: 'x' }),
      'unknown operator "equals"; did you mean "equal"?',
    ],
    [
      'an unknown field',
      probe({ fact: 'source.ipp', operator: 'equal', value: 'x' }),
      'unknown field "source.ipp"; did you mean "source.ip"?',
    ],
    ['an unknown dataset', { name: 'a', dataset: 'azure.signinlog' }, 'did you mean "azure.signinlogs"?'],
    ['no dataset', { name: 'a', conditions: { all: [] } }, 'a filter needs "dataset"'],
    ['a slip in a key', { name: 'a', dataset: 'generic', condition: {} }, 'did you mean "conditions"?'],
    [
      'a named condition of a rule folder',
      { name: 'a', dataset: 'generic', conditions: { condition: 'office' } },
      'unknown condition "office"',
    ],
  ])('with %s are refused, and the place is told', (_, filter, message) => {
    const { problems, rules } = filters(filter)
    expect(rules).toEqual([])
    expect(problems.map((each) => each.severity)).toContain('error')
    expect(problems.map((each) => each.message).join('\n')).toContain(message)
    expect(problems[0]).toMatchObject({ file: 'aggregator.json', line: 1 })
    expect(problems[0]!.column).toBeGreaterThan(8)
  })
})
