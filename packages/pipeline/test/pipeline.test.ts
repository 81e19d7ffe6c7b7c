import { createHash } from 'node:crypto'
import { alertV1 } from '@weir/contract'
import { CONFIRM, loadFilters, type RuleSet } from '@weir/engine'
import type { HealthReport } from '@weir/model'
import { DATASETS } from '@weir/normalize'
import { describe, expect, test } from 'vitest'
import { DEFAULTS, FRESH, Pipeline } from '../src/index.ts'
import { batchOf, NOON, rulesOf, signIn } from './support.ts'

const single = {
  id: 'test.single',
  name: 'A wrong password',
  severity: 'medium',
  attack: ['T1110.003', 'T1078'],
  dataset: ['azure.signinlogs'],
  conditions: { all: [{ fact: 'event.outcome', operator: 'equal', value: 'failure' }] },
  event: { type: 'credential-access', params: { message: '{{user.name}} failed from {{source.ip}}' } },
}
const burst = {
  ...single,
  id: 'test.burst',
  name: 'Many wrong passwords',
  severity: 'high',
  correlation: { type: 'event_count', 'group-by': ['source.ip'], timespan: '10m', condition: { gte: 3 } },
  event: { type: 'credential-access', params: { message: '{{source.ip}} failed {{count}} times' } },
}
const settings = { ...DEFAULTS, version: '1.2.3' }

function pipelineOf(...rules: readonly object[]): Pipeline {
  const pipeline = new Pipeline(settings, rulesOf(...rules), FRESH)
  pipeline.announce({ kind: 'partitions', source: 'hubs', partitions: ['entra/0'] })
  return pipeline
}

function filtersOf(...drop: readonly object[]): RuleSet {
  const set = loadFilters({ path: 'aggregator.json', text: JSON.stringify({ drop }) }, DATASETS)
  expect(set.problems).toEqual([])
  return set
}

/** A flow log's record with a tuple from each address. */
function flows(mac: string, ips: readonly string[]): string {
  const flowTuples = ips.map((ip, n) => `${NOON / 1000},${ip},10.0.0.4,${40_000 + n},443,T,I,A,B,,,,`)
  return JSON.stringify({
    time: new Date(NOON).toISOString(),
    systemId: 's',
    macAddress: mac,
    category: 'NetworkSecurityGroupFlowEvent',
    resourceId: '/SUBSCRIPTIONS/S/RESOURCEGROUPS/R/PROVIDERS/MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/N',
    operationName: 'NetworkSecurityGroupFlowEvents',
    properties: { Version: 2, flows: [{ rule: 'r', flows: [{ mac, flowTuples }] }] },
  })
}

const failures = (count: number) =>
  Array.from({ length: count }, (_, n) =>
    signIn({ id: `s${n}`, at: NOON + n * 1_000, user: `user${n}@example.test` }),
  )

