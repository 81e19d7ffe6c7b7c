import { EcsFlat } from '@elastic/ecs'
import type { Alert } from '@weir/model'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { anyAlert } from './any-alert.ts'
import { everyAlert } from './every-alert.ts'
import { type Misfit, mappingOf, misfits, readTemplate } from './mapping.ts'

const PRODUCTS = ['elastic', 'opensearch'] as const

let alerts: readonly Alert[] = []

beforeAll(async () => {
  alerts = await everyAlert()
})

describe.each(PRODUCTS)('the mappings for %s', (product) => {
  const template = readTemplate(product)
  const mapping = mappingOf(template)

  test('have a field for everything in alerts of shipped rules and of health, and take every value', () => {
    expect(alerts.length).toBeGreaterThan(150)
    expect(alerts.flatMap((alert) => misfits(alert, mapping))).toEqual([])
  })

  test('take whatever the fields of a record may hold: at worst a value is not searched', () => {
    fc.assert(
      fc.property(anyAlert, (alert) => {
        const found = misfits(alert, mapping)
        expect(found.filter(({ kind }) => kind === 'conflict' || kind === 'unmapped')).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  test('leave a value that is no address or number out, rather than refuse the alert, and add no field', () => {
    expect(template.template.settings.index.mapping.ignore_malformed).toBe(true)
    expect(template.template.mappings.dynamic).toBe(false)
    expect(mapping.get('@timestamp')).toEqual({ type: 'date', ignore_malformed: false })
  })
})

test('types are those that Elastic publishes for ECS, and no field is of our own but under weir', () => {
  const published = EcsFlat as Readonly<Record<string, { readonly type: string } | undefined>>
  const ours = [...mappingOf(readTemplate('elastic'))].filter(([path]) => !path.startsWith('weir.'))
  expect(ours.length).toBeGreaterThan(50)
  expect(ours.filter(([path, { type }]) => published[path]?.type !== type)).toEqual([])
})

test('what alerts say of their events is in the words that ECS allows', () => {
  const words = EcsFlat as Readonly<Record<string, { readonly allowed_values?: readonly { name: string }[] }>>
  const strange = (['kind', 'category', 'type', 'outcome'] as const).flatMap((field) => {
    const allowed = new Set(words[`event.${field}`]?.allowed_values?.map(({ name }) => name))
    return alerts.flatMap(({ event }) => [event[field] ?? []].flat()).filter((word) => !allowed.has(word))
  })
  expect(strange).toEqual([])
})

test('both products get the same fields, but for two types that go by other names', () => {
  const inOpenSearch: Readonly<Record<string, string>> = { flattened: 'flat_object', match_only_text: 'text' }
  const typesOf = (product: (typeof PRODUCTS)[number]) =>
    [...mappingOf(readTemplate(product))].map(([path, { type = '' }]) => [path, inOpenSearch[type] ?? type])
  expect(typesOf('opensearch')).toEqual(typesOf('elastic'))
})

describe('the test itself tells', () => {
  const mapping = mappingOf(readTemplate('elastic'))
  test.each<[string, object, Misfit['kind'] | undefined]>([
    ['an address', { source: { ip: '2001:db8::1' } }, undefined],
    ['a list of addresses', { related: { ip: ['203.0.113.1', '::1'] } }, undefined],
    ['an address with a port', { source: { ip: '203.0.113.1:443' } }, 'malformed'],
    ['an object where a value should be', { source: { ip: { v4: '203.0.113.1' } } }, 'conflict'],
    ['a value where an object should be', { source: '203.0.113.1' }, 'conflict'],
    ['one within a list', { threat: { technique: [{ id: 'T1110' }, 'T1110'] } }, 'conflict'],
    ['a field that nobody mapped', { source: { mac: '00-00-5E-00-53-23' } }, 'unmapped'],
    ['a number that is no number', { source: { port: 'https' } }, 'malformed'],
    ['a date that is none', { event: { start: 'yesterday' } }, 'malformed'],
    ['a time without which there is no document', { '@timestamp': 'yesterday' }, 'conflict'],
    ['a text too long for a term', { user: { name: 'x'.repeat(1025) } }, 'long'],
    [
      'a group with names and values of any kind',
      { weir: { alert: { group: { 'a.b': [1, 'x'] } } } },
      undefined,
    ],
    ['a group that is none', { weir: { alert: { group: 'x' } } }, 'conflict'],
  ])('%s', (_, document, kind) => {
    expect(misfits(document, mapping).map((each) => each.kind)).toEqual(kind === undefined ? [] : [kind])
  })
})
