import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chainAfter, chainStart, lineDigest } from '@weir/contract'
import { loadRules } from '@weir/engine'
import type { Alert, Commit, Store } from '@weir/model'
import { DATASETS } from '@weir/normalize'
import { DEFAULTS, RUNNER_DEFAULTS, Runner, WATCH_DEFAULTS } from '@weir/pipeline'
import { createReport } from '@weir/runtime'
import { openStore } from '@weir/store'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { pick, seeded } from './random.ts'
import { SimulatedClock, START, simulatedSource, trafficOf } from './world.ts'

const HOUR = 3_600_000

const rules = loadRules(
  [
    {
      id: 'spray',
      name: 'Spray',
      severity: 'high',
      dataset: ['azure.signinlogs'],
      conditions: {
        all: [{ fact: 'record', path: '$.properties.status.errorCode', operator: 'equal', value: 50126 }],
      },
      correlation: {
        type: 'value_count',
        'group-by': ['source.ip'],
        timespan: '10m',
        condition: { field: 'user.name', gte: 6 },
      },
      event: { type: 'credential-access', params: { message: '{{source.ip}}' } },
    },
    {
      id: 'burst',
      name: 'Burst',
      severity: 'low',
      dataset: ['azure.signinlogs'],
      conditions: { all: [{ fact: 'event.outcome', operator: 'equal', value: 'failure' }] },
      correlation: { type: 'event_count', 'group-by': ['user.name'], timespan: '5m', condition: { gte: 4 } },
      suppress: { for: '20m' },
      event: { type: 'credential-access', params: {} },
    },
    {
      id: 'one-address',
      name: 'One address',
      severity: 'medium',
      dataset: ['azure.signinlogs'],
      conditions: {
        all: [
          { fact: 'source.ip', operator: 'equal', value: '198.51.100.3' },
          { fact: 'event.outcome', operator: 'equal', value: 'success' },
        ],
      },
      event: { type: 'initial-access', params: {} },
    },
    {
      id: 'a-few',
      name: 'A few, and no more',
      severity: 'low',
      dataset: ['azure.signinlogs'],
      conditions: { all: [{ fact: 'event.outcome', operator: 'equal', value: 'failure' }] },
      correlation: {
        type: 'value_count',
        'group-by': ['source.ip'],
        timespan: '10m',
        condition: { field: ['user.name', 'source.ip'], gte: 2, lt: 5 },
      },
      suppress: { for: '10m' },
      event: { type: 'credential-access', params: {} },
    },
    {
      id: 'new-address',
      name: 'New address',
      severity: 'low',
      dataset: ['azure.signinlogs'],
      conditions: { all: [{ fact: 'event.outcome', operator: 'equal', value: 'success' }] },
      correlation: {
        type: 'new_terms',
        'group-by': ['user.name'],
        field: 'source.ip',
        learn: '20m',
        timespan: '40m',
      },
      event: { type: 'initial-access', params: {} },
    },
    {
      id: 'success',
      name: 'Success',
      severity: 'informational',
      dataset: ['azure.signinlogs'],
      conditions: { all: [{ fact: 'event.outcome', operator: 'equal', value: 'success' }] },
      alert: false,
      event: { type: 'initial-access', params: {} },
    },
    {
      id: 'gave-up',
      name: 'A burst, and no success after it',
      severity: 'low',
      correlation: {
        type: 'absence',
        rules: ['burst', 'success'],
        'group-by': ['user.name'],
        timespan: '15m',
      },
      event: { type: 'credential-access', params: {} },
    },
  ].map((rule) => ({ path: `${rule.id}.json`, text: JSON.stringify(rule) })),
  DATASETS,
)

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-sim-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function open(name: string): Store {
  const chain = { start: chainStart, next: chainAfter, digest: lineDigest }
  return openStore({ path: join(folder, name), chain, random: () => 'epoch' })
}

/** Runs until the watermark has passed everything, or until `dies` says so after a commit. */
async function life(
  store: Store,
  seed: number,
  clock: SimulatedClock,
  dies: (commits: number) => boolean,
  fails: () => boolean,
): Promise<boolean> {
  const partitions = trafficOf(seed)
  const controller = new AbortController()
  let commits = 0
  let died = false
  const wrapped = {
    load: () => store.load(),
    commit: async (commit: Commit) => {
      if (died || fails()) throw new Error('the disk says no')
      await store.commit(commit)
      died = dies(++commits)
      if (died || clock.now() > START + 30 * HOUR) controller.abort()
    },
  }
  const runner = new Runner(
    {
      ...RUNNER_DEFAULTS,
      batchBytesMax: 4_000,
      tickMs: 60_000,
      watch: WATCH_DEFAULTS,
      line: { ...DEFAULTS, version: '0' },
    },
    {
      store: wrapped,
      sources: [simulatedSource(partitions, seed, clock)],
      clock,
      report: createReport('silent'),
      random: () => 0.5,
    },
    rules,
  )
  await runner.run(controller.signal)
  return died
}

/** What an analyst has in the end: (rule, group, events) of every unmerged detection alert. */
async function outcome(store: Store): Promise<string[]> {
  const alerts = (await store.alerts({ kind: 'detection' }, 1_000)).items.filter(
    (each) => each.weir.alert.status !== 'merged',
  )
  return (await Promise.all(alerts.map((each) => lineOf(store, each)))).sort()
}

async function lineOf(store: Store, alert: Alert): Promise<string> {
  const { id, group } = alert.weir.alert
  const members = (await store.members(id, 1_000)).items.map((member) =>
    eventOf(store, member.match.identity),
  )
  const events = [...new Set(await Promise.all(members))].sort()
  return `${alert.rule.id} ${JSON.stringify(group)} ${events.join(' ')}`
}

/** A member that is an alert has an id that no other run gives it: it stands as what that alert tells. */
async function eventOf(store: Store, identity: string): Promise<string> {
  const alert = await store.alert(identity)
  if (alert === undefined) return identity
  const into = alert.weir.alert.merged_into
  return into === undefined ? `(${await lineOf(store, alert)})` : eventOf(store, into)
}

async function undisturbed(seed: number): Promise<string[]> {
  const store = open('calm.db')
  await life(
    store,
    seed,
    new SimulatedClock(START + 4 * HOUR),
    () => false,
    () => false,
  )
  const found = await outcome(store)
  expect(await store.verify()).toEqual([])
  await store.close()
  return found
}

describe('a line that is killed and whose disk fails ends with the same alerts', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('seed %i', async (seed) => {
    const calm = await undisturbed(seed)
    const rulesTold = new Set(calm.map((line) => line.split(' ')[0]))
    expect([...rulesTold].sort()).toEqual([
      'a-few',
      'burst',
      'gave-up',
      'new-address',
      'one-address',
      'spray',
    ])

    const random = seeded(seed + 1_000)
    const clock = new SimulatedClock(START + 4 * HOUR)
    let store = open('rough.db')
    let lives = 1
    // Killed: what was not committed is gone, the file is all that is left.
    while (
      await life(
        store,
        seed,
        clock,
        (commits) => lives < 12 && commits > pick(random, 12),
        () => random() < 0.05,
      )
    ) {
      lives += 1
      await store.close()
      store = open('rough.db')
    }
    expect(lives).toBeGreaterThanOrEqual(10)
    expect(await outcome(store)).toEqual(calm)
    expect(await store.verify()).toEqual([])
    await store.close()
  })
})
