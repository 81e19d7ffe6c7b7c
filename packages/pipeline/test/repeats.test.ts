import { describe, expect, test } from 'vitest'
import { fingerprint } from '../src/fingerprint.ts'
import { Repeats } from '../src/repeats.ts'

describe('repeats', () => {
  test('a key is new once, and a repeat from then on', () => {
    const repeats = new Repeats(1_000)
    expect([repeats.seen('a/1'), repeats.seen('a/2'), repeats.seen('a/1'), repeats.seen('a/2')]).toEqual([
      false,
      false,
      true,
      true,
    ])
  })

  test.each([
    ['an empty one', ''],
    ['a zero behind', 'ab\0'],
    ['two zeros behind', 'ab\0\0'],
    ['a pair the other way round', 'ba'],
    ['another case', 'AB'],
    ['letters beyond Latin', 'a\u0162'],
    ['an odd length', 'abc'],
  ])('%s is not taken for its like', (_, like) => {
    const repeats = new Repeats(1_000)
    expect([repeats.seen('ab'), repeats.seen(like), repeats.seen('ab'), repeats.seen(like)]).toEqual([
      false,
      false,
      true,
      true,
    ])
  })

  test('many keys that differ in little stay apart, and all are remembered', () => {
    const repeats = new Repeats(200_000)
    const keys = Array.from({ length: 60_000 }, (_, n) => `azure.signinlogs/00000000-0000-0000-${n}`)
    expect(keys.filter((key) => repeats.seen(key))).toEqual([])
    expect(keys.filter((key) => !repeats.seen(key))).toEqual([])
  })

  test('at least half of the bound is remembered, and what is older is forgotten', () => {
    const repeats = new Repeats(100)
    const keys = Array.from({ length: 200 }, (_, n) => `key ${n}`)
    for (const key of keys) repeats.seen(key)
    expect(keys.slice(-50).every((key) => repeats.seen(key))).toBe(true)
    expect(repeats.seen('key 0')).toBe(false)
  })
})

test('a fingerprint hangs on every bit of the secret', () => {
  const prints = new Set<string>()
  const out = new Int32Array(4)
  for (let bit = 0; bit <= 128; bit++) {
    const secret = new Int32Array(4)
    if (bit < 128) secret[bit >> 5] = 1 << (bit & 31)
    fingerprint('azure.signinlogs/1', secret, out)
    prints.add(out.join())
  }
  expect(prints.size).toBe(129)
})
