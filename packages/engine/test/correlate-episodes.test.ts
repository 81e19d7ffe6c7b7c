import type { Match } from '@weir/model'
import { expect, test } from 'vitest'
import { createCorrelator } from '../src/correlate/correlator.ts'
import { renderMessage } from '../src/correlate/template.ts'
import { LIMITS, match, names, type RuleWords, rule, ruleSet, TestStore } from './correlate-kit.ts'

const pair: RuleWords = { type: 'event_count', gte: 2 }
const at = (time: number): Match => match('x', time, { id: `e${time}` })

function line(rules = [rule('x', pair)], limits = LIMITS, store = new TestStore()) {
  const correlator = createCorrelator(ruleSet(...rules), limits)
  correlator.restore(store.load())
  return {
    store,
    correlator,
    send: (matches: readonly Match[], now = 0) => {
      for (const each of matches) correlator.add(each, now)
    },
    watermark: (time: number, now = 0) => correlator.advance(() => time, now),
    take: () => {
      const delta = correlator.take()
      store.commit(delta)
      return delta.findings.map(({ id, revision, status, count, mergedInto }) => ({
        id,
        revision,
        status,
        count,
        ...(mergedInto !== undefined && { mergedInto }),
      }))
    },
  }
}

test('a late match joins two episodes: the first shipped stays, the other names it', () => {
  const { send, take } = line()
  send([at(20), at(21)])
  const [later] = take()
  send([at(0), at(1)])
  const [earlier] = take()
  send([at(11)])
  expect(take()).toEqual([
    { id: later!.id, revision: 2, status: 'open', count: 5 },
    { id: earlier!.id, revision: 2, status: 'merged', count: 3, mergedInto: later!.id },
  ])
})

test('of two episodes that join before a commit nobody hears', () => {
  const { send, take } = line()
  send([at(20), at(21), at(0), at(1), at(11)])
  expect(take()).toMatchObject([{ revision: 1, status: 'open', count: 5 }])
})

test('the same event again changes nothing, also after a restart', () => {
  const first = line()
  first.send([at(0), at(1)])
  expect(first.take()).toHaveLength(1)
  first.send([at(0), at(1)])
  expect(first.correlator.take()).toEqual({
    members: [],
    forgotten: [],
    passed: [],
    episodes: [],
    findings: [],
    sightings: [],
    skipped: [],
  })
  const second = line(undefined, undefined, first.store)
  second.send([at(0), at(1)])
  expect(second.correlator.take()).toEqual({
    members: [],
    forgotten: [],
    passed: [],
    episodes: [],
    findings: [],
    sightings: [],
    skipped: [],
  })
})

test('a revision goes out at once, on doubling, after quiet, and at the end', () => {
  const { send, take, watermark } = line()
  const revisions: (readonly [string, number, number, string])[] = []
  const note = (when: string) => {
    for (const { revision, count, status } of take()) revisions.push([when, revision, count, status])
  }
  send([at(0), at(1)])
  note('at once')
  send([at(2)], 1_000)
  note('not doubled')
  send([at(3)], 2_000)
  note('doubled')
  send([at(4)], 3_000)
  watermark(0, 3_000 + LIMITS.quietMs - 1)
  note('not quiet for long enough')
  watermark(0, 3_000 + LIMITS.quietMs)
  note('quiet')
  send([at(5)], 100_000)
  watermark(15, 100_001)
  note('may still grow')
  watermark(16, 100_002)
  note('over')
  expect(revisions).toEqual([
    ['at once', 1, 2, 'open'],
    ['doubled', 2, 4, 'open'],
    ['quiet', 3, 5, 'open'],
    ['over', 4, 6, 'closed'],
  ])
})

test('an episode that ends as it was last shipped closes without another revision', () => {
  const { send, take, watermark, store } = line()
  send([at(0), at(1)])
  take()
  watermark(100)
  expect(take()).toEqual([])
  expect([...store.episodes.values()]).toMatchObject([{ status: 'closed', revision: 1 }])
})

test('a rule without correlation fires for late events too, with one id for one event', () => {
  const { send, take, watermark } = line([rule('x'), rule('y', { ...pair, over: ['x'] })])
  send([at(100)])
  watermark(100)
  const [first] = take()
  send([at(100), at(100), at(5)])
  expect(take()).toMatchObject([{ id: first!.id, revision: 1 }, { status: 'closed' }])
})

test('what correlation leaves out is counted with its reason', () => {
  const limits = { ...LIMITS, membersPerGroupMax: 2, groupsPerRuleMax: 1 }
  const { send, take, watermark, store } = line([rule('x', { ...pair, by: ['g'] })], limits)
  const of = (time: number, g?: string) => match('x', time, g === undefined ? {} : { fields: { g } })
  watermark(10)
  send([of(10), of(9, 'p'), of(10, 'p'), of(10, 'q'), of(11, 'p'), of(12, 'p')])
  take()
  expect(store.skipped.map(({ reason }) => reason)).toEqual([
    'no-group',
    'behind-watermark',
    'groups-bound',
    'members-bound',
  ])
})

