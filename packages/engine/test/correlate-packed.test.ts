import type { Match } from '@weir/model'
import { describe, expect, test } from 'vitest'
import { createCorrelator } from '../src/correlate/correlator.ts'
import type { TextHash } from '../src/correlate/text-hash.ts'
import {
  hashOf,
  LIMITS,
  match,
  type RuleWords,
  rule,
  ruleSet,
  TestStore,
  weakHashOf,
} from './correlate-kit.ts'

/** The timespan is 10 ms throughout. */
const three: RuleWords = { type: 'event_count', by: ['g'], gte: 3 }
const at = (time: number, g = 'p', id = `${g}${time}`): Match => match('x', time, { id, fields: { g } })

interface Setting {
  readonly rules?: ReturnType<typeof rule>[]
  readonly hash?: TextHash
  readonly store?: TestStore
  readonly limits?: typeof LIMITS
}

function line({
  rules = [rule('x', three)],
  hash = hashOf,
  store = new TestStore(),
  limits = LIMITS,
}: Setting = {}) {
  const correlator = createCorrelator(ruleSet(...rules), limits, { recall: store.recall, hash })
  correlator.restore(store.load())
  return {
    store,
    correlator,
    send: (...matches: readonly Match[]) => {
      for (const each of matches) correlator.add(each, 0)
    },
    watermark: (time: number) => correlator.advance(() => time, 0),
    commit: () => store.commit(correlator.take()),
    /** Groups held whole, of all groups; and members. */
    held: () => {
      const { wholeGroups, groups, members } = correlator.status()
      return `${wholeGroups} of ${groups}, ${members}`
    },
    alerts: () => {
      store.commit(correlator.take())
      return store.accounts().map(({ events }) => events)
    },
  }
}

test('a group is held whole from the match on by which a window may be satisfied', () => {
  const { send, held, alerts } = line()
  send(at(0), at(20), at(29), at(0, 'q'))
  expect(held()).toBe('0 of 2, 4')
  expect(alerts()).toEqual([])
  send(at(30))
  expect(held()).toBe('1 of 2, 5')
  expect(alerts()).toEqual([['p20', 'p29', 'p30']])
})

test.each([
  ['in order', [0, 5, 10], true],
  ['late, between', [0, 10, 5], true],
  ['late, before all', [5, 10, 0], true],
  ['one millisecond too wide', [0, 11, 5], false],
  ['late, one millisecond too early', [6, 11, 0], false],
] as const)('a window of members that come %s', (_, times, alerting) => {
  const { send, commit, alerts } = line()
  for (const time of times) {
    send(at(time))
    commit()
  }
  expect(alerts()).toHaveLength(alerting ? 1 : 0)
})

describe.each([
  ['at once', false, false],
  ['after a commit', true, false],
  ['after a restart', true, true],
])('a repeat %s', (_, committed, restarted) => {
  test.each([
    ['a good hash', hashOf],
    ['a weak one', weakHashOf],
  ])('changes nothing, with %s', (_, hash) => {
    const first = line({ hash })
    first.send(at(0), at(1))
    if (committed) first.commit()
    const now = restarted ? line({ hash, store: first.store }) : first
    now.send(at(0), at(1), at(0))
    expect(now.held()).toBe('0 of 1, 2')
    now.commit()
    expect(now.store.members.size).toBe(2)
    now.send(at(2))
    expect(now.alerts()).toEqual([['p0', 'p1', 'p2']])
  })
})

test('groups whose keys share a hash are apart', () => {
  const { send, held, alerts } = line({ hash: weakHashOf })
  for (let n = 0; n < 300; n++) send(at(0, `g${n}`))
  for (let n = 0; n < 300; n++) send(at(1, `g${n}`))
  expect(held()).toBe('0 of 300, 600')
  send(at(2, 'g7'))
  expect(alerts()).toEqual([['g70', 'g71', 'g72']])
})

test('a match of two rules is two members of one event', () => {
  const over = rule('x', { ...three, over: ['a', 'b'], gte: 2 })
  const { send, held, alerts } = line({
    rules: [rule('a', { alert: false }), rule('b', { alert: false }), over],
  })
  const of = (base: string, id: string) => match(base, 0, { id, fields: { g: 'p' } })
  send(of('a', 'e'), of('b', 'e'))
  expect(held()).toBe('1 of 1, 2')
  expect(alerts()).toEqual([])
  send(of('a', 'f'))
  expect(alerts()).toEqual([['e', 'f']])
})

test('members out of reach are forgotten, in memory and in the store', () => {
  const { send, held, commit, watermark, store } = line()
  send(at(0), at(5), at(0, 'q'))
  commit()
  watermark(12)
  commit()
  expect([held(), store.members.size]).toEqual(['0 of 1, 1', 1])
  watermark(16)
  commit()
  expect([held(), store.members.size]).toEqual(['0 of 0, 0', 0])
})

test('a group whose alert is over is packed again, with what came since', () => {
  const { send, held, watermark, alerts } = line()
  send(at(0), at(1), at(2))
  send(at(14))
  expect(held()).toBe('1 of 1, 4')
  watermark(13)
  expect(held()).toBe('0 of 1, 1')
  send(at(15), at(16))
  expect(alerts()).toEqual([
    ['p0', 'p1', 'p2'],
    ['p14', 'p15', 'p16'],
  ])
})

