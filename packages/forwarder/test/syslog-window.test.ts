import { expect, test } from 'vitest'
import { SyslogWindow } from '../src/outputs/syslog/window.ts'

const LIMITS = { windowBytesMax: 3, windowMs: 1000, windowClosedMs: 100 }

test.each([
  ['a break repeats what is in the window', 'broken', 500, ['a', 'b']],
  ['a break long after repeats nothing', 'broken', 2000, []],
  ['an orderly end repeats what is recent', 'closed', 100, ['a', 'b']],
  ['an orderly end of an idle connection repeats nothing', 'closed', 101, []],
] as const)('%s', (_, ending, at, repeated) => {
  const window = new SyslogWindow(LIMITS)
  window.sent(frames('a', 'b'), 0)
  expect(window.broke(ending, at)).toBe(repeated.length > 0)
  expect(window.take().map(String)).toEqual(repeated)
})

test('it holds so many bytes, the last ones', () => {
  const window = new SyslogWindow(LIMITS)
  window.sent(frames('a', 'b'), 0)
  window.sent(frames('c', 'd'), 1)
  window.broke('broken', 2)
  expect(window.take().map(String)).toEqual(['b', 'c', 'd'])
})

test('what was repeated is no longer in doubt, and in the window again', () => {
  const window = new SyslogWindow(LIMITS)
  window.sent(frames('a'), 0)
  window.broke('broken', 1)
  window.sent([...window.take(), ...frames('b')], 2)
  expect(window.inDoubt).toBe(0)
  window.broke('broken', 3)
  expect(window.take().map(String)).toEqual(['a', 'b'])
})

test('a second break before anything went through forgets nothing', () => {
  const window = new SyslogWindow(LIMITS)
  window.sent(frames('a'), 0)
  window.broke('broken', 1)
  expect(window.broke('broken', 5000)).toBe(true)
  expect(window.take().map(String)).toEqual(['a'])
})

test('what was taken and did not go through is in doubt again, ahead of what broke meanwhile', () => {
  const window = new SyslogWindow(LIMITS)
  window.sent(frames('a'), 0)
  window.broke('broken', 1)
  const taken = window.take()
  window.sent(frames('b'), 2)
  window.broke('broken', 3)
  window.doubt(taken)
  expect(window.take().map(String)).toEqual(['a', 'b'])
})

test('batches that are too old, or too many, are let go of', () => {
  const window = new SyslogWindow(LIMITS)
  window.sent(frames('a'), 0)
  window.sent(frames('b'), 900)
  window.sent(frames('c'), 1001)
  window.broke('broken', 1001)
  expect(window.take().map(String)).toEqual(['b', 'c'])
})

function frames(...texts: readonly string[]): Buffer[] {
  return texts.map((text) => Buffer.from(text))
}
