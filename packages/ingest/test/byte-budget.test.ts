import { expect, test } from 'vitest'
import { ByteBudget } from '../src/byte-budget.ts'

const signal = new AbortController().signal

/** Resolves to `now` when the promise is settled already. */
function settled(promise: Promise<void>): Promise<'now' | 'later'> {
  return Promise.race([
    promise.then(() => 'now' as const),
    new Promise<'later'>((r) => setImmediate(r, 'later')),
  ])
}

test('who does not fit waits until others have given back, first come first served', async () => {
  const budget = new ByteBudget(10)
  await budget.take(6, signal)
  const large = budget.take(8, signal)
  const small = budget.take(1, signal)
  expect([await settled(large), await settled(small)]).toEqual(['later', 'later'])
  budget.give(6)
  expect([await settled(large), await settled(small)]).toEqual(['now', 'now'])
  expect(budget.held).toBe(9)
})

test('one over the bound is let in alone', async () => {
  const budget = new ByteBudget(10)
  const huge = budget.take(50, signal)
  const next = budget.take(1, signal)
  expect([await settled(huge), await settled(next)]).toEqual(['now', 'later'])
  budget.give(50)
  expect(await settled(next)).toBe('now')
})

test('an abort ends the wait, holds nothing and lets the others by', async () => {
  const budget = new ByteBudget(10)
  const stop = new AbortController()
  await budget.take(10, signal)
  const stopped = budget.take(5, stop.signal)
  const next = budget.take(10, signal)
  stop.abort(new Error('stop'))
  await expect(stopped).rejects.toThrow('stop')
  budget.give(10)
  expect(await settled(next)).toBe('now')
  expect(budget.held).toBe(10)
})