describe('the books of a batch', () => {
  test('account for every record: normalized, repeated, unreadable', async () => {
    const [one, two] = failures(2)
    const { commit } = await pipelineOf(single).process([batchOf([one!, two!, one!, '{"broken":'])], [], NOON)
    expect(commit.books).toEqual([
      expect.objectContaining({
        source: 'hubs',
        read: 4,
        normalized: 2,
        duplicates: 1,
        quarantined: 1,
        dropped: 0,
        events: 2,
      }),
    ])
    expect(commit.quarantine).toHaveLength(1)
    expect(Buffer.from(commit.quarantine[0]!.bytes).toString()).toBe('{"broken":')
    expect(commit.quarantine[0]!.position).toMatchObject({ source: 'hubs', partition: 'entra/0', at: '1' })
  })

  test('count all of a message that its source knows for a repeat as duplicates', async () => {
    const { commit } = await pipelineOf(single).process(
      [
        batchOf([], {
          messages: [
            {
              bytes: Buffer.from(`${failures(1)[0]}\n{"broken":`),
              at: '1',
              arrival: NOON,
              repeated: true,
            },
          ],
        }),
      ],
      [],
      NOON,
    )
    expect(commit.books).toEqual([
      expect.objectContaining({ read: 2, normalized: 0, duplicates: 2, quarantined: 0, events: 0 }),
    ])
    expect([commit.quarantine, commit.alerts]).toEqual([[], []])
  })

  test('count what the operator drops', async () => {
    const drop = filtersOf({ name: 'quiet', dataset: 'azure.signinlogs' })
    const pipeline = new Pipeline({ ...settings, drop }, rulesOf(single), FRESH)
    const { commit, matches } = await pipeline.process([batchOf(failures(3))], [], NOON)
    expect(commit.books[0]).toMatchObject({ read: 3, normalized: 0, dropped: 3, events: 0 })
    expect(commit.books[0]!.droppedBy).toEqual({ quiet: 3 })
    expect(matches).toEqual([])
  })

  test('name the filter that took a record: the first whose conditions it meets, in the order of the configuration', async () => {
    const from = (ip: string) => ({ all: [{ fact: 'source.ip', operator: 'equal', value: ip }] })
    const drop = filtersOf(
      { name: 'probe', dataset: ['azure.signinlogs'], conditions: from('203.0.113.7') },
      { name: 'audits', dataset: ['azure.auditlogs', 'azure.activitylogs'] },
      {
        name: 'also',
        dataset: 'azure.signinlogs',
        conditions: { all: [{ fact: 'source.ip', operator: 'cidr', value: ['203.0.113.0/24'] }] },
      },
    )
    const pipeline = new Pipeline({ ...settings, drop }, rulesOf(single), FRESH)
    const ips = ['203.0.113.7', '203.0.113.8', '198.51.100.7', '203.0.113.7']
    const lines = ips.map((ip, n) => signIn({ id: `s${n}`, at: NOON, ip }))
    const one = await pipeline.process([batchOf(lines.slice(0, 2)), batchOf(lines.slice(2))], [], NOON)
    expect(one.commit.books[0]).toMatchObject({ read: 4, normalized: 1, dropped: 3, events: 1 })
    expect(one.commit.books[0]!.droppedBy).toEqual({ probe: 2, also: 1 })
    expect(one.matches).toHaveLength(1)
  })

  test('a flow record of which a filter takes some tuples stays normalized; one of which it takes all is dropped', async () => {
    const drop = filtersOf({
      name: 'probe',
      dataset: 'azure.nsgflow',
      conditions: { all: [{ fact: 'source.ip', operator: 'equal', value: '203.0.113.7' }] },
    })
    const pipeline = new Pipeline({ ...settings, drop }, rulesOf(single), FRESH)
    const lines = [
      flows('one', ['203.0.113.7', '198.51.100.7']),
      flows('two', ['203.0.113.7', '203.0.113.7']),
      flows('three', ['198.51.100.7']),
    ]
    const { commit } = await pipeline.process([batchOf(lines)], [], NOON)
    expect(commit.books[0]).toMatchObject({ read: 3, normalized: 2, dropped: 1, events: 2 })
    expect(commit.books[0]!.droppedBy).toEqual({ probe: 1 })
  })
})

describe('a canary', () => {
  const planted = JSON.stringify({ weir: { canary: 'c-1', planted: new Date(NOON).toISOString() } })
  const rule = {
    ...single,
    id: 'weir.canary',
    dataset: ['weir.canary'],
    conditions: { all: [{ fact: 'event.action', operator: 'equal', value: 'canary' }] },
    event: { type: 'canary' },
  }

  test('is committed with the alert that it makes, once', async () => {
    const pipeline = pipelineOf(rule)
    const { commit } = await pipeline.process([batchOf([planted, planted])], [], NOON + 90_000)
    const alert = commit.alerts[0]!.alert.weir.alert.id
    const times = { planted: NOON, arrived: NOON + 60_000 }
    expect(commit.canaries).toEqual([{ id: 'c-1', source: 'hubs', ...times, alert }])
    expect((await pipeline.process([batchOf([planted])], [], NOON + 91_000)).commit.canaries).toEqual([])
  })

  test('that no rule looks for, or that a filter takes, has come all the same', async () => {
    const drop = filtersOf({ name: 'all', dataset: 'weir.canary' })
    for (const pipeline of [pipelineOf(single), new Pipeline({ ...settings, drop }, rulesOf(rule), FRESH)]) {
      const { commit } = await pipeline.process([batchOf([planted])], [], NOON)
      expect(commit.canaries).toEqual([expect.not.objectContaining({ alert: expect.anything() })])
      expect(commit.alerts).toEqual([])
    }
  })
})

