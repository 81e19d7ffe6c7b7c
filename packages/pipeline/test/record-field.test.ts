import { expect, it } from 'vitest'
import { recordField } from '../src/record-field.ts'

const record = { a: { b: 'x', 'c-d': [1, 2], e: [{ f: true }], g: null, h: {} } }

it.each([
  ['record.a.b', 'x'],
  ['record.a.c-d', [1, 2]],
  ['record.a.e.0.f', true],
  ['record.a.g', null],
  ['record.a.e', undefined],
  ['record.a.h', undefined],
  ['record.a.b.length', undefined],
  ['record.a.toString', undefined],
  ['record.z.b', undefined],
])('%s is %j', (name, value) => {
  expect(recordField(record, name)).toEqual(value)
})
