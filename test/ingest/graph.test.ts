import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type GraphPath, GraphStandIn } from '@weir/emulator'
import { checkGraph, GRAPH_BOUNDS, type GraphConfig, graphSource } from '@weir/ingest'
import { DATASETS } from '@weir/normalize'
import { createReport, systemClock } from '@weir/runtime'
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest'
import { withIdentity } from './identity.ts'
import { Recorder } from './recorder.ts'

const SIGN_INS = '/v1.0/auditLogs/signIns'
const AUDITS = '/v1.0/auditLogs/directoryAudits'
const ALERTS = '/v1.0/security/alerts_v2'
const HOUR_MS = 3_600_000
const deps = { clock: systemClock, report: createReport('silent'), random: Math.random }

let graph: GraphStandIn
let forgetIdentity: () => void
let recorder: Recorder | undefined

beforeAll(async () => {
  graph = await GraphStandIn.start()
  forgetIdentity = withIdentity(graph.server)
})
afterEach(async () => {
  await recorder?.stop()
  recorder = undefined
  graph.clear()
  graph.server.faults.clear()
  graph.server.requests.splice(0)
  graph.denied.clear()
  graph.linkRoot = undefined
})
afterAll(() => {
  forgetIdentity()
  graph.stop()
})

function configOf(more: Partial<GraphConfig> = {}): GraphConfig {
  return {
    ...GRAPH_BOUNDS,
    name: 'graph',
    auth: { kind: 'entra', credential: 'managed-identity' },
    root: graph.server.url,
    streams: ['signIns'],
    betaSignIns: [],
    pollMs: 20,
    recheckMs: 20,
    reportsPerSecondMax: 1_000,
    alertsPerSecondMax: 1_000,
    retryMsFirst: 10,
    retryMsMax: 50,
    hopelessRetryMs: 50,
    ...more,
  }
}

function read(more: Partial<GraphConfig> = {}, cursors?: ReadonlyMap<string, string>): Recorder {
  recorder = new Recorder(cursors).start(graphSource(configOf(more), deps))
  return recorder
}

/** A record of so long ago; `state` is what may change of it. */
function put(path: GraphPath, id: string, agoMs: number, state = 'none', eventType?: string): string {
  const at = Date.now() - agoMs
  const member =
    path === ALERTS ? 'lastUpdateDateTime' : path === AUDITS ? 'activityDateTime' : 'createdDateTime'
  const text = `{"id":"${id}","${member}":"${new Date(at).toISOString()}","riskState":"${state}"}`
  graph.put(path, text, at, id, eventType)
  return text
}

function texts({ messages }: Recorder): string[] {
  return messages.map(({ bytes }) => Buffer.from(bytes).toString())
}

function gaps({ batches }: Recorder): object[] {
  return batches.flatMap(({ gap }) => (gap === undefined ? [] : [gap]))
}

/** Whatever there is has been looked at so many times more. */
async function looks(reading: Recorder, times = 3): Promise<void> {
  for (let n = 0; n < times; n++) await reading.next('caught-up')
}

test('a record that changed comes again, one that did not does not, after a restart either', async () => {
  const first = put(SIGN_INS, 'a', 60_000)
  put(SIGN_INS, 'b', 60_000)
  const reading = read()
  await looks(reading)
  expect(texts(reading)).toHaveLength(2)
  const at = Date.now() - 60_000
  const changed = first.replace('none', 'atRisk')
  graph.put(SIGN_INS, changed, at, 'a')
  await looks(reading)
  expect(texts(reading).slice(2)).toEqual([changed])
  await reading.stop()
  const again = read({}, reading.cursors)
  await looks(again)
  expect(texts(again)).toEqual([])
})

test('a record that comes late is found as far back as the overlap reaches, and no further', async () => {
  const reading = read({ overlapMs: 2 * HOUR_MS, firstMs: 12 * HOUR_MS })
  await looks(reading, 1)
  const late = put(SIGN_INS, 'late', 1.9 * HOUR_MS)
  put(SIGN_INS, 'too late', 2.5 * HOUR_MS)
  await looks(reading)
  expect(texts(reading)).toEqual([late])
})

test('the very first run goes back as far as it is told, and what is older is left alone for good', async () => {
  const young = put(SIGN_INS, 'young', 2.9 * HOUR_MS)
  put(SIGN_INS, 'old', 3.1 * HOUR_MS)
  const reading = read({ firstMs: 3 * HOUR_MS, overlapMs: 10 * HOUR_MS })
  await looks(reading)
  expect(texts(reading)).toEqual([young])
})

