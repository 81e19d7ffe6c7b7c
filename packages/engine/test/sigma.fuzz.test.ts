import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { importSigma, loadRules } from '../src/index.ts'
import { DATASETS } from './match-fixtures.ts'
import { MAP, met } from './sigma-kit.ts'
import { holds, type OracleCondition, type OracleItem, type OracleSearches } from './sigma-oracle.ts'

// Failures print fast-check's seed and path.

function checkImport(text: string): void {
  const { rules, outcomes } = importSigma([{ path: 'a.yml', text }], [MAP], DATASETS)
  const imported = outcomes.filter(({ outcome, rule }) => outcome === 'imported' && rule !== null)
  expect(imported.map(({ rule }) => rule).sort()).toEqual(rules.map(({ id }) => id).sort())
  const files = rules.map(({ path, json }) => ({ path, text: JSON.stringify(json) }))
  expect(loadRules(files, DATASETS).problems.filter(({ severity }) => severity === 'error')).toEqual([])
}

test('any text at all is imported or refused, and what is imported loads', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), checkImport), { numRuns: 500 })
})

const word = fc.constantFrom(
  'a',
  'sel',
  'sel_b',
  '*',
  'of',
  '1',
  'all',
  'not',
  'and',
  '(',
  ')',
  '|',
  'them',
  '%x%',
  '\\*',
  '-',
  '',
  'any',
)
const scalar = fc.oneof(
  word,
  fc.integer(),
  fc.double({ noNaN: true }),
  fc.boolean(),
  fc.constant(null),
  fc.string(),
)
const key = fc
  .tuple(
    fc.constantFrom(
      'plain',
      'free',
      'user',
      'action',
      'either',
      'status',
      '',
      'x.y',
      'constructor',
      '__proto__',
    ),
    fc.array(
      fc.constantFrom(
        'contains',
        'all',
        're',
        'i',
        'cidr',
        'base64',
        'wide',
        'windash',
        'exists',
        'gt',
        'hour',
        'expand',
        'fieldref',
        'neq',
        'cased',
        'startswith',
        'zzz',
      ),
      { maxLength: 3 },
    ),
  )
  .map(([field, modifiers]) => [field, ...modifiers].join('|'))
