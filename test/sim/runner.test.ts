import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chainAfter, chainStart, lineDigest } from '@weir/contract'
import { loadRules } from '@weir/engine'
import type { Commit, EventSource, LineStore, RawBatch, SourceContext, Store } from '@weir/model'
import { DATASETS } from '@weir/normalize'
import { DEFAULTS, RUNNER_DEFAULTS, Runner, WATCH_DEFAULTS } from '@weir/pipeline'
import { aborted, createReport } from '@weir/runtime'
import { openStore } from '@weir/store'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SimulatedClock, START } from './world.ts'

const MINUTE = 60_000

let folder: string
let store: Store
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-runner-'))
  const chain = { start: chainStart, next: chainAfter, digest: lineDigest }
  store = openStore({ path: join(folder, 'weir.db'), chain, random: () => 'epoch' })
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

const burst = {
  id: 'burst',
  name: 'Burst',
  severity: 'low',
  dataset: ['azure.signinlogs'],
  conditions: { all: [{ fact: 'event.outcome', operator: 'equal', value: 'failure' }] },
  correlation: { type: 'event_count', 'group-by': ['user.name'], timespan: '5m', condition: { gte: 2 } },
  event: { type: 'credential-access', params: {} },
}
const rules = loadRules([{ path: 'burst.json', text: JSON.stringify(burst) }], DATASETS)

/** Ends a line that has nothing more to commit. */
class DyingClock extends SimulatedClock {
  readonly #life: AbortController
  constructor(now: number, life: AbortController) {
    super(now)
    this.#life = life
  }
  override async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (this.now() > START + 60 * MINUTE) this.#life.abort()
    await super.sleep(ms, signal)
  }
}

interface Line {
  readonly runner: Runner
  /** Runs as long as `more` says so after a commit. */
  run(more: () => boolean): Promise<void>
}

function lineOf(sources: readonly EventSource[], over: Partial<LineStore> = {}, set = rules): Line {
  const controller = new AbortController()
  const clock = new DyingClock(START + 10 * MINUTE, controller)
  let goOn = (): boolean => true
  const commit = async (change: Commit): Promise<void> => {
    await (over.commit ?? store.commit)(change)
    if (!goOn()) controller.abort()
  }
  const runner = new Runner(
    {
      ...RUNNER_DEFAULTS,
      tickMs: MINUTE,
      watch: { ...WATCH_DEFAULTS, silentSecondsMax: 1e9 },
      line: { ...DEFAULTS, version: '0' },
    },
    {
      store: { load: () => store.load(), commit },
      sources,
      clock,
      report: createReport('silent'),
      random: () => 0.5,
    },
    set,
  )
  return {
    runner,
    run: async (more) => {
      goOn = more
      await runner.run(controller.signal)
    },
  }
}

function signIn(n: number): string {
  return JSON.stringify({
    time: new Date(START + n * 1_000).toISOString(),
    resourceId: '/tenants/t/providers/Microsoft.aadiam',
    operationName: 'Sign-in activity',
    category: 'SignInLogs',
    resultType: '50126',
    properties: { id: `s${n}`, userPrincipalName: 'ada@example.test', status: { errorCode: 50126 } },
  })
}

function batchOf(n: number, more: Partial<RawBatch> = {}): RawBatch {
  return {
    kind: 'batch',
    source: 'hubs',
    partition: 'hub/0',
    messages: [{ bytes: Buffer.from(signIn(n)), at: String(n), arrival: START + n * 1_000 }],
    cursors: [{ source: 'hubs', key: 'hub/0', value: String(n) }],
    ...more,
  }
}

/** A source of one partition; caught up and waiting once it has delivered what it has. */
function sourceOf(work: (context: SourceContext) => Promise<void>): EventSource {
  return {
    name: 'hubs',
    async run(context) {
      const { deliver, signal } = context
      await deliver({ kind: 'partitions', source: 'hubs', partitions: ['hub/0'] })
      await work(context)
      const now = START + 500 * MINUTE
      await deliver({ kind: 'state', source: 'hubs', partition: 'hub/0', state: 'caught-up', now })
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    },
  }
}

test('what a source has taken when the end comes is committed before it', async () => {
  const committed: number[] = []
  const taken = (n: number): RawBatch => batchOf(n, { committed: () => committed.push(n) })
  const source: EventSource = {
    name: 'hubs',
    async run({ deliver, signal }) {
      await deliver({ kind: 'partitions', source: 'hubs', partitions: ['hub/0'] })
      await deliver(taken(1))
      await aborted(signal)
      await deliver(taken(2))
      await deliver(taken(3))
    },
  }
  await lineOf([source]).run(() => false)
  expect(committed).toEqual([1, 2, 3])
  expect((await store.load()).cursors.get('hubs')).toEqual(new Map([['hub/0', '3']]))
})

