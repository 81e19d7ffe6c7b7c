import { recordsOf } from '@weir/normalize'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { linesOf } from '../src/push/records.ts'

const KNOWN = { Type: 'App_CL' }

/** The records of the lines, or that the body was refused. */
function readBack(text: string | Buffer): unknown {
  try {
    const { pieces, records } = linesOf(Buffer.from(text), () => KNOWN)
    const lines = pieces.flatMap((piece) => Buffer.from(piece).toString().trimEnd().split('\n'))
    expect(lines).toHaveLength(records)
    return lines.map((line) => JSON.parse(line))
  } catch (error) {
    return (error as { code?: string }).code
  }
}

/** The same by reading the whole body at one stroke. */
function plainly(text: string): unknown {
  try {
    const records = recordsOf(JSON.parse(text))
    return records?.map((record) => ({ ...record, ...KNOWN })) ?? 'BAD_REQUEST'
  } catch {
    return 'BAD_REQUEST'
  }
}

describe('a body', () => {
  test.each([
    ['a list with white space of every kind', '\t[\r\n{"a":1} ,\n\t{"b":2}\r\n]\n', [{ a: 1 }, { b: 2 }]],
    ['a list of envelopes', '[{"records":[{"a":1}]},{"records":[{"b":2}]}]', [{ a: 1 }, { b: 2 }]],
    ['a list of records and an envelope', '[{"a":1},{"records":[{"b":2}]}]', [{ a: 1 }, { b: 2 }]],
    ['an envelope that says its records twice', '{"records":[{"a":1}],"records":[{"b":2}]}', [{ b: 2 }]],
    ['commas and brackets within texts', '[{"a":"],[{\\"}"},{"b":","}]', [{ a: '],[{"}' }, { b: ',' }]],
  ])('%s is taken', (_, text, records) => {
    expect(readBack(text)).toEqual(records.map((record) => ({ ...record, ...KNOWN })))
  })

  test.each([
    ['no comma between records', '[{"a":1}{"b":2}]'],
    ['two commas', '[{"a":1},,{"b":2}]'],
    ['a comma before the first', '[,{"a":1}]'],
    ['a comma behind the last', '[{"a":1},]'],
    ['something behind the list', '[{"a":1}] x'],
    ['something before the list', 'x [{"a":1}]'],
    ['a second list', '[{"a":1}][{"b":2}]'],
    ['a bracket too many', '[{"a":1}]]'],
    ['no end', '[{"a":1}'],
    ['a record that is none', '[{"a":1},{"b"}]'],
    ['white space that JSON does not know', '[{"a":1}\v,{"b":2}]'],
    ['a list within', '[{"a":1},[{"b":2}]]'],
    ['null', '[{"a":1},null]'],
  ])('with %s is refused', (_, text) => {
    expect([readBack(text), plainly(text)]).toEqual(['BAD_REQUEST', 'BAD_REQUEST'])
  })

  test('is taken or refused as by reading it at one stroke, whatever it is', () => {
    const list = fc.array(fc.oneof({ weight: 9, arbitrary: fc.object() }, fc.jsonValue()), { maxLength: 4 })
    const spoiled = fc
      .tuple(
        list,
        fc.nat(),
        fc.constantFrom('', ',', '[', ']', '{', '}', '"', ' ', '\n', '\\', '0'),
        fc.nat(2),
      )
      .map(([value, place, mark, cut]) => {
        const text = JSON.stringify(value)
        const at = place % (text.length + 1)
        return text.slice(0, at) + mark + text.slice(at + cut)
      })
    fc.assert(
      fc.property(spoiled, (text) => {
        expect(readBack(text)).toEqual(plainly(text))
      }),
      { numRuns: 3_000 },
    )
  })

  test('of many records goes in pieces of whole lines, in their order', () => {
    const records = Array.from({ length: 5_000 }, (_, n) => ({ n, pad: 'p'.repeat(1_000) }))
    const { pieces } = linesOf(Buffer.from(JSON.stringify(records)), () => KNOWN)
    expect(pieces.length).toBeGreaterThan(4)
    for (const piece of pieces) expect(piece.length).toBeLessThan(1_010_000)
    const lines = pieces.flatMap((piece) => Buffer.from(piece).toString().trimEnd().split('\n'))
    expect(lines.map((line) => JSON.parse(line).n)).toEqual(records.map(({ n }) => n))
  })
})