test('a group that seemed near an alert is packed again when it is not', () => {
  const { send, held, watermark, alerts } = line({
    rules: [rule('x', { ...three, type: 'value_count', field: 'v' })],
  })
  const of = (time: number, v: number) => match('x', time, { id: `e${time}`, fields: { g: 'p', v } })
  send(of(0, 1), of(1, 1), of(2, 1), of(9, 2))
  expect(held()).toBe('1 of 1, 4')
  watermark(13)
  expect(held()).toBe('0 of 1, 1')
  send(of(13, 3), of(14, 1))
  expect(alerts()).toEqual([['e13', 'e14', 'e9']])
})

test('members of an alert stay with it when their group comes back before the commit', () => {
  const { send, commit, watermark, alerts } = line({ rules: [rule('x', { ...three, gte: 2 })] })
  send(at(0))
  commit()
  send(at(1))
  watermark(50)
  send(at(60), at(61))
  watermark(100)
  expect(alerts()).toEqual([
    ['p0', 'p1'],
    ['p60', 'p61'],
  ])
})

test('a restart packs what was packed, and holds whole what alerts', () => {
  const first = line()
  first.send(at(0), at(1), at(2), at(0, 'q'), at(1, 'q'), at(50), at(0, 'r'))
  first.commit()
  const { send, held, alerts } = line({ store: first.store })
  expect(held()).toBe('1 of 3, 7')
  send(at(2, 'q'))
  expect(alerts()).toEqual([
    ['p0', 'p1', 'p2'],
    ['q0', 'q1', 'q2'],
  ])
})

test('a restart holds whole what seems near an alert, each member once', () => {
  const rules = [rule('x', { ...three, type: 'value_count', field: 'v' })]
  const first = line({ rules })
  for (let n = 0; n < 5; n++) first.send(match('x', n, { id: `e${n}`, fields: { g: 'p', v: 1 } }))
  first.commit()
  expect(line({ rules, store: first.store }).held()).toBe('1 of 1, 5')
})

test('what belongs to a rule that now means something else is forgotten', () => {
  const first = line()
  first.send(at(0), at(1), at(0, 'q'))
  first.commit()
  const { held, commit, store } = line({
    rules: [rule('x', { ...three, hash: 'another' })],
    store: first.store,
  })
  commit()
  expect([held(), store.members.size]).toEqual(['0 of 0, 0', 0])
})

test.each([
  ['fractions of a millisecond', [0.25, 0.5, 10.25]],
  ['weeks apart', [0, 3_000_000_000, 3_000_000_001, 3_000_000_002]],
  ['before 1970', [-5, -4, -3]],
  ['beyond all calendars', [2 ** 50, 2 ** 50 + 2, 2 ** 50 + 4]],
])('times that are odd are right all the same: %s', (_, times) => {
  const { send, commit, correlator, store } = line()
  for (const time of times) {
    send(at(time))
    commit()
  }
  correlator.finish(0)
  commit()
  expect(store.accounts()).toHaveLength(1)
  expect([...store.members.values()].filter(({ episode }) => episode === undefined)).toEqual([])
})

test('a busy group far from its threshold is held whole before its row grows long', () => {
  const { send, held, alerts } = line({ rules: [rule('x', { ...three, gte: 1_000 })] })
  for (let n = 0; n < 1_000; n++) send(at(n % 10, 'p', `e${n}`))
  expect(held()).toBe('1 of 1, 1000')
  expect(alerts()).toHaveLength(1)
})

test('bounds are told of: groups, those of them that are whole, and members', () => {
  const limits = { ...LIMITS, groupsPerRuleMax: 3, wholeGroupsPerRuleMax: 1, membersPerGroupMax: 4 }
  const { send, held, commit, store } = line({ limits })
  send(at(0, 'p'), at(0, 'q'), at(0, 'r'), at(0, 's'))
  send(at(1, 'p'), at(2, 'p'), at(1, 'q'), at(2, 'q'))
  for (const time of [20, 40, 60, 80]) send(at(time, 'r'))
  commit()
  expect(held()).toBe('1 of 3, 9')
  expect(store.skipped.map(({ reason }) => reason)).toEqual(['groups-bound', 'groups-bound', 'members-bound'])
})

test('only a group that leaves its row, or may hold a match already, asks the store', () => {
  const store = new TestStore()
  const asked: string[] = []
  const recall: TestStore['recall'] = (ruleHash, groupKey) => {
    asked.push(groupKey)
    return store.recall(ruleHash, groupKey)
  }
  const rules = ruleSet(
    rule('x', three),
    rule('a'),
    rule('z', { type: 'temporal', over: ['a', 'x'], by: ['g'] }),
  )
  const correlator = createCorrelator(rules, LIMITS, { recall, hash: hashOf })
  for (const one of [at(0), at(1), at(0, 'q'), at(2 ** 50, 'r'), at(2), at(3)]) correlator.add(one, 0)
  expect(asked).toEqual(['["p"]'])
  correlator.add(at(0, 'q'), 0)
  expect(asked).toEqual(['["p"]'])
  store.commit(correlator.take())
  correlator.add(at(0, 'q'), 0)
  expect(asked).toEqual(['["p"]', '["q"]'])
})

test('a correlation over episodes is held whole', () => {
  const chain = rule('y', { type: 'event_count', over: ['x'], gte: 2, span: 100 })
  const { send, held, alerts } = line({ rules: [rule('x', { ...three, gte: 2 }), chain] })
  send(at(0), at(1))
  expect(held()).toBe('2 of 2, 3')
  send(at(0, 'q'), at(1, 'q'))
  expect(alerts()).toHaveLength(3)
})