const search = fc.oneof(
  fc.dictionary(key, fc.oneof(scalar, fc.array(scalar, { maxLength: 3 })), { maxKeys: 3 }),
  fc.array(fc.oneof(scalar, fc.dictionary(key, scalar, { maxKeys: 2 })), { maxLength: 3 }),
  scalar,
)
const condition = fc.oneof(
  fc.array(word, { maxLength: 8 }).map((words) => words.join(' ')),
  fc.constantFrom('sel', 'sel or not sel_b', '1 of sel*', 'all of them'),
)
const document = fc.record(
  {
    title: fc.oneof({ weight: 9, arbitrary: fc.constant('T') }, { weight: 1, arbitrary: scalar }),
    name: word,
    level: fc.constantFrom('high', 'low', 'none'),
    logsource: fc.oneof(
      { weight: 9, arbitrary: fc.constant({ product: 'test' }) },
      { weight: 1, arbitrary: scalar },
    ),
    detection: fc.record({ sel: search, sel_b: search, condition }, { requiredKeys: ['sel', 'condition'] }),
    correlation: fc.record(
      {
        type: fc.constantFrom('event_count', 'temporal', 'value_count', 'x'),
        rules: fc.array(word),
        'group-by': fc.array(fc.constantFrom('user', 'plain', 'n')),
        timespan: fc.constantFrom('5m', '1x'),
        condition: fc.oneof(scalar, fc.dictionary(fc.constantFrom('gte', 'lt', 'field'), scalar)),
      },
      { requiredKeys: [] },
    ),
    filter: fc.record(
      { rules: fc.oneof(fc.array(word), fc.constant('any')), sel: search, condition },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ['title', 'logsource'] },
)

test('documents of any content are imported or refused, and what is imported loads', () => {
  const texts = fc
    .array(document, { minLength: 1, maxLength: 4 })
    .map((all) => all.map((each) => stringify(each)).join('---\n'))
  fc.assert(fc.property(texts, checkImport), { numRuns: 1_000 })
})

/** Few characters and short texts, so that values and what records hold often meet. */
const textOf = (...letters: readonly string[]) =>
  fc.array(fc.constantFrom(...letters), { maxLength: 3 }).map((parts) => parts.join(''))
const value = fc.oneof(
  { weight: 3, arbitrary: textOf('a', 'B', '1', '*', '?', '\\') },
  { weight: 1, arbitrary: fc.constantFrom('true', 0, 1, 11, -1.5, true, false) },
)
const field = fc.constantFrom('plain', 'two', 'three')

/** Items that the specification gives a meaning; emptiness is left out where it says nothing. */
const item: fc.Arbitrary<OracleItem> = fc.oneof(
  fc.record({
    field,
    modifiers: fc.constantFrom(
      [],
      ['cased'],
      ['neq'],
      ['contains'],
      ['startswith'],
      ['endswith'],
      ['contains', 'cased'],
      ['endswith', 'neq'],
    ),
    values: fc.array(value, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    field,
    modifiers: fc.constantFrom(['contains', 'all'], ['all']),
    values: fc.array(value, { minLength: 2, maxLength: 3 }),
  }),
  fc.record({ field, modifiers: fc.constant(['exists']), values: fc.boolean().map((there) => [there]) }),
  fc.record({
    field,
    modifiers: fc.constantFrom(['gt'], ['lte']),
    values: fc.constantFrom(0, 1, 11).map((limit) => [limit]),
  }),
  fc.record({ field, modifiers: fc.constant([]), values: fc.constant([null]) }),
)
const NAMES = ['sel_a', 'sel_b', 'filter']
const searches = fc.record(
  Object.fromEntries(
    NAMES.map((name) => [
      name,
      fc.array(fc.array(item, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 2 }),
    ]),
  ),
)
const logic = fc.letrec<{ tree: OracleCondition }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(...NAMES).map((name): OracleCondition => ({ kind: 'search', name })),
    fc.boolean().map((every): OracleCondition => ({ kind: 'of', every, prefix: 'sel_' })),
    tie('tree').map((inner): OracleCondition => ({ kind: 'not', inner })),
    fc
      .tuple(
        fc.constantFrom('and' as const, 'or' as const),
        fc.array(tie('tree'), { minLength: 2, maxLength: 3 }),
      )
      .map(([kind, inner]): OracleCondition => ({ kind, inner })),
  ),
})).tree
const held = fc.oneof(
  { weight: 3, arbitrary: textOf('a', 'b', '1', '*', '?', '\\') },
  { weight: 1, arbitrary: fc.constantFrom('true', 0, 1, 11, -1.5, true, false, null) },
)
const flat = fc.dictionary(field, held, { maxKeys: 3, noNullPrototype: true })

function written(tree: OracleCondition): string {
  switch (tree.kind) {
    case 'search':
      return tree.name
    case 'of':
      return `${tree.every ? 'all' : '1'} of ${tree.prefix}*`
    case 'not':
      return `not (${written(tree.inner)})`
    case 'and':
    case 'or':
      return `(${tree.inner.map(written).join(`) ${tree.kind} (`)})`
    default:
      return tree satisfies never
  }
}

/** Fields of one name cannot stand twice in a map: the second goes into a map of its own, where it means the same. */
function yamlOf(all: OracleSearches, tree: OracleCondition): string | undefined {
  const detection: Record<string, unknown> = {}
  for (const [name, maps] of Object.entries(all)) {
    const keyed = maps.map((map) =>
      map.map(
        ({ field, modifiers, values }) =>
          [[field, ...modifiers].join('|'), values.length === 1 ? values[0] : values] as const,
      ),
    )
    if (keyed.some((map) => new Set(map.map(([each]) => each)).size < map.length)) return undefined
    detection[name] = keyed.map((map) => Object.fromEntries(map))
  }
  return stringify({
    title: 'T',
    logsource: { product: 'test' },
    detection: { ...detection, condition: written(tree) },
  })
}

test('generated detections mean what the specification says', async () => {
  const scalars = { ...MAP, fields: { plain: '$.plain', two: '$.two', three: '$.three' } }
  await fc.assert(
    fc.asyncProperty(
      searches,
      logic,
      fc.array(flat, { minLength: 8, maxLength: 24 }),
      async (all, tree, records) => {
        const text = yamlOf(all, tree)
        fc.pre(text !== undefined)
        const expected = records.map((record) => holds(tree, all, record))
        expect(await met(text, records, [scalars])).toEqual(expected)
      },
    ),
    { numRuns: 700 },
  )
})
