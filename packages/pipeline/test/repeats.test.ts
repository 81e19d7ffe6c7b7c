import { describe, expect, test } from 'vitest'
import { fingerprint } from '../src/fingerprint.ts'
import { Repeats } from '../src/repeats.ts'

function seen(repeats: Repeats, id: string, dataset = 'a', state = ''): boolean {
  return repeats.seen([{ dataset, id, state }])[0]!
}

describe('repeats', () => {
  test('a key is new once, and a repeat from then on', () => {
    const repeats = new Repeats(1_000)
    expect([seen(repeats, 'a/1'), seen(repeats, 'a/2'), seen(repeats, 'a/1'), seen(repeats, 'a/2')]).toEqual([
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
    ['a longer one than most', 'ab'.repeat(1_000)],
    ['a longer one that is the beginning of a third', 'ab'.repeat(999)],
    ['one that goes on for long', `ab${'\0'.repeat(256)}`],
  ])('%s is not taken for its like', (_, like) => {
    const repeats = new Repeats(1_000)
    expect([seen(repeats, 'ab'), seen(repeats, like), seen(repeats, 'ab'), seen(repeats, like)]).toEqual([
      false,
      false,
      true,
      true,
    ])
  })

  test('a dataset, an id and a state are not taken for others that read the same in a row', () => {
    const repeats = new Repeats(1_000)
    const keys = [
      ['ab', 'cd', ''],
      ['ab', 'c', 'd'],
      ['a', 'bcd', ''],
      ['ab', '', 'cd'],
      ['', 'ab', 'cd'],
    ] as const
    expect(keys.filter(([dataset, id, state]) => seen(repeats, id, dataset, state))).toEqual([])
    expect(keys.filter(([dataset, id, state]) => !seen(repeats, id, dataset, state))).toEqual([])
  })

  test('many keys that differ in little stay apart, and all are remembered', () => {
    const repeats = new Repeats(200_000)
    const keys = Array.from({ length: 60_000 }, (_, n) => `azure.signinlogs/00000000-0000-0000-${n}`)
    expect(keys.filter((key) => seen(repeats, key))).toEqual([])
    expect(keys.filter((key) => !seen(repeats, key))).toEqual([])
  })

  test('a repeat shows also among records that come together', () => {
    const repeats = new Repeats(4)
    const keys = ['1', '2', '1', '3', '3', '1', '4'].map((id) => ({ dataset: 'a', id, state: '' }))
    expect(repeats.seen(keys)).toEqual([false, false, true, false, true, true, false])
  })

  test('a key is remembered in the next generation, and counts there as a repeat', () => {
    const repeats = new Repeats(20)
    const keys = Array.from({ length: 15 }, (_, n) => `key ${n}`)
    for (const key of keys) seen(repeats, key)
    expect(keys.map((key) => seen(repeats, key))).toEqual(keys.map(() => true))
  })

  test('at least half of the bound is remembered, and what is older is forgotten', () => {
    const repeats = new Repeats(100)
    const keys = Array.from({ length: 200 }, (_, n) => `key ${n}`)
    for (const key of keys) seen(repeats, key)
    expect(keys.slice(-50).every((key) => seen(repeats, key))).toBe(true)
    expect(seen(repeats, 'key 0')).toBe(false)
  })
})

test('a fingerprint hangs on every bit of the secret', () => {
  const prints = new Set<string>()
  const out = new Int32Array(2)
  for (let bit = 0; bit <= 128; bit++) {
    const secret = new Int32Array(4)
    if (bit < 128) secret[bit >> 5] = 1 << (bit & 31)
    fingerprint({ dataset: 'azure.signinlogs', id: '1', state: '' }, secret, out, 0)
    prints.add(out.join())
  }
  expect(prints.size).toBe(129)
})