describe('an alert', () => {
  test('of one event is an ECS document that the wire takes, with its evidence', async () => {
    const [line] = failures(1)
    const { commit } = await pipelineOf(single).process([batchOf([line!])], [], NOON + 90_000)
    expect(commit.alerts).toHaveLength(1)
    const { alert, ship, once } = commit.alerts[0]!
    expect(alertV1.parse(alert)).toEqual(alert)
    expect({ ship, once }).toEqual({ ship: true, once: true })
    expect(alert).toMatchObject({
      '@timestamp': '2026-03-01T12:00:00.000Z',
      message: 'user0@example.test failed from 198.51.100.7',
      event: { kind: 'alert', severity: 5, outcome: 'failure', created: '2026-03-01T12:01:30.000Z' },
      threat: {
        tactic: { id: ['TA0006'] },
        technique: { id: ['T1110', 'T1078'], subtechnique: { id: ['T1110.003'] } },
      },
      related: { ip: ['198.51.100.7'] },
      user: { name: 'user0@example.test' },
      weir: { alert: { revision: 1, count: 1, status: 'closed', severity: 'medium', late_by_ms: 60_000 } },
    })
    expect(alert.weir.alert.events).toMatchObject([{ id: 's0', dataset: 'azure.signinlogs' }])
    expect(commit.evidence).toHaveLength(1)
    expect(Buffer.from(commit.evidence[0]!.bytes).toString()).toBe(line)
    expect(commit.evidence[0]!.sha256).toBe(createHash('sha256').update(line!).digest('hex'))
    expect(commit.members).toMatchObject([{ episode: alert.weir.alert.id }])
  })

  test('of many events grows by revisions, and keeps the first records as evidence', async () => {
    const pipeline = pipelineOf(burst)
    const lines = failures(6)
    const first = (await pipeline.process([batchOf(lines.slice(0, 3))], [], NOON)).commit
    expect(first.alerts.map(({ alert }) => [alert.weir.alert.revision, alert.weir.alert.count])).toEqual([
      [1, 3],
    ])
    expect(first.alerts[0]!.alert.message).toBe('198.51.100.7 failed 3 times')
    expect(first.evidence).toHaveLength(3)
    const second = (await pipeline.process([batchOf(lines.slice(3))], [], NOON)).commit
    expect(second.alerts.map(({ alert }) => [alert.weir.alert.revision, alert.weir.alert.count])).toEqual([
      [2, 6],
    ])
    expect(alertV1.parse(second.alerts[0]!.alert)).toEqual(second.alerts[0]!.alert)
  })

  test('groups by a value within the record, and names it', async () => {
    const correlation = { ...burst.correlation, 'group-by': ['record.properties.ipAddress'] }
    const params = { message: '{{group.record.properties.ipAddress}} by {{record.category}}' }
    const pipeline = pipelineOf({ ...burst, correlation, event: { ...burst.event, params } })
    const elsewhere = signIn({ id: 'x', at: NOON, ip: '203.0.113.9' })
    const { alerts } = (await pipeline.process([batchOf([...failures(3), elsewhere])], [], NOON)).commit
    expect(alerts.map(({ alert }) => alert)).toMatchObject([
      {
        message: '198.51.100.7 by SignInLogs',
        weir: { alert: { count: 3, group: { 'record.properties.ipAddress': '198.51.100.7' } } },
      },
    ])
    expect(alertV1.parse(alerts[0]!.alert)).toEqual(alerts[0]!.alert)
  })

  test('that grew and was not told yet is told before the rules are replaced', async () => {
    const pipeline = pipelineOf(burst)
    const lines = failures(5)
    await pipeline.process([batchOf(lines.slice(0, 3))], [], NOON)
    expect((await pipeline.process([batchOf(lines.slice(3))], [], NOON)).commit.alerts).toEqual([])
    const told = pipeline.settle(NOON).commit.alerts
    expect(told.map(({ alert }) => [alert.weir.alert.revision, alert.weir.alert.count])).toEqual([[2, 5]])
  })

  test('says nothing one below its threshold', async () => {
    expect((await pipelineOf(burst).process([batchOf(failures(2))], [], NOON)).commit.alerts).toEqual([])
  })

  test('of many events comes whatever order the hours of a container are read in', async () => {
    const hours = 6 * 3_600_000
    const recent = signIn({ id: 'recent', at: NOON, user: 'eve@example.test', ip: '198.51.100.99' })
    const early = failures(3).map((line) => line.replaceAll('2026-03-01T12:', '2026-03-01T06:'))
    const pipeline = pipelineOf(burst)
    const arrived = { unordered: true } as const
    await pipeline.process([batchOf([recent], arrived)], [], NOON)
    const { commit } = await pipeline.process([batchOf(early, arrived, NOON - hours)], [], NOON)
    expect(commit.alerts).toMatchObject([
      { alert: { rule: { id: 'test.burst' }, weir: { alert: { count: 3 } } } },
    ])
    // Until the container is caught up, no window is over; then all are.
    const now = NOON + hours
    const caughtUp = { kind: 'state', source: 'hubs', partition: 'entra/0', state: 'caught-up', now } as const
    const last = await pipeline.process([], [], now, [caughtUp])
    expect(last.commit.episodes).toMatchObject([{ status: 'closed' }])
  })

  test('of a shadow rule is kept and counted, and not shipped', async () => {
    const { commit } = await pipelineOf({ ...single, mode: 'shadow' }).process(
      [batchOf(failures(1))],
      [],
      NOON,
    )
    expect(commit.alerts.map(({ ship }) => ship)).toEqual([false])
    expect(commit.ruleCounts).toMatchObject([{ rule: 'test.single', matches: 1 }])
  })
})

