import type { Match } from '@weir/model'
import { expect, test } from 'vitest'
import { createCorrelator } from '../src/correlate/correlator.ts'
import type { Rule } from '../src/rule/rule.ts'
import { LIMITS, match, type RuleWords, rule, ruleSet, TestStore } from './correlate-kit.ts'

const bases = ['a', 'b', 'c'].map((id) => rule(id, { alert: false }))
const at = (base: string, time: number, fields: Match['fields'] = {}): Match =>
  match(base, time, { id: `${base}${time}`, fields })
const term = (time: number, name: string, user = 'u'): Match => at('a', time, { name, user })

const terms: RuleWords = { type: 'new_terms', over: ['a'], by: ['user'], field: 'name' }
const few: RuleWords = { type: 'event_count', over: ['a'], bounds: { lte: 2 } }
const absent: RuleWords = { type: 'absence', over: ['a', 'b'], by: ['user'] }

function line(rules: readonly Rule[], limits = LIMITS, store = new TestStore()) {
  const correlator = createCorrelator(ruleSet(...bases, ...rules), limits)
  correlator.restore(store.load())
  return {
    store,
    correlator,
    send: (...matches: readonly Match[]) => {
      for (const each of matches) correlator.add(each, 0)
    },
    watermark: (time: number) => correlator.advance(() => time, 0),
    take: () => {
      const delta = correlator.take()
      store.commit(delta)
      return delta.findings
    },
    /** Rule, revision, status and events of each revision that goes out now. */
    told: () => {
      const delta = correlator.take()
      store.commit(delta)
      return delta.findings.map(({ rule: id, revision, status, members }) =>
        [id, revision, status, ...members.map((member) => member.identity)].join(' '),
      )
    },
  }
}

test('a window is told of once, when the watermark has passed it', () => {
  const { send, watermark, told } = line([rule('x', few)])
  send(at('a', 0), at('a', 9))
  watermark(9)
  expect(told()).toEqual([])
  watermark(10)
  expect(told()).toEqual(['x 1 closed a0 a9'])
  watermark(100)
  expect(told()).toEqual([])
})

test('windows that suppress joins are one alert that grows and then closes', () => {
  const { send, watermark, told } = line([rule('x', { ...few, join: 5 })])
  send(at('a', 0), at('a', 10))
  watermark(10)
  expect(told()).toEqual(['x 1 open a0'])
  watermark(20)
  expect(told()).toEqual(['x 2 open a0 a10'])
  watermark(36)
  expect(told()).toEqual([])
  expect(line([]).correlator.status().openEpisodes).toBe(0)
})

test('a finding tells the sum, over all windows that it joins', () => {
  const sum: RuleWords = { type: 'value_sum', over: ['a'], field: 'size', bounds: { gt: 5 }, join: 1 }
  const { send, watermark, take } = line([rule('x', sum)])
  send(at('a', 0, { size: 4 }), at('a', 1, { size: '2.5' }), at('a', 10, { size: 7 }))
  watermark(100)
  expect(take()).toMatchObject([{ count: 3, value: 13.5 }])
})

test('a new term is told of at once and is over when nothing can come before it any more', () => {
  const { send, watermark, told } = line([rule('x', terms)])
  watermark(0)
  send(term(5, 'n'))
  expect(told()).toEqual(['x 1 open a5'])
  watermark(5)
  send(term(14, 'n'))
  expect(told()).toEqual([])
  watermark(6)
  expect(told()).toEqual([])
  watermark(25)
  send(term(25, 'n'))
  expect(told()).toEqual(['x 1 open a25'])
})

test('an earlier sighting that comes late takes the alert over', () => {
  const { send, told, store } = line([rule('x', terms)])
  send(term(15, 'n'))
  expect(told()).toEqual(['x 1 open a15'])
  send(term(5, 'n'))
  expect(told()).toEqual(['x 2 merged a15', 'x 1 open a5'])
  const [later, earlier] = [...store.alerts.values()]
  expect(later!.mergedInto).toBe(earlier!.id)
})

test('where the earlier sighting is of a term that was known, the alert is merged into none', () => {
  const { send, watermark, told, store } = line([rule('x', { ...terms, learn: 8 })])
  send(term(0, 'n'))
  watermark(1)
  send(term(15, 'n'))
  expect(told()).toEqual(['x 1 open a15'])
  send(term(10, 'n'))
  expect(told()).toEqual(['x 2 merged a15'])
  expect([...store.alerts.values()][0]!.mergedInto).toBeUndefined()
})

