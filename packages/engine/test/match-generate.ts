import type { JsonObject } from '@weir/model'
import fc from 'fast-check'

// Few names and few values, so that rules and events meet often, and names that plain property access trips over.
const KEYS = [
  'action',
  'ip',
  'user',
  'tags',
  'n',
  'a',
  'b c',
  'constructor',
  'length',
  '0',
  '__proto__',
  'toString',
  '*',
]
const TEXTS = [
  '',
  'foo',
  'Foo',
  'bar',
  'foo.bar',
  '10.0.0.7',
  '::ffff:10.0.0.7',
  '2001:db8::1',
  '7',
  '07',
  '*',
  'constructor',
  '2026-01-02T03:04:05Z',
  '2026-03-10 23:59',
]
const scalar = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 3, arbitrary: fc.constantFrom(0, -0, 1, 7, 7.5, -1) },
  { weight: 1, arbitrary: fc.constantFrom(true, false, null) },
)
const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { weight: 5, arbitrary: scalar },
    { weight: 2, arbitrary: fc.array(tie('json'), { maxLength: 3 }) },
    {
      weight: 3,
      arbitrary: fc.dictionary(fc.constantFrom(...KEYS), tie('json'), { maxKeys: 4, noNullPrototype: true }),
    },
  ),
}))
/** A record. Made through JSON text, as records come: `__proto__` is then a property like any other. */
export const record = fc
  .dictionary(fc.constantFrom(...KEYS), json, { minKeys: 2, maxKeys: 8, noNullPrototype: true })
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonObject)

const step = fc.oneof(
  fc.constantFrom(...KEYS.filter((key) => key !== '*')).map((key) => `['${key}']`),
  fc.constantFrom('action', 'a', 'tags', 'length', 'n', '0').map((key) => `.${key}`),
  fc.constantFrom('[0]', '[1]', '[*]', '[*]'),
)
const stepping = fc.array(step, { minLength: 1, maxLength: 3 }).map((steps) => `$${steps.join('')}`)
const odd = fc.constantFrom(
  '$',
  '$.*',
  '$..a',
  '$.tags[*]',
  '$.tags[?(@==="foo")]',
  '$.a^',
  '$.a~',
  '$.tags[0,1]',
  '$["a"]',
  '$.tags[0:1]',
)
const path = fc.oneof({ weight: 12, arbitrary: stepping }, { weight: 1, arbitrary: odd })
const place = fc.oneof(
  fc
    .constantFrom(
      'source.ip',
      'user.name',
      'event.action',
      'tags',
      'n',
      'nowhere',
      'event.dataset',
      '@timestamp',
    )
    .map((fact) => ({ fact })),
  path.map((inner) => ({ fact: 'record', path: inner })),
  fc.record({ fact: fc.constant('tags'), path }),
)

const NETWORKS = ['10.0.0.0/8', '10.0.0.7', '2001:db8::/32', '::/0']
const literals: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  scalar,
  list: fc.array(scalar, { maxLength: 4 }),
  any: json,
  network: fc.oneof(fc.constantFrom(...NETWORKS), fc.subarray(NETWORKS)),
  regex: fc.constantFrom('^fo+', '(?i)FOO', 'a|b', '^$', '\\d+'),
  wildcard: fc.constantFrom('*', 'f?o*', '*.bar', '?', '\\*', 'fo*o*r'),
  flag: fc.boolean(),
  'list name': fc.constantFrom('texts', 'networks', 'nowhere'),
  hours: fc.constantFrom('22:00-06:00', '03:00-03:05', '00:00-24:00', '04:00-05:00 Europe/Stockholm', 'noon'),
}
const BASE: readonly (readonly [string, string])[] = [
  ...['equal', 'notEqual', 'contains', 'doesNotContain', 'startsWith', 'endsWith', 'containsText'].map(
    (name) => [name, 'scalar'] as const,
  ),
  ...['lessThan', 'lessThanInclusive', 'greaterThan', 'greaterThanInclusive'].map(
    (name) => [name, 'scalar'] as const,
  ),
  ['in', 'list'],
  ['in', 'list'],
  ['notIn', 'list'],
  ['in', 'any'],
  ['equal', 'any'],
  ['equal', 'scalar'],
  ['exists', 'flag'],
  ['cidr', 'network'],
  ['matches', 'regex'],
  ['wildcard', 'wildcard'],
  ['timeOfDay', 'hours'],
  ['inList', 'list name'],
  ['notInList', 'list name'],
  ['unknown', 'scalar'],
]
const decorators = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom('fold', 'not', 'someFact', 'everyFact', 'someValue', 'everyValue'),
    },
    { weight: 2, arbitrary: fc.constantFrom('swap', 'number', 'text', 'anyText', 'fold', 'text') },
    { weight: 1, arbitrary: fc.constantFrom('minute', 'hour', 'day', 'week', 'month', 'year') },
  ),
  { maxLength: 3 },
)
const operation = fc
  .tuple(decorators, fc.constantFrom(...BASE), fc.nat(9))
  .chain(([before, [name, kind], plain]) => {
    const chosen = plain < 6 ? [] : before
    const spreads = chosen.some((each) => each.endsWith('Value'))
    const value = literals[kind]!
    return (spreads ? fc.array(value, { maxLength: 3 }) : value).map((each) => ({
      operator: [...chosen, name].join(':'),
      value: each,
    }))
  })