describe('what makes detection suffer is a health alert', () => {
  const healthOf = (alerts: readonly { alert: { rule: { id: string } }; kind: string }[]) =>
    alerts.filter((each) => each.kind === 'health').map((each) => each.alert.rule.id)

  test('an event dated after its arrival', async () => {
    const early = signIn({ id: 'early', at: NOON + 3_600_000 })
    const { commit } = await pipelineOf(single).process([batchOf([early])], [], NOON)
    expect(healthOf(commit.alerts)).toEqual(['weir.health.clock-skew'])
  })

  test('a bound of the correlation that is reached', async () => {
    const correlate = { ...settings.correlate, membersPerGroupMax: 2 }
    const tight = new Pipeline({ ...settings, correlate }, rulesOf(burst), FRESH)
    tight.announce({ kind: 'partitions', source: 'hubs', partitions: ['entra/0'] })
    const { commit } = await tight.process([batchOf(failures(3))], [], NOON)
    expect(healthOf(commit.alerts)).toEqual(['weir.health.state-bound'])
    const later = await tight.process([], [], NOON + 600_000)
    expect(later.commit.alerts.map(({ alert }) => alert.weir.alert.status)).toEqual(['closed'])
  })

  test('a rule that cannot judge, because a partition is not read', async () => {
    const few = { ...burst.correlation, condition: { lte: 2 } }
    const pipeline = pipelineOf({ ...burst, correlation: few })
    const { latenessMs } = DATASETS.get('azure.signinlogs')!
    const due = NOON + 600_000 + latenessMs
    const stand = { kind: 'state', source: 'hubs', partition: 'entra/0' } as const
    await pipeline.process([batchOf(failures(1))], [], NOON)
    expect(healthOf((await pipeline.process([], [], due + 14 * 60_000)).commit.alerts)).toEqual([])
    const held = await pipeline.process([], [], due + 15 * 60_000)
    expect(healthOf(held.commit.alerts)).toEqual(['weir.health.judgement-held'])
    const now = due + 16 * 60_000
    const read = await pipeline.process([], [], now, [{ ...stand, state: 'caught-up', now }])
    expect(read.commit.alerts.map(({ alert }) => [alert.rule.id, alert.weir.alert.status])).toEqual([
      ['test.burst', 'closed'],
    ])
    const later = await pipeline.process([], [], now + 600_000)
    expect(later.commit.alerts.map(({ alert }) => alert.weir.alert.status)).toEqual(['closed'])
  })

  test('a match later than its lateness', async () => {
    const pipeline = pipelineOf(burst)
    await pipeline.process([batchOf([signIn({ id: 'now', at: NOON })])], [], NOON)
    const late = signIn({ id: 'late', at: NOON - 3 * 3_600_000 })
    const { commit } = await pipeline.process([batchOf([late])], [], NOON)
    expect(healthOf(commit.alerts)).toEqual(['weir.health.behind-watermark'])
  })

  test('a rule whose compiled conditions the library contradicts; its hit makes no alert', async () => {
    const pipeline = new Pipeline(settings, rulesOf(single), FRESH, {
      confirm: CONFIRM,
      programOf: () => ({
        run: (events, places, { hits }) => {
          for (const [index, event] of events.entries()) hits.push({ event, at: places[index]!, order: 0 })
        },
      }),
    })
    const lines = [
      signIn({ id: 'good', at: NOON, errorCode: 0 }),
      signIn({ id: 'wrong password', at: NOON + 1_000 }),
    ]
    const { commit, matches } = await pipeline.process([batchOf(lines)], [], NOON)
    expect(matches.map(({ eventId }) => eventId)).toEqual(['wrong password'])
    expect(healthOf(commit.alerts)).toEqual(['weir.health.rule-disagreement'])
    expect(commit.ruleCounts).toEqual([{ rule: 'test.single', matches: 1, errors: 1, skipped: 0 }])
  })
})

