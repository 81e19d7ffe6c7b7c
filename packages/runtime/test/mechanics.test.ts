import { describe, expect, test } from 'vitest'
import { BoundedQueue, backoffMs, Lifecycle, retryForever } from '../src/index.ts'

const instant = { now: () => 0, sleep: async () => undefined }

describe('a bounded queue', () => {
  test('gives in the order it was given', async () => {
    const queue = new BoundedQueue<number>(10)
    for (const item of [1, 2, 3]) await queue.put(item, 1)
    expect(queue.takeNow(2)).toEqual([1, 2])
    expect(queue.takeNow(2)).toEqual([3])
  })

  test('makes producers wait while it is full', async () => {
    const queue = new BoundedQueue<string>(10)
    await queue.put('first', 8)
    let entered = false
    const second = queue.put('second', 8).then(() => {
      entered = true
    })
    await Promise.resolve()
    expect(entered).toBe(false)
    expect(queue.takeNow(100)).toEqual(['first'])
    await second
    expect(queue.takeNow(100)).toEqual(['second'])
  })

  test('lets nobody overtake who waits, however light', async () => {
    const queue = new BoundedQueue<string>(10)
    await queue.put('first', 8)
    const waiting = [queue.put('heavy', 8), queue.put('light', 1)]
    expect(queue.takeNow(100)).toEqual(['first'])
    waiting.push(queue.put('late', 1))
    await Promise.all(waiting)
    expect(queue.takeNow(100)).toEqual(['heavy', 'light', 'late'])
  })

  test('takes one item over its bound when it is empty, so that nothing is stuck', async () => {
    const queue = new BoundedQueue<string>(10)
    await queue.put('huge', 1_000)
    expect(queue.takeNow(1)).toEqual(['huge'])
  })

  test('wakes whoever waits, also after waits that were given up', async () => {
    const queue = new BoundedQueue<string>(10)
    const waits = Array.from({ length: 50 }, () => queue.ready())
    const last = queue.ready()
    await queue.put('item', 1)
    await Promise.all([...waits, last])
  })

  test('lets everyone go when it closes', async () => {
    const queue = new BoundedQueue<string>(1)
    await queue.put('a', 1)
    const waiting = queue.put('b', 1)
    queue.close()
    await waiting
    await queue.ready()
    expect(queue.takeNow(10)).toEqual(['a'])
  })
})

describe('retry', () => {
  test.each([
    [1, 0, 100],
    [2, 0, 200],
    [3, 1, 200],
    [20, 0, 1_000],
  ])('attempt %i with random %d waits %d ms', (attempt, random, ms) => {
    expect(backoffMs({ firstMs: 100, maxMs: 1_000 }, attempt, random)).toBe(ms)
  })

  test('goes on until it succeeds and tells every failure', async () => {
    const failures: unknown[] = []
    let calls = 0
    const result = await retryForever(
      async () => {
        calls += 1
        if (calls < 4) throw new Error(`no ${calls}`)
        return 'yes'
      },
      {
        clock: instant,
        signal: new AbortController().signal,
        backoff: { firstMs: 1, maxMs: 1 },
        random: () => 0,
        failed: (error) => failures.push(String(error)),
      },
    )
    expect(result).toBe('yes')
    expect(failures).toEqual(['Error: no 1', 'Error: no 2', 'Error: no 3'])
  })
})

test('a lifecycle stops what was started, last first, whatever fails', async () => {
  const order: string[] = []
  const lifecycle = new Lifecycle()
  for (const name of ['store', 'line', 'api']) {
    lifecycle.add(name, {
      stop: () => {
        order.push(name)
        if (name === 'line') throw new Error('line')
      },
    })
  }
  await expect(lifecycle.stop()).rejects.toThrow(AggregateError)
  expect(order).toEqual(['api', 'line', 'store'])
})
