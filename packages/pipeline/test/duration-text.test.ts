import { expect, it } from 'vitest'
import { durationText } from '../src/duration-text.ts'

it.each([
  [0, '0s'],
  [999, '0s'],
  [59_999, '59s'],
  [60_000, '1m'],
  [61_500, '1m 1s'],
  [3_600_000, '1h'],
  [3_605_000, '1h'],
  [4_800_000, '1h 20m'],
  [90_000_000, '1d 1h'],
  [86_400_000 + 59 * 60_000, '1d'],
])('%d milliseconds read %s', (ms, text) => {
  expect(durationText(ms)).toBe(text)
})