async function alertsOf(code: string): Promise<{ status: string; message: string }[]> {
  const { items } = await store.alerts({ rule: `weir.health.${code}` }, 100)
  return items.map(({ message, weir }) => ({ status: weir.alert.status, message }))
}

/** A few commits on, so that what one commit noticed is in the next. */
function commits(count: number): () => boolean {
  let left = count
  return () => --left > 0
}

test('every gap of a round becomes an alert, in whatever batch it is, twice on one partition too', async () => {
  const gaps = [undefined, { after: '1', next: '5' }, { after: '5', next: '9' }] as const
  const source = sourceOf(async ({ deliver }) => {
    for (const [n, gap] of gaps.entries()) await deliver(batchOf(n, gap === undefined ? {} : { gap }))
  })
  await lineOf([source]).run(commits(3))
  const told = await alertsOf('sequence-gap')
  expect(told.map(({ message }) => message).sort()).toEqual([
    expect.stringContaining('1 was followed by 5'),
    expect.stringContaining('5 was followed by 9'),
  ])
})

test('a gap is told by the commit that passes it, so that a death right after loses nothing', async () => {
  const source = sourceOf(({ deliver }) => deliver(batchOf(9, { gap: { after: '5', next: '9' } })))
  const moved = async (): Promise<boolean> => (await store.load()).cursors.size > 0
  let passed = false
  await lineOf([source], {
    commit: async (change) => {
      await store.commit(change)
      passed = await moved()
    },
  }).run(() => !passed)
  expect(await alertsOf('sequence-gap')).toHaveLength(1)
})

test('what was to be told with a commit that failed is told with the next that succeeds', async () => {
  let failures = 2
  const line = lineOf([sourceOf(async () => undefined)], {
    commit: async (change) => {
      if (change.alerts.some(({ alert }) => alert.rule.id === 'weir.health.rules-refused') && failures-- > 0)
        throw new Error('the disk says no')
      await store.commit(change)
    },
  })
  line.runner.health({ code: 'rules-refused', subject: 'rules', state: 'raised', detail: 'a.json:1' })
  await line.run(commits(3))
  expect(failures).toBeLessThan(1)
  expect(await alertsOf('rules-refused')).toHaveLength(1)
})

test('a source that is no longer configured holds no watermark back', async () => {
  const clock = { source: 'gone', partition: 'hub/0', clock: START - MINUTE, datasets: ['azure.signinlogs'] }
  await store.commit({ ...NOTHING, clocks: [clock] })
  const source = sourceOf(async ({ deliver }) => {
    for (const n of [1, 2]) await deliver(batchOf(n))
  })
  await lineOf([source]).run(commits(5))
  const { items } = await store.alerts({ rule: 'burst' }, 10)
  expect(items.map(({ weir }) => weir.alert.status)).toEqual(['closed'])
})

test('a partition that is no longer read is no longer out of reach, after a restart too', async () => {
  const unreachable: EventSource = {
    name: 'hubs',
    async run({ deliver, signal }) {
      await deliver({ kind: 'partitions', source: 'hubs', partitions: ['hub'] })
      await deliver({ kind: 'state', source: 'hubs', partition: 'hub', state: 'cut-off', now: START })
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    },
  }
  await lineOf([unreachable]).run(() => true)
  expect(await alertsOf('source-cut-off')).toMatchObject([{ status: 'open' }])
  await lineOf([sourceOf(({ deliver }) => deliver(batchOf(1)))]).run(commits(3))
  expect(await alertsOf('source-cut-off')).toMatchObject([{ status: 'closed' }])
})

test('a source that fails and is started again goes on where it was, and is in reach again', async () => {
  let runs = 0
  const source = sourceOf(async ({ deliver, cursors }) => {
    for (let n = Number(cursors.get('hub/0') ?? 0) + 1; n <= 4; n++) {
      await deliver(batchOf(n))
      if (n === 2 && ++runs === 1) throw new Error('a certificate is missing')
    }
  })
  await lineOf([source]).run(commits(6))
  expect(await store.books()).toMatchObject([{ read: 4, normalized: 4, duplicates: 0 }])
  expect(await alertsOf('source-cut-off')).toMatchObject([{ status: 'closed' }])
})

/** The rule with a list of users in it. */
function listed(list: string, gte = 2) {
  const conditions = {
    all: [...burst.conditions.all, { fact: 'user.name', operator: 'inList', value: 'users' }],
  }
  const rule = { ...burst, conditions, correlation: { ...burst.correlation, condition: { gte } } }
  const files = [
    { path: 'burst.json', text: JSON.stringify(rule) },
    { path: 'users.list.csv', text: list },
  ]
  return loadRules(files, DATASETS)
}