test('while it catches up with days it remembers no more than the overlap', async () => {
  for (let hours = 1; hours < 40; hours++) put(SIGN_INS, `n${hours}`, hours * HOUR_MS)
  const reading = read({ firstMs: 48 * HOUR_MS, overlapMs: 2 * HOUR_MS })
  await looks(reading, 1)
  expect(reading.messages).toHaveLength(39)
  const kept = new Set<string>()
  let most = 0
  for (const { key, value } of reading.batches.flatMap(({ cursors }) => cursors)) {
    if (!key.includes('/seen/')) continue
    if (value === '') kept.delete(key)
    else kept.add(key)
    most = Math.max(most, kept.size)
  }
  expect(most).toBeLessThan(6)
})

test('bytes are the provider’s own, whatever they look like, and the dataset is named', async () => {
  const at = Date.now() - 60_000
  const odd = [
    `{ "id" : "é\\"]}" ,\n "createdDateTime":"${new Date(at).toISOString()}", "deep":[[{"value":[1,{"a":"[{\\\\"}]}]] }`,
    `{"id":"n","createdDateTime":null,"num":-1.5e3,"flag":true}`,
  ]
  for (const text of odd) graph.put(SIGN_INS, text, at)
  const reading = read()
  await looks(reading, 1)
  expect(texts(reading).sort()).toEqual([...odd].sort())
  expect(reading.messages.map(({ dataset }) => dataset)).toEqual(['azure.signinlogs', 'azure.signinlogs'])
})

test('each stream is a partition with a dataset of its own; beta kinds are asked for by their filter', async () => {
  put(SIGN_INS, 's', 60_000)
  put(AUDITS, 'd', 60_000)
  put(ALERTS, 'a', 60_000)
  put('/beta/auditLogs/signIns', 'n', 60_000, 'none', 'nonInteractiveUser')
  put('/beta/auditLogs/signIns', 'm', 60_000, 'none', 'managedIdentity')
  const reading = read({
    streams: ['signIns', 'directoryAudits', 'alerts'],
    betaSignIns: ['managedIdentity'],
  })
  const all = ['signIns', 'directoryAudits', 'alerts', 'signIns.managedIdentity']
  await Promise.all(all.map((partition) => reading.next('caught-up', partition)))
  const found = reading.batches.flatMap(({ partition, messages }) =>
    messages.map(({ at, dataset }) => [partition, at.split('@')[0], dataset]),
  )
  expect(found.sort()).toEqual([
    ['alerts', 'a', 'm365_defender.alert'],
    ['directoryAudits', 'd', 'azure.auditlogs'],
    ['signIns', 's', 'azure.signinlogs'],
    ['signIns.managedIdentity', 'm', 'azure.signinlogs'],
  ])
  expect(reading.partitions[0]!.partitions).toEqual(all)
  for (const [, , dataset] of found) expect(DATASETS.has(dataset!)).toBe(true)
})

test('a link that has ended lets the window begin anew; nothing is lost and nothing comes twice', async () => {
  const written = Array.from({ length: 30 }, (_, n) => put(SIGN_INS, `${n}`, 60_000 - n))
  graph.server.faults.plan({ kind: 'status', status: 400, code: 'InvalidSkipToken' }, 1, /skiptoken/)
  const reading = read({ pageRecords: 10 })
  await looks(reading)
  expect(reading.states.map(({ reason }) => reason)).toContainEqual(expect.stringContaining('read anew'))
  expect(graph.server.faults.waiting).toBe(0)
  expect(texts(reading).sort()).toEqual([...written].sort())
})

test('a link to another host is not followed, so that no token goes there', async () => {
  for (let n = 0; n < 3; n++) put(SIGN_INS, `${n}`, 60_000)
  graph.linkRoot = 'http://127.0.0.2:9'
  const reading = read({ pageRecords: 1 })
  const { reason } = await reading.next('cut-off')
  expect(reason).toContain('leads to http://127.0.0.2:9')
  graph.linkRoot = undefined
})

