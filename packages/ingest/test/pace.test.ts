import type { Clock } from '@weir/runtime'
import { expect, test } from 'vitest'
import { Pace } from '../src/pace.ts'

const never = new AbortController().signal

/** Notes for how long somebody slept, and passes as much time. */
class Clockwork implements Clock {
  readonly slept: number[] = []
  time: number

  constructor(time: number) {
    this.time = time
  }

  now(): number {
    return this.time
  }

  async sleep(ms: number): Promise<void> {
    this.slept.push(ms)
    this.time += ms
  }
}

test('callers come at most so often', async () => {
  const clock = new Clockwork(1_000_000)
  const pace = new Pace(clock, 2)
  for (let n = 0; n < 4; n++) await pace.turn(never)
  expect(clock.slept).toEqual([500, 500, 500])
  pace.hold(10_000)
  await pace.turn(never)
  expect(clock.slept.at(-1)).toBe(10_000)
})

test('a clock that is set back an hour makes nobody wait an hour', async () => {
  const clock = new Clockwork(10_000_000)
  const pace = new Pace(clock, 2)
  await pace.turn(never)
  clock.time -= 3_600_000
  await pace.turn(never)
  await pace.turn(never)
  expect(clock.slept).toEqual([500, 500])
})
