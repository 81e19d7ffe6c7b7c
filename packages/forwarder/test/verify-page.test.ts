import { chainNext, chainStart } from '@weir/contract'
import { expect, test } from 'vitest'
import { verifyPage } from '../src/link/verify-page.ts'
import { makeAlert } from './support/alert.ts'

const START = { seq: 0, chain: chainStart('epoch', 'urgent') }
const FIRST = stored(1)
const SECOND = stored(2)
const AFTER_FIRST = chainNext(START.chain, Buffer.from(FIRST))
const AFTER_SECOND = chainNext(AFTER_FIRST, Buffer.from(SECOND))

test('a whole page brings its alerts, byte for byte, and the point after them', () => {
  const page = verify(FIRST, SECOND, end(2, AFTER_SECOND))
  expect(page.alerts.map(({ seq, id, revision }) => ({ seq, id, revision }))).toEqual([
    { seq: 1, id: 'a-1', revision: 1 },
    { seq: 2, id: 'a-2', revision: 1 },
  ])
  expect(page.alerts[1]!.line.toString()).toBe(SECOND)
  expect(page.point).toEqual({ seq: 2, chain: AFTER_SECOND })
})

test('entries that were left out move the point, and carry its chain', () => {
  const skip = JSON.stringify({ skip: { from: 1, to: 1, reason: 'superseded', chain: AFTER_FIRST } })
  const page = verify(skip, SECOND, end(2, AFTER_SECOND))
  expect(page.alerts.map(({ seq }) => seq)).toEqual([2])
  expect(page.skipped).toBe(1)
})

test('a page of nothing but left out entries is a page', () => {
  const skip = JSON.stringify({ skip: { from: 1, to: 40, reason: 'closed', chain: AFTER_SECOND } })
  expect(verify(skip, end(40, AFTER_SECOND)).point).toEqual({ seq: 40, chain: AFTER_SECOND })
})

test.each([
  ['no JSON', '{"seq":1,'],
  ['an alert of another shape', '{"seq":1,"at":"2026-03-01T10:00:00.000Z","alert":{"new":true}}'],
])('a line that holds in the chain but is %s is set aside, and those behind it come', (_, odd) => {
  const afterOdd = chainNext(START.chain, Buffer.from(odd))
  const page = verify(odd, SECOND, end(2, chainNext(afterOdd, Buffer.from(SECOND))))
  expect(page.unreadable.map(({ seq, line }) => ({ seq, line: line.toString() }))).toEqual([
    { seq: 1, line: odd },
  ])
  expect(page.alerts.map(({ seq }) => seq)).toEqual([2])
})

test.each<[string, string[]]>([
  ['nothing at all', []],
  ['no end', [FIRST]],
  ['an end of the other lane', [FIRST, end(1, AFTER_FIRST, 'bulk')]],
  ['an end elsewhere', [FIRST, end(2, AFTER_FIRST)]],
  ['another chain', [FIRST, end(1, AFTER_SECOND)]],
  ['a changed byte', [FIRST.replace('12 accounts', '13 accounts'), end(1, AFTER_FIRST)]],
  ['a missing entry', [SECOND, end(2, AFTER_SECOND)]],
  ['entries in another order', [SECOND, FIRST, end(2, AFTER_SECOND)]],
  [
    'a gap before what was left out',
    ['{"skip":{"from":2,"to":2,"reason":"filter","chain":"aa"}}', end(2, 'aa')],
  ],
  [
    'something left out backwards',
    ['{"skip":{"from":1,"to":0,"reason":"filter","chain":"aa"}}', end(0, 'aa')],
  ],
  ['something after the end', [end(0, START.chain), FIRST]],
])('a page with %s is broken', (_, lines) => {
  expect(() => verify(...lines)).toThrow(expect.objectContaining({ code: 'FEED_BROKEN' }))
})

function verify(...lines: readonly string[]) {
  return verifyPage(
    'urgent',
    START,
    lines.map((line) => Buffer.from(line)),
  )
}

function stored(seq: number): string {
  return JSON.stringify({ seq, at: '2026-03-01T10:00:00.000Z', alert: makeAlert({ id: `a-${seq}` }) })
}

function end(seq: number, chain: string, lane = 'urgent'): string {
  return JSON.stringify({ end: { lane, seq, chain } })
}