test('a page that stays unreadable goes into quarantine whole, and the hole is told', async () => {
  for (let n = 0; n < 30; n++) put(SIGN_INS, `${n}`, 60_000 - n)
  graph.server.faults.plan({ kind: 'body', body: '{"value":[{"id":' }, 3, /skiptoken/)
  const reading = read({ pageRecords: 10, brokenAttemptsMax: 3, recheckMs: HOUR_MS, recentMs: 1 })
  await looks(reading, 1)
  expect(texts(reading).filter((text) => text === '{"value":[{"id":')).toHaveLength(1)
  expect(gaps(reading)).toHaveLength(1)
  expect(texts(reading)).toHaveLength(11)
})

test('after a stop longer than the tenant keeps records it says so, and goes on with what there is', async () => {
  const kept = put(SIGN_INS, 'kept', 6 * 24 * HOUR_MS)
  const long = Date.now() - 20 * 24 * HOUR_MS
  const cursors = new Map([
    ['signIns/since', String(long)],
    ['signIns/read', String(long)],
  ])
  const reading = read({ retentionMs: 7 * 24 * HOUR_MS, windowMs: 24 * HOUR_MS }, cursors)
  await looks(reading, 1)
  expect(gaps(reading)).toMatchObject([{ after: new Date(long).toISOString() }])
  expect(texts(reading)).toEqual([kept])
})

test('what was begun by a clock that was a year ahead is begun again', async () => {
  const written = put(SIGN_INS, 'now', HOUR_MS)
  const ahead = String(Date.now() + 365 * 24 * HOUR_MS)
  const reading = read({}, new Map(['since', 'read'].map((name) => [`signIns/${name}`, ahead])))
  await looks(reading)
  expect(texts(reading)).toEqual([written])
  expect(Number(reading.cursors.get('signIns/since'))).toBeLessThan(Date.now())
})

test('more remembered than the bound is forgotten from the oldest hour on', async () => {
  for (let n = 0; n < 20; n++) put(SIGN_INS, `old ${n}`, 2 * HOUR_MS)
  for (let n = 0; n < 20; n++) put(SIGN_INS, `new ${n}`, 60_000)
  const reading = read({ seenRecordsMax: 30, overlapMs: 60_000, recentMs: 60_000 })
  await looks(reading, 1)
  await reading.next('caught-up')
  const hashes = [...reading.cursors].filter(([key]) => key.startsWith('signIns/seen/'))
  expect(texts(reading)).toHaveLength(40)
  expect(hashes.reduce((sum, [, value]) => sum + Buffer.from(value, 'base64').length / 8, 0)).toBe(20)
})

test('a permission that is missing is named, by the source and by the doctor', async () => {
  graph.denied.add(ALERTS)
  const reading = read({ streams: ['alerts'] })
  const { reason } = await reading.next('cut-off')
  expect(reason).toContain('SecurityAlert.Read.All')
  const checks = await checkGraph(configOf({ streams: ['signIns', 'alerts'] }), systemClock)
  expect(checks.map(({ name, ok }) => [name, ok])).toEqual([
    ['graph credential', true],
    ['graph stream signIns', true],
    ['graph stream alerts', false],
  ])
  expect(checks[2]!.detail).toContain('SecurityAlert.Read.All')
})

test('one answer with a wrong time moves no window', async () => {
  // One request a look, so that the next look is the first to know.
  const reading = read({ overlapMs: 60_000, recentMs: 60_000 })
  await looks(reading, 2)
  graph.server.faults.plan({ kind: 'date', aheadMs: 400 * 24 * HOUR_MS }, 1)
  await looks(reading, 4)
  const late = put(SIGN_INS, 'after the jump', 10_000)
  await looks(reading)
  expect(texts(reading)).toEqual([late])
  expect(gaps(reading)).toEqual([])
  expect(graph.server.faults.waiting).toBe(0)
})

test('a service elsewhere is asked through the proxy that the environment names', async () => {
  const asked: string[] = []
  const proxy = createServer().on('connect', (request, socket) => {
    asked.push(`${request.method} ${request.url}`)
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  process.env['HTTPS_PROXY'] = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  onTestFinished(() => {
    delete process.env['HTTPS_PROXY']
    proxy.close()
  })
  const reading = read({ root: 'https://graph.weir.example' })
  await reading.next('cut-off')
  expect(asked[0]).toBe('CONNECT graph.weir.example:443')
})

test('a root that would send the token in the clear is refused', () => {
  expect(() => graphSource(configOf({ root: 'http://graph.example.com' }), deps)).toThrow('https://')
})
