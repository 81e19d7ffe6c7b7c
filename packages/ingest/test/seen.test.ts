import { randomInt } from 'node:crypto'
import { expect, test } from 'vitest'
import { printOf, Seen } from '../src/seen.ts'

const HOUR_MS = 3_600_000
const PREFIX = 'stream/seen/'

/** Keeps cursors as a store would. */
class Store {
  readonly cursors = new Map<string, string>()

  take(all: ReturnType<Seen['takeCursors']>): void {
    for (const { key, value } of all) {
      if (value === '') this.cursors.delete(key)
      else this.cursors.set(key, value)
    }
  }

  open(max = 1_000_000): Seen {
    return new Seen('source', PREFIX, max, this.cursors)
  }
}

function prints(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, n) => printOf(`record ${from + n}`))
}

test('what was added and committed is known after any restart, what was not committed is not', () => {
  const seed = randomInt(2 ** 31)
  const store = new Store()
  let seen = store.open()
  let next = 0
  const known: number[] = []
  for (let round = 0; round < 40; round++) {
    // A walk that is told by the seed alone.
    const many = 1 + ((seed >>> (round % 20)) & 127)
    const all = prints(next, next + many)
    all.forEach((print, n) => {
      seen.add(print, (n % 3) * HOUR_MS)
    })
    next += many
    const committed = ((seed >>> (round % 29)) & 1) === 1
    if (committed) {
      store.take(seen.takeCursors())
      known.push(...all)
    }
    seen = store.open()
    expect(seen.size, `seed ${seed}`).toBe(known.length)
    expect(
      known.every((print) => seen.has(print)),
      `seed ${seed}`,
    ).toBe(true)
    if (!committed)
      expect(
        all.some((print) => seen.has(print)),
        `seed ${seed}`,
      ).toBe(false)
  }
})

test('a commit writes again no more than one cursor an hour of what was there before', () => {
  const store = new Store()
  const seen = store.open()
  for (const print of prints(0, 1_000)) seen.add(print, 0)
  expect(seen.takeCursors().length).toBe(Math.ceil(1_000 / 64))
  seen.add(printOf('one more'), 0)
  const again = seen.takeCursors()
  expect(again).toHaveLength(1)
  expect(Buffer.from(again[0]!.value, 'base64').length).toBeLessThanOrEqual(64 * 8)
  expect(seen.takeCursors()).toEqual([])
})

test('hours that are over are forgotten, and their cursors with them; the hour at the edge stays', () => {
  const store = new Store()
  const seen = store.open()
  prints(0, 300).forEach((print, n) => {
    seen.add(print, (n % 3) * HOUR_MS)
  })
  store.take(seen.takeCursors())
  store.take(seen.forget(1.5 * HOUR_MS))
  expect(seen.size).toBe(200)
  expect(store.open().size).toBe(200)
  expect([seen.has(prints(0, 1)[0]!), seen.has(prints(1, 2)[0]!)]).toEqual([false, true])
})

test('beyond the bound the oldest hours go first', () => {
  const seen = new Store().open(150)
  prints(0, 300).forEach((print, n) => {
    seen.add(print, Math.floor(n / 100) * HOUR_MS)
  })
  seen.forget(0)
  expect(seen.size).toBe(100)
  expect(prints(200, 300).every((print) => seen.has(print))).toBe(true)
})

test('there may be more of them than a function takes arguments', () => {
  const store = new Store()
  const value = Buffer.alloc(8)
  for (let n = 0; n < 200_000; n++) {
    value.writeUInt32BE(n, 4)
    store.cursors.set(`${PREFIX}${n % 3}/${n}`, value.toString('base64'))
  }
  const seen = store.open(0)
  store.take(seen.forget(1.5 * HOUR_MS))
  expect([seen.size, store.cursors.size]).toEqual([0, 0])
})

test('cursors of others, and such as are not its own form, are left alone', () => {
  const store = new Store()
  store.cursors.set('stream/read', '123')
  store.cursors.set('other/seen/1/1', 'AAAAAAAAAAE=')
  store.cursors.set(`${PREFIX}what is this`, 'AAAAAAAAAAE=')
  store.cursors.set(`${PREFIX}5/0`, '')
  expect(store.open().size).toBe(0)
})