describe('a health condition', () => {
  const raised: HealthReport = {
    code: 'source-cut-off',
    subject: 'hubs entra/0',
    state: 'raised',
    detail: 'No route.',
  }

  test('opens one alert however often it is said, and closes it when it has gone', async () => {
    const pipeline = pipelineOf(single)
    const said = await pipeline.process([], [raised, raised], NOON)
    expect(said.commit.alerts).toHaveLength(1)
    const open = said.commit.alerts[0]!.alert
    expect(alertV1.parse(open)).toEqual(open)
    expect(open.weir).toMatchObject({
      alert: { kind: 'health', status: 'open', revision: 1 },
      remedy: expect.stringContaining('weir doctor'),
    })
    expect((await pipeline.process([], [raised], NOON + 1)).commit.alerts).toEqual([])
    expect(pipeline.raised()).toMatchObject([{ code: 'source-cut-off', subject: 'hubs entra/0' }])
    const gone = await pipeline.process([], [{ ...raised, state: 'cleared' }], NOON + 2)
    expect(
      gone.commit.alerts.map(({ alert }) => [
        alert.weir.alert.id,
        alert.weir.alert.status,
        alert.weir.alert.revision,
      ]),
    ).toEqual([[open.weir.alert.id, 'closed', 2]])
    expect(pipeline.raised()).toEqual([])
  })

  test('that was open before a restart is closed by the same alert', async () => {
    const before = await pipelineOf(single).process([], [raised], NOON)
    const health = before.commit.alerts.map(({ alert }) => alert)
    const after = new Pipeline(settings, rulesOf(single), { ...FRESH, health })
    const { commit } = await after.process([], [{ ...raised, state: 'cleared' }], NOON + 9)
    expect(commit.alerts.map(({ alert }) => alert.weir.alert.id)).toEqual([health[0]!.weir.alert.id])
  })
})
