import type { Event } from '@weir/model'
import { describe, expect, test } from 'vitest'
import { classify, eventIdOf, identityOf, repeatKey, subjectOf, unwrap } from '../src/index.ts'
import { eventsFrom, eventsIn } from './corpus.ts'

const signin = (errorCode: number, more: object = {}) => ({
  time: '2026-01-02T03:04:05.1234567Z',
  category: 'SignInLogs',
  operationName: 'Sign-in activity',
  properties: { id: 'sign-in-1', status: { errorCode }, ...more },
})

const activity = (more: object = {}) => ({
  time: '2026-01-02T03:04:05.1230000Z',
  resourceId: '/SUBSCRIPTIONS/S1/RESOURCEGROUPS/RG',
  operationName: 'MICROSOFT.X/Y/WRITE',
  category: 'Administrative',
  correlationId: 'c1',
  resultType: 'Start',
  resultSignature: 'Started.',
  properties: {},
  ...more,
})

const flow = (time: string, ...flowTuples: readonly string[]) => ({
  time,
  category: 'NetworkSecurityGroupFlowEvent',
  resourceId: '/x',
  macAddress: 'm',
  properties: { flows: [{ rule: 'r', flows: [{ mac: 'm', flowTuples }] }] },
})

function only(record: object): Event {
  return eventsFrom(record)[0] as Event
}

function keysOf(text: string): readonly string[] {
  const unwrapped = unwrap(Buffer.from(text))
  return unwrapped.records.map((record, i) =>
    JSON.stringify(repeatKey(record, classify(record), () => unwrapped.bytesOf(i))),
  )
}

describe('two copies are one event', () => {
  test.each([
    [
      'a sign-in from the hub and from Graph',
      signin(0),
      {
        id: 'sign-in-1',
        createdDateTime: '2026-01-02T03:04:05Z',
        appDisplayName: 'x',
        status: { errorCode: 0 },
      },
    ],
    [
      'an activity with other casing and another spelling of its time',
      activity(),
      activity({
        time: '2026-01-02T03:04:05.123+00:00',
        resourceId: '/subscriptions/s1/resourcegroups/rg',
        operationName: 'Microsoft.X/y/write',
      }),
    ],
    ['members in another order', { a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 }],
    ['a stream processor’s additions', { a: 1 }, { a: 1, EventEnqueuedUtcTime: 'x', PartitionId: 3 }],
  ])('%s', (_name, one, other) => {
    expect(identityOf(only(one))).toBe(identityOf(only(other)))
  })
})

describe('two events stay two', () => {
  test.each([
    ['an interrupted sign-in and the finished one', signin(50140), signin(0)],
    [
      'a sign-in whose risk was found later',
      signin(0, { riskState: 'none' }),
      signin(0, { riskState: 'atRisk' }),
    ],
    [
      'start and end of an activity',
      activity(),
      activity({ resultType: 'Success', resultSignature: 'Succeeded.' }),
    ],
    ['activities within a millisecond', activity(), activity({ time: '2026-01-02T03:04:05.1230001Z' })],
    [
      'equal ids of two datasets',
      signin(0),
      { CreationTime: '2026-01-02T03:04:05', Operation: 'x', Id: 'sign-in-1' },
    ],
    ['other values', { a: 1 }, { a: '1x' }],
    ['equal tuples of two records', flow('2026-01-02T03:04:00Z', 'x'), flow('2026-01-02T03:05:00Z', 'x')],
  ])('%s', (_name, one, other) => {
    expect(identityOf(only(one))).not.toBe(identityOf(only(other)))
  })

  test('equal tuples of one record', () => {
    const events = eventsFrom(flow('2026-01-02T03:04:00Z', 'same', 'same'))
    expect(new Set(events.map(identityOf)).size).toBe(2)
  })
})

test('both states of a sign-in are one subject, under the id that the provider gave', () => {
  const [interrupted, done] = [only(signin(50140)), only(signin(0))]
  expect([subjectOf(interrupted), eventIdOf(interrupted)]).toEqual(['sign-in-1', 'sign-in-1'])
  expect(subjectOf(done)).toBe(subjectOf(interrupted))
})

test('without a provider’s id the identity stands for it', () => {
  const event = only(activity())
  expect(eventIdOf(event)).toBe(identityOf(event))
})

describe('early repeats', () => {
  const line = JSON.stringify(activity())

  test('equal bytes are repeats, whatever envelope they came in', () => {
    const [first, second, third] = [...keysOf(`${line}\n${line}`), ...keysOf(`{"records":[ ${line} ]}`)]
    expect([second, third]).toEqual([first, first])
  })

  test('one byte makes a difference where there is no id', () => {
    expect(keysOf(line)).not.toEqual(keysOf(line.replace('c1', 'c2')))
  })

  test('with an id its bytes do not matter, its state does', () => {
    const [a, b, c] = [signin(0), signin(0, { userAgent: 'x' }), signin(50140)].map(
      (each) => keysOf(JSON.stringify(each))[0],
    )
    expect(a).toBe(b)
    expect(a).not.toBe(c)
  })
})

test('a record nested deeper than can be written out still has an identity', () => {
  const deep = `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`
  const events = eventsIn(unwrap(Buffer.from(deep)))
  expect(identityOf(events[0] as Event)).toMatch(/^generic\/[\da-f]{32}$/)
})
