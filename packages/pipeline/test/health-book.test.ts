import type { HealthReport } from '@weir/model'
import { expect, test } from 'vitest'
import { HealthBook } from '../src/health-book.ts'

const NOON = Date.parse('2026-03-01T12:00:00Z')
const HOUR_MS = 3_600_000

function report(code: HealthReport['code'], detail: string, state: HealthReport['state'] = 'raised') {
  return { code, subject: 'north', state, detail } as const
}

test('a condition that is renewed tells what is so now once an hour, as a revision; others say it once', () => {
  const book = new HealthBook('1', [])
  const told = (each: HealthReport, ms: number): string[] => {
    book.report(each, NOON + ms)
    return book.take().map(({ alert }) => {
      const { id, revision, status } = alert.weir.alert
      return [id.slice(0, 4), revision, status, alert.message.split('. ')[1]].join(' ')
    })
  }
  const [first] = told(report('link-budget', '1 waits'), 0)
  const id = first!.slice(0, 4)
  expect(first).toBe(`${id} 1 open 1 waits`)
  expect(told(report('link-budget', '2 wait'), HOUR_MS - 1)).toEqual([])
  expect(told(report('link-budget', '3 wait'), HOUR_MS)).toEqual([`${id} 2 open 3 wait`])
  expect(told(report('link-budget', '4 wait'), 2 * HOUR_MS - 1)).toEqual([])
  expect(told(report('link-budget', '5 wait'), 2 * HOUR_MS)).toEqual([`${id} 3 open 5 wait`])
  expect(told(report('link-budget', '', 'cleared'), 2 * HOUR_MS + 1)).toEqual([`${id} 4 closed 5 wait`])
  expect(told(report('forwarder-gone', 'gone'), 0)).toHaveLength(1)
  expect(told(report('forwarder-gone', 'gone'), 5 * HOUR_MS)).toEqual([])
})