const COMPARING = [
  ...['equal', 'notEqual', 'lessThan', 'in', 'contains', 'fold:equal', 'text:equal', 'number:lessThan'],
  ...['startsWith', 'not:fold:endsWith', 'containsText', 'wildcard', 'not:cidr', 'exists', 'matches'],
  ...[
    'someFact:equal',
    'everyValue:startsWith',
    'swap:in',
    'hour:equal',
    'anyText:equal',
    'timeOfDay',
    'inList',
  ],
]
const priority = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, -1, 2.5, 10, '2', '2.0', 'high', null) },
)
const leaf = fc.oneof(
  { weight: 12, arbitrary: fc.tuple(place, operation).map(([where, what]) => ({ ...where, ...what })) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(place, place, fc.constantFrom(...COMPARING))
      .map(([where, value, operator]) => ({ ...where, operator, value })),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(place, operation, priority)
      .map(([where, what, given]) => ({ ...where, ...what, priority: given, params: { given } })),
  },
)
/** Watchlists that the rules may ask. */
export const LISTS = {
  texts: ['foo', 'Bar', '7', '7.5', 'true', ''],
  networks: [...NETWORKS.slice(0, 3), 'foo.bar'],
}
const reference = fc
  .tuple(fc.constantFrom('a', 'b', 'c'), fc.option(priority))
  .map(([condition, given]) => (given === null ? { condition } : { condition, priority: given }))
const inners = { minLength: 1, maxLength: 4, size: 'max' } as const
/** Conditions of a rule, as the library takes them; some that the loader would refuse. */
export const { compound: conditions } = fc.letrec((tie) => ({
  inner: fc.oneof(
    { maxDepth: 3 },
    { weight: 20, arbitrary: leaf },
    { weight: 8, arbitrary: tie('compound') },
    { weight: 1, arbitrary: reference },
  ),
  compound: fc.oneof(
    { weight: 8, arbitrary: fc.array(tie('inner'), inners).map((all) => ({ all })) },
    { weight: 4, arbitrary: fc.array(tie('inner'), inners).map((any) => ({ any })) },
    { weight: 3, arbitrary: tie('inner').map((not) => ({ not })) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom('all', 'any'), fc.array(tie('inner'), inners), priority)
        .map(([kind, inner, given]) => ({ [kind]: inner, priority: given })),
    },
    { weight: 1, arbitrary: fc.constantFrom({ all: [] }, { any: [] }) },
  ),
}))
/** Datasets of a rule; the empty gate is open. */
export const gate = fc.constantFrom(
  [],
  ['azure.signinlogs'],
  ['azure.auditlogs'],
  ['azure.signinlogs', 'azure.auditlogs'],
)

/** Named conditions. A name refers to later ones only: one that is built on itself is refused by the loader. */
export const named = fc
  .tuple(conditions, conditions, leaf)
  .map(([a, b, c]) => ({ a: onlyLater(a, 'bc'), b: onlyLater(b, 'c'), c: { not: c } }))

function onlyLater(json: unknown, later: string): unknown {
  if (Array.isArray(json)) return json.map((each) => onlyLater(each, later))
  if (typeof json !== 'object' || json === null) return json
  const { condition } = json as { condition?: unknown }
  if (typeof condition === 'string' && !later.includes(condition)) return { any: [] }
  return Object.fromEntries(Object.entries(json).map(([key, each]) => [key, onlyLater(each, later)]))
}