test('of a new term that was taken back before a commit nobody hears', () => {
  const { send, told } = line([rule('x', terms)])
  send(term(15, 'n'), term(5, 'n'))
  expect(told()).toEqual(['x 1 open a5'])
})

test('what it has learnt, and since when, survives a restart', () => {
  const words = { ...terms, learn: 8 }
  const first = line([rule('x', words)])
  first.send(term(0, 'n'))
  first.watermark(4)
  expect(first.told()).toEqual([])
  const second = line([rule('x', words)], LIMITS, first.store)
  second.watermark(4)
  second.send(term(7, 'm'), term(8, 'o'), term(10, 'n'))
  expect(second.told()).toEqual(['x 1 open a8'])
  expect(second.correlator.status()).toMatchObject({ terms: 3, members: 1 })
})

test('a term takes one row and no member, however often it is seen', () => {
  const { send, watermark, told, store, correlator } = line([rule('x', terms)])
  for (let time = 0; time < 100; time++) send(term(time, 'n'))
  watermark(90)
  told()
  expect([...store.sightings.values()]).toMatchObject([{ groupKey: '["u"]', term: '"n"', runs: [0, 99] }])
  expect(correlator.status()).toMatchObject({ terms: 1, members: 0, groups: 0 })
  watermark(110)
  told()
  expect([store.sightings.size, correlator.status().terms]).toEqual([0, 0])
})

test('a rule that now means something else forgets its terms', () => {
  const { send, told, store } = line([rule('x', terms)])
  send(term(0, 'n'))
  told()
  const changed = line([rule('x', { ...terms, span: 20, hash: 'another' })], LIMITS, store)
  changed.told()
  expect(store.sightings.size).toBe(0)
  expect([...store.episodes.values()]).toMatchObject([{ status: 'closed' }])
})

test('an absence waits for the watermark, however long it stands', () => {
  const { send, watermark, told } = line([rule('x', absent)])
  send(at('a', 5, { user: 'u' }))
  watermark(15)
  expect(told()).toEqual([])
  watermark(16)
  expect(told()).toEqual(['x 1 closed a5'])
})

test('what is answered is forgotten at once, and the answer survives a restart', () => {
  const { send, told, store, correlator } = line([rule('x', absent)])
  send(at('a', 5, { user: 'u' }))
  told()
  expect(store.members.size).toBe(1)
  send(at('b', 9, { user: 'u' }))
  told()
  expect([store.members.size, correlator.status().members]).toEqual([0, 0])
  const second = line([rule('x', absent)], LIMITS, store)
  second.send(at('a', 6, { user: 'u' }))
  second.watermark(100)
  expect(second.told()).toEqual([])
})

test.each<[string, RuleWords, readonly Match[], number]>([
  ['a window, at its last millisecond', { ...few, by: ['user'] }, [at('a', 3, { user: 'u' })], 9],
  ['a new term, at its time', terms, [term(9, 'n')], 9],
  ['an absence, a timespan later', { ...absent, span: 4 }, [at('a', 5, { user: 'u' })], 9],
])('a chain sees %s', (_, words, matches, time) => {
  const after = (second: number) => {
    const order = rule('y', { type: 'temporal_ordered', over: ['x', 'c'], by: ['user'], span: 1 })
    const { send, watermark, told } = line([rule('x', { ...words, alert: false }), order])
    send(...matches, at('c', second, { user: 'u' }))
    watermark(100)
    return told().length
  }
  expect([time - 1, time, time + 1, time + 2].map(after)).toEqual([0, 1, 1, 0])
})

test('an alert of a window that was judged keeps an event that only changes its name', () => {
  const pair = rule('x', { type: 'event_count', over: ['a'], gte: 2, alert: false })
  const over: RuleWords = { type: 'event_count', over: ['x'], bounds: { lte: 1 }, join: 50 }
  const { send, watermark, told, store } = line([pair, rule('y', over)])
  send(at('a', 20), at('a', 21), at('a', 0), at('a', 1))
  watermark(10)
  expect(told()).toHaveLength(1)
  send(at('a', 11))
  watermark(1_000)
  expect(told()).toEqual([])
  const [x, ...merged] = [...store.episodes.values()].filter((each) => each.correlation === 'x')
  expect([x!.status, merged.map((each) => each.mergedInto)]).toEqual(['closed', [x!.id]])
  const [y, ...more] = [...store.episodes.values()].filter((each) => each.correlation === 'y')
  expect([y!.status, y!.count, more]).toEqual(['closed', 1, []])
  const members = [...store.members.values()].filter((each) => each.episode === y!.id)
  expect(members.map((each) => each.match.identity)).toEqual([x!.id])
})

