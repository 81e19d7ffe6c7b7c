import { expect, test } from 'vitest'
import { IdentitySet } from '../src/reconcile/identity-set.ts'

const name = (n: number): string => `azure.signinlogs/${n}`

test('a set of many holds what was put into it and nothing else, and counts each once', () => {
  const set = new IdentitySet(100_000)
  for (let n = 0; n < 50_000; n++) expect(set.add(name(n))).toBe(true)
  for (let n = 0; n < 50_000; n += 7) expect(set.add(name(n))).toBe(false)
  expect(set.size).toBe(50_000)
  const marks = { absent: 0, new: 0, again: 0 }
  for (let n = 25_000; n < 75_000; n++) marks[set.mark(name(n))] += 1
  for (let n = 0; n < 30_000; n++) marks[set.mark(name(n))] += 1
  expect(marks).toEqual({ absent: 25_000, new: 50_000, again: 5_000 })
  expect(set.marked).toBe(50_000)
})

test('marks stay where they belong when the table grows', () => {
  const set = new IdentitySet(100_000)
  for (let n = 0; n < 1_000; n++) set.add(name(n))
  for (let n = 0; n < 500; n++) set.mark(name(n))
  for (let n = 1_000; n < 60_000; n++) set.add(name(n))
  const unmarked = Array.from({ length: 60_000 }, (_, n) => set.mark(name(n))).filter(
    (mark) => mark === 'new',
  )
  expect(unmarked).toHaveLength(59_500)
})

test('more than it may hold is refused, with what to do', () => {
  const set = new IdentitySet(2)
  set.add('a')
  set.add('b')
  expect(set.add('a')).toBe(false)
  expect(() => set.add('c')).toThrow(
    /more than 2 events in the interval \(identitiesMax\); bring --from and --to closer/,
  )
})