test.each([
  ['another list leaves a rule what it has counted', listed('bo@example.test\nada@example.test'), 1],
  ['a rule that detects something else begins anew', listed('ada@example.test', 1), 0],
  ['a list without the user ends it', listed('bo@example.test'), 0],
])('%s', async (_name, set, alerts) => {
  const source = (n: number): EventSource => ({
    name: 'hubs',
    async run({ deliver, signal }) {
      await deliver({ kind: 'partitions', source: 'hubs', partitions: ['hub/0'] })
      await deliver(batchOf(n))
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    },
  })
  await lineOf([source(1)], {}, listed('ada@example.test')).run(commits(2))
  await lineOf([source(2)], {}, set).run(commits(2))
  const { items } = await store.alerts({ rule: 'burst' }, 10)
  expect(items.filter(({ weir }) => weir.alert.count === 2)).toHaveLength(alerts)
})

const NOTHING: Commit = {
  at: START,
  cursors: [],
  clocks: [],
  books: [],
  quarantine: [],
  ruleCounts: [],
  members: [],
  forgotten: [],
  sightings: [],
  passed: [],
  episodes: [],
  alerts: [],
  evidence: [],
  rhythms: [],
  canaries: [],
}

test('a source is closed once, when no run follows; one that runs again is handed what it has not removed', async () => {
  const handed: string[][] = []
  let closed = 0
  const source: EventSource = {
    ...sourceOf(async ({ cursors, deliver }) => {
      handed.push([...cursors.keys()])
      if (handed.length > 1) return
      const cursor = (key: string, value: string) => ({ source: 'hubs', key, value })
      await deliver(batchOf(1, { cursors: [cursor('a', '1'), cursor('b', '1')] }))
      await deliver(batchOf(2, { cursors: [cursor('a', ''), cursor('c', '1')] }))
      throw new Error('out of reach')
    }),
    close: async () => void closed++,
  }
  await lineOf([source]).run(() => handed.length < 2)
  expect([handed, closed]).toEqual([[[], ['b', 'c']], 1])
})

test.each([
  ['one that was asked and had nothing', {}, 1],
  ['one that nobody could push to', { pushed: true } as const, 0],
])('whether a source was silent while the line was down: %s', async (_name, kind, alerts) => {
  const heard = START - 1_001 * 1e9
  const rhythm = { source: 'hubs', heard, since: heard, arrival: heard, days: [] }
  await store.commit({ ...NOTHING, rhythms: [rhythm] })
  await lineOf([{ ...sourceOf(async () => undefined), ...kind }]).run(commits(3))
  expect(await alertsOf('source-silent')).toHaveLength(alerts)
})

test('a source that was read to its end is not silent', async () => {
  const heard = START - 1_001 * 1e9
  await store.commit({ ...NOTHING, rhythms: [{ source: 'hubs', heard, since: heard, arrival: 0, days: [] }] })
  const source: EventSource = {
    name: 'hubs',
    async run({ deliver }) {
      await deliver({ kind: 'partitions', source: 'hubs', partitions: ['hub/0'] })
      await deliver({ kind: 'state', source: 'hubs', partition: 'hub/0', state: 'caught-up', now: START })
    },
  }
  await lineOf([source]).run(commits(3))
  expect(await alertsOf('source-silent')).toEqual([])
})

test('a source that was read to its end holds back no rule that another one feeds', async () => {
  const ended: EventSource = {
    name: 'files',
    async run({ deliver }) {
      await deliver({ kind: 'partitions', source: 'files', partitions: ['a'] })
      const cursors = [{ source: 'files', key: 'a', value: '1' }]
      await deliver(batchOf(1, { source: 'files', partition: 'a', cursors }))
      const now = START + 10 * MINUTE
      await deliver({ kind: 'state', source: 'files', partition: 'a', state: 'caught-up', now })
    },
  }
  const clocks = async () => (await store.clocks()).find(({ source }) => source === 'files')?.clock ?? 0
  let reached = 0
  await lineOf([ended], {
    commit: async (change) => {
      await store.commit(change)
      reached = await clocks()
    },
  }).run(() => reached < START + 20 * MINUTE)
  expect(reached).toBeGreaterThanOrEqual(START + 20 * MINUTE)
})

test('a source that names its partitions and fails, again and again, is one alert until it reads', async () => {
  let runs = 0
  const source = sourceOf(async ({ deliver }) => {
    if (++runs <= 3) throw new Error('consent is missing')
    await deliver(batchOf(1))
  })
  const told: string[] = []
  await lineOf([source], {
    commit: async (change) => {
      for (const { alert } of change.alerts) told.push(`${alert.rule.id} ${alert.weir.alert.status}`)
      await store.commit(change)
    },
  }).run(() => !told.some((each) => each.endsWith('closed')) || runs < 4)
  expect(told).toEqual(['weir.health.source-cut-off open', 'weir.health.source-cut-off closed'])
})
