import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CORRELATE_LIMITS, type Correlator, createCorrelator, loadRules } from '@weir/engine'
import type { Commit, Match, Store, StoredMember } from '@weir/model'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openStore } from '../src/index.ts'
import { MIGRATIONS } from '../src/migrations.ts'

// A file as version 2 left it, made by SQL: two episodes of three failures each, and a loose failure. One rule still
// means what it meant, the other one does not. What is open goes on or is closed, and nothing is told twice.

const NOON = Date.parse('2026-03-01T12:00:00Z')
const MINUTE = 60_000
const VERSION = 2

const field = { name: 'user.name', read: () => undefined, from: '' }
const dataset = {
  name: 'signins',
  fields: new Map([[field.name, field]]),
  time: () => undefined,
  id: () => undefined,
  state: () => '',
  columns: () => [],
  latenessMs: 0,
}

const burst = {
  id: 'burst',
  name: 'Burst',
  severity: 'high',
  dataset: ['signins'],
  conditions: { all: [] },
  correlation: { type: 'event_count', 'group-by': ['user.name'], timespan: '10m', condition: { gte: 3 } },
  event: { type: 't' },
}
const rules = loadRules(
  [{ path: 'burst.json', text: JSON.stringify(burst) }],
  new Map([[dataset.name, dataset]]),
)
const { hash } = rules.byId.get('burst')!

let folder: string
let store: Store
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-upgrade-'))
  writeOld(join(folder, 'weir.db'))
  store = open()
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

function open(): Store {
  const chain = { start: () => '', next: () => '', digest: () => new Uint8Array() }
  return openStore({ path: join(folder, 'weir.db'), chain, random: () => 'epoch' })
}

function matchAt(minute: number, user: string): Match {
  const identity = `${user}${minute}`
  return {
    rule: 'burst',
    ruleHash: hash,
    identity,
    subject: identity,
    eventId: identity,
    dataset: 'signins',
    time: NOON + minute * MINUTE,
    lateMs: 0,
    position: { source: 's', partition: 'p', at: '1', index: 0 },
    fields: { 'user.name': user },
  }
}

function writeOld(path: string): void {
  const database = new Sqlite(path)
  for (const step of MIGRATIONS.slice(0, VERSION)) database.exec(step)
  database.exec(`pragma user_version = ${VERSION}`)
  database.exec(`insert into meta values ('epoch', 'old')`)
  for (const lane of ['urgent', 'bulk'])
    database.exec(
      `insert into lane (lane, seq, chain, base_seq, base_chain) values ('${lane}', 0, '', 0, '')`,
    )
  const episode = database.prepare(
    'insert into episode (id, correlation, rule_hash, group_key, body, status) values (?, ?, ?, ?, ?, ?)',
  )
  const member = database.prepare('insert into member values (?, ?, ?, ?, ?, ?, ?, ?, ?)')
  for (const [user, ruleHash, id] of [
    ['ada', hash, 'kept'],
    ['bo', 'what it meant before', 'left'],
  ] as const) {
    const body = {
      id,
      correlation: 'burst',
      ruleHash,
      groupKey: `["${user}"]`,
      group: { 'user.name': user },
      first: NOON,
      last: NOON + 2 * MINUTE,
      count: 3,
      countShipped: 3,
      revision: 1,
      status: 'open',
      satisfiedAt: NOON + 2 * MINUTE,
    }
    episode.run(id, 'burst', ruleHash, body.groupKey, JSON.stringify(body), 'open')
    for (const minute of [0, 1, 2, 20]) {
      const { time, identity, ...rest } = matchAt(minute, user)
      const match = JSON.stringify({ ...rest, time, identity, ruleHash })
      const of = minute === 20 ? null : id
      member.run(ruleHash, body.groupKey, identity, 'burst', identity, 'burst', time, of, match)
    }
  }
  database.close()
}

async function restored(): Promise<Correlator> {
  const correlator = createCorrelator(rules, CORRELATE_LIMITS)
  correlator.restore((await store.load()).correlation)
  return correlator
}

async function commit(correlator: Correlator): Promise<readonly string[]> {
  const { findings, skipped: _, ...delta } = correlator.take()
  const none = {
    cursors: [],
    clocks: [],
    books: [],
    quarantine: [],
    ruleCounts: [],
    alerts: [],
    evidence: [],
    rhythms: [],
    canaries: [],
  }
  await store.commit({ at: NOON, ...none, ...delta } satisfies Commit)
  return findings.map(({ id, revision, status, count }) => `${id} ${revision} ${status} ${count}`)
}

test('a file of the version before opens, and what stands in it goes on', async () => {
  const correlator = await restored()
  expect(correlator.status()).toMatchObject({ openEpisodes: 1, members: 4, groups: 1, unsentRevisions: 0 })
  correlator.add(matchAt(1, 'ada'), 0)
  for (const minute of [3, 4, 5]) correlator.add(matchAt(minute, 'ada'), 0)
  expect(await commit(correlator)).toEqual(['kept 2 open 6'])
  expect((await store.members('kept', 10)).items).toHaveLength(6)
  for (const minute of [21, 22]) correlator.add(matchAt(minute, 'ada'), 0)
  expect((await commit(correlator)).map((each) => each.replace(/^\w+ /, ''))).toEqual(['1 open 3'])
})

test('the alert of a rule that now means something else is closed, and its members stay with it', async () => {
  await commit(await restored())
  const { episodes, members } = (await store.load()).correlation
  expect(episodes.map(({ id }) => id)).toEqual(['kept'])
  expect(new Set(Array.from(members, (member: StoredMember) => member.ruleHash))).toEqual(new Set([hash]))
  expect((await store.members('left', 10)).items).toHaveLength(3)
})

test('what was restored is restored again after a commit', async () => {
  const first = await restored()
  await commit(first)
  await store.close()
  store = open()
  const second = await restored()
  expect(second.status()).toEqual(first.status())
  second.add(matchAt(2, 'ada'), 0)
  expect(await commit(second)).toEqual([])
})