test('members that no window can reach are forgotten, and empty groups with them', () => {
  const { send, take, watermark, store, correlator } = line()
  send([at(0)])
  take()
  watermark(10)
  take()
  expect(store.members.size).toBe(1)
  watermark(11)
  take()
  expect([store.members.size, correlator.status().groups]).toEqual([0, 0])
})

test('an episode is cut at its greatest length', () => {
  const hour = 3_600_000
  const { send, take, correlator, store } = line([rule('x', { ...pair, span: hour })])
  send(Array.from({ length: 60 }, (_, i) => at(i * (hour / 2))))
  correlator.finish(0)
  take()
  const lengths = [...store.episodes.values()].map(({ first, last, count }) => [(last - first) / hour, count])
  expect(lengths).toEqual([
    [24, 49],
    [5, 11],
  ])
})

test('a rule that now means something else starts anew', () => {
  const { send, take, store } = line()
  send([at(0), at(1), at(50)])
  take()
  const changed = line([rule('x', { ...pair, gte: 3, hash: 'another' })], LIMITS, store)
  changed.take()
  expect([...store.episodes.values()]).toMatchObject([{ status: 'closed', count: 2 }])
  expect([...store.members.values()].map((member) => member.match.time)).toEqual([0, 1])
  expect(changed.correlator.status()).toMatchObject({ members: 0, openEpisodes: 0 })
})

test('a chain sees each episode once, and takes back what rested on two that became one', () => {
  const chain = rule('y', { type: 'event_count', over: ['x'], gte: 2, span: 100 })
  const { send, take, store } = line([rule('x', pair), chain])
  send([at(0), at(1), at(20), at(21)])
  const alerts = take()
  expect(alerts).toHaveLength(3)
  send([at(11)])
  take()
  const standing = [...store.alerts.values()].filter((finding) => finding.status !== 'merged')
  expect(standing).toMatchObject([{ rule: 'x', count: 5 }])
  expect([...store.alerts.values()].find(({ rule: id }) => id === 'y')).toMatchObject({
    status: 'merged',
    mergedInto: standing[0]!.id,
  })
})

test('a restart after any match leaves the same alerts', () => {
  const rules = [
    rule('x', { ...pair, by: ['g'], join: 5 }),
    rule('y', { type: 'temporal_ordered', over: ['x', 'b'], by: ['g'], span: 30 }),
    rule('b'),
  ]
  const times = [0, 3, 30, 31, 18, 45, 46, 33, 60, 9]
  const matches = times.map((time, i) =>
    match(i % 4 === 3 ? 'b' : 'x', time, { id: `e${i}`, fields: { g: i % 5 === 4 ? '2' : '1' } }),
  )
  const outcome = (crashAfter: number) => {
    const store = new TestStore()
    let now = line(rules, LIMITS, store)
    matches.forEach((each, i) => {
      now.send([each])
      now.take()
      if (i === crashAfter) now = line(rules, LIMITS, store)
      now.watermark(Math.max(...times.slice(0, i + 1)) - 60)
    })
    now.correlator.finish(0)
    now.take()
    const alerts = [...store.alerts.values()].map(({ id, status, count }) => `${id} ${status} ${count}`)
    return { accounts: names(store.accounts()), alerts: alerts.sort() }
  }
  const undisturbed = outcome(-1)
  expect(undisturbed.accounts.length).toBeGreaterThan(3)
  for (let i = 0; i < matches.length; i++) expect(outcome(i)).toEqual(undisturbed)
})

test('a finding lists the first and the last members up to the bound', () => {
  const { send, correlator } = line(undefined, { ...LIMITS, eventsListedMax: 5 })
  send(Array.from({ length: 9 }, (_, i) => at(i)))
  const [finding] = correlator.take().findings
  expect(finding?.members.map((member) => member.time)).toEqual([0, 1, 2, 7, 8])
  expect(finding).toMatchObject({ count: 9, distinct: 9, first: 0, last: 8 })
})

test.each([
  ['{{source.ip}} tried {{ count }} accounts', '10.0.0.1 tried 12 accounts'],
  ['{{nobody}} {{empty}} {{none}}', '- - -'],
  ['{{users}}', 'ann, bob'],
  ['{{trap}}', '{{count}}'],
  ['{{constructor}} {{}}', '- -'],
])('message %j', (template, text) => {
  const values = {
    'source.ip': '10.0.0.1',
    count: 12,
    empty: '',
    none: [],
    users: ['ann', 'bob'],
    trap: '{{count}}',
  }
  expect(renderMessage(template, values)).toBe(text)
})
