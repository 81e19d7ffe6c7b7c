import { describe, expect, test } from 'vitest'
import { choose } from '../src/choose.ts'
import type { Acknowledged } from '../src/spool/acknowledged.ts'
import { digestOf } from '../src/spool/digest.ts'
import type { Entry } from '../src/spool/entry.ts'
import { makeAlert } from './support/alert.ts'

interface Case {
  readonly name: string
  /**
   * `id revision [epoch [says [aggregator]]]`, in the order of the batch; `says` stands for the digest, `?` for
   * one that is not known.
   */
  readonly batch: string[]
  /** Acknowledged before. */
  readonly had?: string
  /** Waits behind the batch. */
  readonly behind?: string
  readonly sent: string[]
}

const CASES: readonly Case[] = [
  { name: 'alerts that are new', batch: ['a 1', 'b 1'], sent: ['a 1', 'b 1'] },
  { name: 'not the same revision twice', batch: ['a 1'], had: 'a 1', sent: [] },
  { name: 'not an older one after a newer one', batch: ['a 2'], had: 'a 3', sent: [] },
  { name: 'a newer one', batch: ['a 3'], had: 'a 2', sent: ['a 3'] },
  { name: 'the first and the last', batch: ['a 1', 'a 2', 'a 3'], sent: ['a 1', 'a 3'] },
  { name: 'only the last when the first was there', batch: ['a 2', 'a 3'], had: 'a 1', sent: ['a 3'] },
  { name: 'the first, although a newer one waits', batch: ['a 1'], behind: 'a 9', sent: ['a 1'] },
  { name: 'nothing in between when a newer one waits', batch: ['a 2'], had: 'a 1', behind: 'a 9', sent: [] },
  { name: 'each alert by itself', batch: ['a 1', 'b 2', 'a 2'], had: 'b 1', sent: ['a 1', 'b 2', 'a 2'] },
  { name: 'no repetition within the batch', batch: ['a 2', 'a 2', 'a 1'], sent: ['a 2'] },
  {
    name: 'alerts of one id from two aggregators',
    batch: ['a 1', 'a 1 e1 x us'],
    sent: ['a 1', 'a 1 e1 x us'],
  },
  { name: 'nothing twice in one epoch, whatever it says', batch: ['a 2 e1 y'], had: 'a 2 e1 x', sent: [] },
]

const AFTER_A_RESTORE: readonly Case[] = [
  { name: 'not what says the same', batch: ['a 2 e2 x'], had: 'a 2 e1 x', sent: [] },
  { name: 'not what says the same under a lower number', batch: ['a 1 e2 x'], had: 'a 2 e1 x', sent: [] },
  {
    name: 'one of the same number that says another thing',
    batch: ['a 2 e2 y'],
    had: 'a 2 e1 x',
    sent: ['a 2 e2 y'],
  },
  {
    name: 'one of a lower number that says another thing',
    batch: ['a 1 e2 y'],
    had: 'a 2 e1 x',
    sent: ['a 1 e2 y'],
  },
  {
    name: 'the newest of what grew anew',
    batch: ['a 1 e2 y', 'a 2 e2 z'],
    had: 'a 5 e1 x',
    sent: ['a 2 e2 z'],
  },
  {
    name: 'all that the old epoch left, and then the new one',
    batch: ['a 6 e1 v', 'a 2 e2 z'],
    had: 'a 5 e1 x',
    sent: ['a 6 e1 v', 'a 2 e2 z'],
  },
  {
    name: 'one that only the old epoch replaces',
    batch: ['a 1 e2 y'],
    had: 'a 2 e1 x',
    behind: 'a 9 e1 v',
    sent: ['a 1 e2 y'],
  },
  { name: 'by number where it is not known what was said', batch: ['a 2 e2 y'], had: 'a 2 e1 ?', sent: [] },
]

test.each(CASES)('it sends $name', expectSent)
test.each(AFTER_A_RESTORE)('after a restore it sends $name', expectSent)

function expectSent({ batch, had, behind, sent }: Case): void {
  const entries = batch.map(entry)
  const waiting = [...entries, ...(behind === undefined ? [] : [entry(behind)])]
  const before = had === undefined ? undefined : entry(had)
  const chosen = choose(entries, {
    acknowledged: ({ id }): Acknowledged | undefined => (before?.id === id ? before : undefined),
    newerWaits: ({ id, epoch, revision }) =>
      waiting.some((one) => one.id === id && one.epoch === epoch && one.revision > revision),
  })
  expect(chosen).toEqual(sent.map((text) => entries[batch.indexOf(text)]))
}

function entry(text: string): Entry {
  const [id = '', revision, epoch = 'e1', says = 'x', aggregator = 'eu'] = text.split(' ')
  const rest = { kind: 'detection', severity: 'high', lane: 'urgent', line: Buffer.alloc(0) } as const
  const digest = says === '?' ? null : says
  return { id, revision: Number(revision), aggregator, epoch, digest, ...rest, seq: 1, position: 1 }
}

describe('what a revision says', () => {
  const said = (weir: object, extra: object = {}) => digestOf(makeAlert({ weir, extra }).weir.alert)
  const events = makeAlert().weir.alert.events

  test.each([
    ['when it was made', {}, { '@timestamp': '2026-04-01T00:00:00.000Z' }],
    ['its number', { revision: 7 }, {}],
    ['how late it was', { late_by_ms: 9 }, {}],
    ['the order of its members', { events: [...events].reverse() }, {}],
  ])('%s makes no difference', (_, weir, extra) => {
    expect(said(weir, extra)).toBe(said({}))
  })

  test.each([
    ['its count', { count: 13 }],
    ['its beginning', { first: '2026-03-01T09:00:00.000Z' }],
    ['its end', { last: '2026-03-01T11:00:00.000Z' }],
    ['that it is closed', { status: 'closed' }],
    ['what it was joined to', { merged_into: 'b' }],
    ['its group', { group: { 'source.ip': '203.0.113.10' } }],
    ['a member', { events: events.slice(1) }],
  ])('%s makes one', (_, weir) => {
    expect(said(weir)).not.toBe(said({}))
  })
})
