import type { JsonObject } from '@weir/model'
import { describe, expect, it } from 'vitest'
import { met, refusal, rule } from './sigma-kit.ts'

const SEARCHES = `  a: { plain: a }
  sel_b: { two: b }
  sel_c: { three: c }
  _d: { four: d }
`

const A: JsonObject = { plain: 'a' }
const B: JsonObject = { two: 'b' }
const C: JsonObject = { three: 'c' }
const D: JsonObject = { four: 'd' }

/** Condition, and records that meet it, out of all combinations of the four. */
const TABLE: readonly (readonly [string, (a: boolean, b: boolean, c: boolean, d: boolean) => boolean])[] = [
  ['a', (a) => a],
  ['not a', (a) => !a],
  ['not not a', (a) => a],
  ['a and sel_b', (a, b) => a && b],
  ['a or sel_b and sel_c', (a, b, c) => a || (b && c)],
  ['(a or sel_b) and sel_c', (a, b, c) => (a || b) && c],
  ['not a or sel_b', (a, b) => !a || b],
  ['not (a or sel_b)', (a, b) => !(a || b)],
  ['not a and not sel_b', (a, b) => !a && !b],
  ['a AND NOT sel_b', (a, b) => a && !b],
  ['1 of sel_*', (_a, b, c) => b || c],
  ['any of sel_*', (_a, b, c) => b || c],
  ['all of sel_*', (_a, b, c) => b && c],
  ['not 1 of sel_*', (_a, b, c) => !(b || c)],
  ['not all of sel_*', (_a, b, c) => !(b && c)],
  ['a and not 1 of sel_*', (a, b, c) => a && !(b || c)],
  ['1 of them', (a, b, c) => a || b || c],
  ['all of them', (a, b, c) => a && b && c],
  ['1 of *', (a, b, c) => a || b || c],
  ['1 of *_c', (_a, _b, c) => c],
  ['1 of s*_*', (_a, b, c) => b || c],
  ['1 of _*', (_a, _b, _c, d) => d],
  ['a and not 1 of nothing_*', (a) => a],
  ['a or 1 of nothing_*', (a) => a],
  ['((a))', (a) => a],
  ['_d', (_a, _b, _c, d) => d],
]

const COMBINATIONS = Array.from({ length: 16 }, (_, bits) => [8, 4, 2, 1].map((bit) => (bits & bit) !== 0))

describe('conditions', () => {
  it.each(TABLE)('%s', async (condition, means) => {
    const records = COMBINATIONS.map(
      (has) => Object.assign({}, ...[A, B, C, D].filter((_, at) => has[at])) as JsonObject,
    )
    const expected = COMBINATIONS.map(([a, b, c, d]) => means(a!, b!, c!, d!))
    expect(await met(rule(`${SEARCHES}  condition: ${condition}`), records)).toEqual(expected)
  })

  it('several conditions are joined by or', async () => {
    const text = rule(`${SEARCHES}  condition:\n    - a and sel_b\n    - sel_c`)
    expect(await met(text, [{ ...A, ...B }, C, A, B])).toEqual([true, true, false, false])
  })
})

describe('conditions that are refused', () => {
  it.each([
    ['a and', 'condition'],
    ['a sel_b', 'condition'],
    ['(a', 'condition'],
    ['a)', 'condition'],
    ['and a', 'condition'],
    ['a and and sel_b', 'condition'],
    ['missing', 'condition'],
    ['2 of sel_*', 'condition'],
    ['1 of', 'condition'],
    ['all of nothing_*', 'condition'],
    ['a and "x"', 'condition'],
    ["''", 'condition'],
    ['1 of nothing_*', 'never-matches'],
    ['not 1 of nothing_*', 'always-matches'],
    ['a | count() > 5', 'legacy-aggregation'],
    ['a | count(user) by ip > 5', 'legacy-aggregation'],
    ['a | near sel_b', 'legacy-aggregation'],
    [`${'('.repeat(200)}a${')'.repeat(200)}`, 'condition'],
    [`${'not '.repeat(200)}a`, 'condition'],
    [`a${' or a'.repeat(2_500)}`, 'condition'],
  ])('%s', (condition, code) => {
    expect(refusal(rule(`${SEARCHES}  condition: ${condition}`))).toBe(code)
  })
})