test('a new term that is taken back is taken back from the chain', () => {
  const chain = rule('y', { type: 'event_count', over: ['x'], gte: 2, span: 50 })
  const { send, told, store } = line([rule('x', terms), chain])
  send(term(5, 'm'), term(15, 'n'))
  expect(told().map((each) => each.slice(0, 8))).toEqual(['x 1 open', 'x 1 open', 'y 1 open'])
  send(term(10, 'm'), term(7, 'n'))
  told()
  expect([...store.alerts.values()].filter(({ status }) => status !== 'merged')).toHaveLength(3)
  const { send: again, told: hear, watermark } = line([rule('x', { ...terms, learn: 8 }), chain])
  again(term(0, 'n'))
  watermark(1)
  again(term(12, 'm'), term(15, 'n'))
  expect(hear()).toHaveLength(3)
  again(term(9, 'n'))
  expect(hear().map((each) => each.slice(0, 10))).toEqual(['x 2 merged', 'y 2 merged'])
})

test('terms beyond the bound are left out, and unknown terms stay silent for a timespan', () => {
  const { send, watermark, told, store } = line([rule('x', terms)], { ...LIMITS, termsPerRuleMax: 1 })
  send(term(0, 'n'), term(1, 'm'))
  expect(told()).toEqual(['x 1 open a0'])
  expect(store.skipped).toEqual([{ rule: 'x', reason: 'terms-bound' }])
  watermark(11)
  send(term(11, 'm'))
  expect(told()).toEqual([])
  expect(store.skipped).toHaveLength(2)
  watermark(30)
  send(term(30, 'm'))
  expect(told()).toEqual(['x 1 open a30'])
})

test('a window at its bound is not judged, unless more could not have made it untrue', () => {
  const limits = { ...LIMITS, membersPerGroupMax: 2 }
  const sizes = (...sizes: readonly number[]): Match[] => sizes.map((size, time) => at('a', time, { size }))
  const outcome = (words: RuleWords, matches: readonly Match[]) => {
    const { send, watermark, told, store } = line(
      [rule('x', { over: ['a'], field: 'size', ...words })],
      limits,
    )
    send(...matches)
    watermark(10)
    return [told().length, store.skipped.map(({ reason }) => reason)]
  }
  const both = ['members-bound', 'members-bound']
  expect(outcome({ type: 'value_count', bounds: { lte: 2 } }, sizes(1, 2, 3))).toEqual([0, both])
  expect(outcome({ type: 'value_sum', bounds: { gt: 2 } }, sizes(1, 2, 3))).toEqual([1, both])
  expect(outcome({ type: 'value_sum', bounds: { gt: 2 } }, sizes(4, -1, -9))).toEqual([0, both])
  expect(outcome({ type: 'value_avg', bounds: { gt: 1 } }, sizes(1, 2, 3))).toEqual([0, both])
  expect(outcome({ type: 'value_avg', bounds: { gt: 1 } }, sizes(2))).toEqual([1, []])
})

test('an answer for which there is no room answers all groups', () => {
  const { send, watermark, told, store } = line([rule('x', absent)], { ...LIMITS, groupsPerRuleMax: 1 })
  send(at('b', 0, { user: 'v' }), at('b', 5, { user: 'w' }), at('a', 4, { user: 'w' }))
  watermark(100)
  expect(told()).toEqual([])
  expect(store.skipped).toEqual([{ rule: 'x', reason: 'groups-bound' }])
  send(at('a', 100, { user: 'w' }))
  watermark(200)
  expect(told()).toEqual(['x 1 closed a100'])
})

test('what comes behind the watermark is left out and counted', () => {
  const { send, watermark, told, store } = line([rule('x', few), rule('y', terms), rule('z', absent)])
  watermark(50)
  send(at('a', 49, { user: 'u', name: 'n' }))
  watermark(100)
  expect(told()).toEqual([])
  expect(store.skipped.map(({ reason }) => reason)).toEqual(Array(3).fill('behind-watermark'))
})
