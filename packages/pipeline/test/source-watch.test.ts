import { describe, expect, test } from 'vitest'
import { SourceWatch } from '../src/source-watch.ts'
import { batchOf } from './support.ts'

const SETTINGS = {
  cutOffSecondsMax: 60,
  lagSecondsMax: 120,
  lagGrowsMinutesMax: 10,
  silentSecondsMin: 300,
  silentMs: {},
  silentSecondsMax: 3_600,
  quarantineShareMax: 0.1,
}
const SECOND = 1_000

function watching(): SourceWatch {
  const watch = new SourceWatch(SETTINGS)
  watch.known({ kind: 'partitions', source: 'hubs', partitions: ['entra/0'] }, 0)
  return watch
}

const raisedAt = (watch: SourceWatch, seconds: number): string[] =>
  watch
    .check(seconds * SECOND)
    .filter((each) => each.state === 'raised')
    .map((each) => each.code)

const stateOf = (state: 'caught-up' | 'lagging' | 'cut-off', seconds: number) =>
  ({
    kind: 'state',
    source: 'hubs',
    partition: 'entra/0',
    state,
    now: seconds * SECOND,
    reason: 'no route',
  }) as const

const eventsOf = (watch: SourceWatch, seconds: number) =>
  watch.check(seconds * SECOND).filter(({ state }) => state === 'raised')

describe('a partition', () => {
  test.each([
    ['7', '10', 'Sequence number 7 was followed by 10. Messages gone: 2, from 8 to 9.'],
    ['-1', '1', 'Sequence number -1 was followed by 1. Messages gone: 1, from 0 to 0.'],
    ['7', '3', '7 was followed by 3; what lay between could not be read.'],
  ])('whose numbers jump from %s to %s says how many messages are gone', (after, next, detail) => {
    const watch = watching()
    watch.gap(batchOf([], { gap: { after, next } }))
    expect(eventsOf(watch, 1)).toMatchObject([{ code: 'sequence-gap', detail }])
  })

  test('whose position does not fit tells that once, beside what is gone', () => {
    const watch = watching()
    const notice = { code: 'position-reset', detail: 'Made anew.' } as const
    watch.gap(batchOf([], { gap: { after: '-1', next: '5' }, notice }))
    expect(raisedAt(watch, 1)).toEqual(['position-reset', 'sequence-gap'])
    expect(raisedAt(watch, 2)).toEqual([])
  })

  test('that another reader has taken says so at once, until it is read again or known no more', () => {
    const watch = watching()
    watch.state({ ...stateOf('cut-off', 0), code: 'reader-evicted' }, 0)
    expect(eventsOf(watch, 1)).toMatchObject([{ code: 'reader-evicted', detail: 'no route' }])
    watch.state(stateOf('lagging', 2), 2 * SECOND)
    expect(raisedAt(watch, 3)).toEqual([])
    watch.state({ ...stateOf('cut-off', 4), code: 'reader-evicted' }, 4 * SECOND)
    watch.known({ kind: 'partitions', source: 'hubs', partitions: [] }, 5 * SECOND)
    expect(raisedAt(watch, 6)).toEqual([])
  })

  test.each([
    ['cut-off', 59, []],
    ['cut-off', 60, ['source-cut-off']],
    ['lagging', 119, []],
    ['lagging', 120, ['partition-stalled']],
    ['caught-up', 10_000, []],
  ] as const)('that is %s for %d s raises %j', (state, seconds, expected) => {
    const watch = watching()
    watch.state(stateOf(state, 0), 0)
    expect(raisedAt(watch, seconds)).toEqual(expected)
  })

  test('that comes back and goes again starts its time anew', () => {
    const watch = watching()
    watch.state(stateOf('cut-off', 0), 0)
    watch.state(stateOf('caught-up', 50), 50 * SECOND)
    watch.state(stateOf('cut-off', 55), 55 * SECOND)
    expect(raisedAt(watch, 100)).toEqual([])
    expect(raisedAt(watch, 115)).toEqual(['source-cut-off'])
  })
})

describe('a source', () => {
  test('that has delivered and falls silent is named', () => {
    const watch = watching()
    watch.state(stateOf('caught-up', 0), 0)
    watch.heard(batchOf(['{}']), 0)
    expect(raisedAt(watch, 3_599)).toEqual([])
    expect(raisedAt(watch, 3_600)).toEqual(['source-silent'])
  })

  test('that never delivered is not silent', () => {
    expect(raisedAt(watching(), 1e6)).toEqual([])
  })

  test.each([
    [100, 11, ['quarantine-rate']],
    [100, 10, []],
    [10, 10, []],
  ])('with %d records of which %d cannot be read raises %j', (records, quarantined, expected) => {
    const watch = watching()
    watch.read(batchOf([]), records, quarantined, 0)
    expect(raisedAt(watch, 60)).toEqual(expected)
  })

  test('whose numbers jump tells it once', () => {
    const watch = watching()
    watch.gap(batchOf([], { gap: { after: '7', next: '10' } }))
    expect(raisedAt(watch, 1)).toEqual(['sequence-gap'])
    expect(raisedAt(watch, 2)).toEqual([])
  })
})
