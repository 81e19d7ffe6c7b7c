import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseConfig, systemClock } from '@weir/runtime'
import { afterEach, expect, test, vi } from 'vitest'
import { COLUMNS, logsIngestionRow } from '../src/formats/logs-ingestion-row.ts'
import { doctor, forwarderConfig, type Limits } from '../src/index.ts'
import { verdictOf } from '../src/outputs/logs-ingestion/retry.ts'
import { read, setting, start } from './bench.ts'
import { FeedStandIn } from './support/aggregator.ts'
import { makeAlert } from './support/alert.ts'
import { HEC_TOKEN } from './support/collector.ts'
import { CERTIFICATES, CLIENT, EntraStandIn, TENANT } from './support/entra.ts'
import { openProxy } from './support/hook.ts'
import { LogsIngestionStandIn, RULE, STREAM } from './support/logs-ingestion.ts'
import { makeRichAlert } from './support/rich-alert.ts'

const opened: (() => Promise<unknown> | unknown)[] = []

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

test('an alert is this row', () => {
  const alert = makeRichAlert({ revision: 2, weir: { status: 'merged', merged_into: 'b-1' } })
  expect(logsIngestionRow(alert, 'ecs')).toEqual({
    TimeGenerated: '2026-03-01T10:05:00.250Z',
    AlertId: 'a-1',
    Revision: 2,
    Kind: 'detection',
    Status: 'merged',
    MergedInto: 'b-1',
    Severity: 'high',
    RuleId: 'entra.password-spray',
    RuleName: 'Password spray against Entra ID',
    Message: '203.0.113.9 tried 12 accounts',
    EventCount: 12,
    FirstSeen: '2026-03-01T10:00:00.000Z',
    LastSeen: '2026-03-01T10:05:00.250Z',
    Created: '2026-03-01T10:05:02.000Z',
    Tactics: ['TA0006'],
    Techniques: ['T1078', 'T1110', 'T1110.003', 'T1110.004'],
    Tags: ['credential-access', 'cloud'],
    Datasets: ['azure.signinlogs'],
    SourceIp: '203.0.113.9',
    DestinationIp: '2001:db8::1',
    UserName: 'kim@example.org',
    UserId: '7d1c',
    TargetUserName: 'root@example.org',
    CloudProvider: 'azure',
    CloudAccountId: '11111111-2222',
    CloudRegion: 'westeurope',
    EventAction: 'Sign-in activity',
    EventOutcome: 'failure',
    Alert: alert,
  })
  expect(logsIngestionRow(alert, 'ocsf')['Alert']).toMatchObject({ class_uid: 2004 })
})

test('an alert that is too large for a field is left out, and its message is cut', () => {
  const row = logsIngestionRow(makeAlert({ message: 'ü'.repeat(40_000) }), 'ecs')
  expect(row).toMatchObject({ AlertId: 'a-1', AlertLeftOut: true })
  expect(row).not.toHaveProperty('Alert')
  expect(Buffer.byteLength(String(row['Message']))).toBe(65_536)
})

test('table and data collection rule have the columns of a row, each of its type', () => {
  const file = (name: string) =>
    JSON.parse(readFileSync(join(import.meta.dirname, '../../../deploy/sentinel', name), 'utf8'))
  const columns = Object.entries(COLUMNS).map(([name, type]) => ({ name, type }))
  const { properties } = file('data-collection-rule.json').resources[0]
  expect(file('table.json').properties.schema.columns).toEqual(
    // Each of the two interfaces has a spelling of its own.
    columns.map(({ name, type }) => ({ name, type: type === 'datetime' ? 'dateTime' : type })),
  )
  expect(properties.streamDeclarations[STREAM].columns).toEqual(columns)
  for (const [name, value] of Object.entries(logsIngestionRow(makeRichAlert(), 'ecs')))
    expect(typeOf(value), name).toContain(COLUMNS[name])
  // Azure's own names, and its bound on the length of a name.
  const reserved = ['_ResourceId', 'id', '_SubscriptionId', 'TenantId', 'Type', 'UniqueId', 'Title']
  expect(Object.keys(COLUMNS).filter((name) => reserved.includes(name) || name.length > 45)).toEqual([])
})

function typeOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return Number.isNaN(Date.parse(value)) ? ['string'] : ['datetime', 'string']
  if (typeof value === 'number') return ['int', 'long']
  return typeof value === 'boolean' ? ['boolean'] : ['dynamic']
}

test.each([
  [204, 'taken'],
  [200, 'taken'],
  [400, 'bad'],
  [413, 'bad'],
  [401, 'setup'],
  [403, 'setup'],
  [404, 'setup'],
  [302, 'setup'],
  [408, 'later'],
  [429, 'later'],
  [500, 'later'],
  [503, 'later'],
] as const)('HTTP %i means %s', (status, verdict) => {
  expect(verdictOf(status)).toBe(verdict)
})

test('rows go out as a packed list with a token for Azure Monitor, one for many requests', async () => {
  const { service, entra, ship, delivered } = await network()
  ship('a')
  await delivered(1)
  ship('b')
  await delivered(2)
  expect(service.revisions()).toEqual(['a 1', 'b 1'])
  expect(service.requests[0]!.headers).toMatchObject({
    'content-type': 'application/json',
    'content-encoding': 'gzip',
  })
  expect(entra.asked.map((scope) => scope.split(' ')[0])).toEqual(['https://monitor.azure.com//.default'])
})

test('no call is larger than the service takes, and a larger one is halved', async () => {
  const { service, feed, delivered } = await network({}, { batchBytesMax: 10_000_000 })
  for (let n = 0; n < 60; n++) feed.ship('bulk', makeAlert({ id: `a-${n}`, message: 'x'.repeat(60_000) }))
  service.scripted.push({ status: 413 })
  await delivered(60)
  expect(new Set(service.revisions()).size).toBe(60)
  expect(service.requests.length).toBeGreaterThan(4)
  expect(Math.max(...service.requests.map(({ bytes }) => bytes))).toBeLessThan(1024 * 1024)
})

test.each([
  [429, '7', 7000],
  [503, '2', 2000],
  [503, undefined, 0],
])('HTTP %i with retry-after %s waits at least %i ms', async (status, retryAfter, ms) => {
  const slept: number[] = []
  const clock = {
    ...systemClock,
    now: () => systemClock.now(),
    sleep: async (wait: number, signal?: AbortSignal) => {
      slept.push(wait)
      await systemClock.sleep(Math.min(wait, 20), signal)
    },
  }
  const { service, ship, delivered } = await network({}, {}, clock)
  service.scripted.push({ status, ...(retryAfter && { headers: { 'retry-after': retryAfter } }) })
  ship('a')
  await delivered(1)
  expect(service.revisions()).toEqual(['a 1'])
  expect(slept.some((wait) => wait >= ms && wait > 0)).toBe(true)
})

test('a token that is refused is replaced at once', async () => {
  const { service, entra, ship, delivered, forwarder } = await network()
  ship('a')
  await delivered(1)
  entra.withdrawAll()
  ship('b')
  await delivered(2)
  expect(service.revisions()).toEqual(['a 1', 'b 1'])
  expect(entra.asked).toHaveLength(2)
  expect(forwarder.status().outputs[0]!.reason).toBe('')
})

test('an application that Entra ID does not know is told in its words, and nothing is lost', async () => {
  const { service, entra, ship, delivered, forwarder, of } = await network()
  entra.refuses = true
  ship('a')
  await vi.waitFor(() => expect(forwarder.status().outputs[0]!.reason).toContain('AADSTS7000215'))
  const checks = await doctor(read(of))
  expect(checks.find(({ name }) => name === 'output out')).toMatchObject({
    ok: false,
    detail: expect.stringContaining('AADSTS7000215'),
  })
  entra.refuses = false
  await delivered(1)
  expect(service.revisions()).toEqual(['a 1'])
})

test('when every row is refused it is the set-up, and nothing more is set aside', async () => {
  const { service, ship, delivered, forwarder } = await network({}, { logsIngestionRefusedMax: 3 })
  service.bad = () => true
  for (const id of ['a', 'b', 'c', 'd', 'e']) ship(id)
  await vi.waitFor(() => expect(forwarder.status().outputs[0]!.reason).toContain('taken none since'))
  service.bad = () => false
  await delivered(5)
  const quarantined = forwarder.status().spool.outputs[0]!.quarantined
  expect(quarantined).toBeLessThanOrEqual(3)
  expect(service.rows).toHaveLength(5 - quarantined)
})

test('after that, one bad row before good ones is found and set aside', async () => {
  const { service, ship, feed, delivered, forwarder } = await network({}, { logsIngestionRefusedMax: 2 })
  service.bad = () => true
  for (const id of ['a', 'b', 'c']) ship(id)
  await vi.waitFor(() => expect(forwarder.status().outputs[0]!.reason).toContain('taken none since'))
  for (const id of ['d', 'e']) feed.ship('bulk', makeAlert({ id }))
  service.bad = ({ AlertId }) => AlertId === 'a'
  await delivered(5)
  expect(forwarder.status().spool.outputs[0]!.quarantined).toBeLessThanOrEqual(2)
  expect(service.revisions()).toContain('e 1')
})

test('where others of the batch were taken it is the rows, however many: none of those is sent again', async () => {
  const { service, ship, delivered, forwarder } = await network({}, { logsIngestionRefusedMax: 1 })
  service.bad = ({ AlertId }) => AlertId.startsWith('bad')
  const ids = ['good-1', 'good-2', 'bad-1', 'bad-2', 'bad-3', 'bad-4']
  service.refuses = { status: 503 }
  for (const id of ids) ship(id)
  await vi.waitFor(() => expect(forwarder.status().spool.entries).toBe(6))
  service.refuses = undefined
  await delivered(6)
  expect(service.revisions()).toEqual(['good-1 1', 'good-2 1'])
  expect(forwarder.status().spool.outputs[0]!.quarantined).toBe(4)
})

test('through a proxy goes everything, tokens too', async () => {
  const proxy = await openProxy()
  opened.push(proxy.close)
  const through = { proxy: `http://us:secret@127.0.0.1:${proxy.port}` }
  const { service, entra, ship, delivered } = await network(through, {}, systemClock, CERTIFICATES.server)
  ship('a')
  await delivered(1)
  expect(service.revisions()).toEqual(['a 1'])
  const ports = [entra.url, service.url].map((url) => new URL(url).port)
  expect(new Set(proxy.asked.map(({ to }) => to.split(':')[1]))).toEqual(new Set(ports))
  expect(new Set(proxy.asked.map(({ authorization }) => authorization))).toEqual(
    new Set([`Basic ${Buffer.from('us:secret').toString('base64')}`]),
  )
})

test.each([
  [
    'a secret that is missing',
    { auth: { credential: 'client-secret', tenantId: 't', clientId: 'c' } },
    'auth.secret',
  ],
  ['a rule by its name', { ruleId: 'weir-alerts' }, 'an immutable id, which begins with "dcr-"'],
  ['a table in place of a stream', { stream: 'WeirAlerts_CL' }, 'a stream such as Custom-WeirAlerts_CL'],
  ['another cloud', { cloud: 'germany' }, 'cloud'],
  [
    'a secret that is not looked at',
    { auth: { secret: { file: 'hec-token' } } },
    'auth.secret: it is for the credential "client-secret"',
  ],
  ['a secret in the open', { auth: { secret: 'x' } }, 'auth.secret'],
])('it refuses %s', (_, part, why) => {
  const output = {
    type: 'logs-ingestion',
    name: 'out',
    endpoint: 'https://x',
    ruleId: RULE,
    stream: STREAM,
    ...part,
  }
  const { config, folder } = setting({ url: 'http://127.0.0.1:1' }, [output])
  expect(() => parseConfig(join(folder, 'forwarder.json'), config, forwarderConfig, {})).toThrow(why)
})

/** A forwarder between a feed and the service, behind Entra ID. */
async function network(more: object = {}, limits: Partial<Limits> = {}, clock = systemClock, tls?: object) {
  const entra = new EntraStandIn(HEC_TOKEN)
  const authority = await entra.listen()
  opened.push(() => entra.close())
  const service = new LogsIngestionStandIn(entra, tls)
  const endpoint = await service.listen()
  opened.push(() => service.close())
  const feed = new FeedStandIn()
  const url = await feed.listen()
  opened.push(() => feed.close())
  const secret = { file: 'hec-token' }
  const auth = { credential: 'client-secret', tenantId: TENANT, clientId: CLIENT, secret, authority }
  const output = {
    type: 'logs-ingestion',
    name: 'out',
    endpoint,
    ruleId: RULE,
    stream: STREAM,
    auth,
    ...more,
  }
  const of = setting({ url }, [output])
  const { forwarder } = await start(of, limits, clock)
  opened.push(() => forwarder.stop())
  const ship = (id: string) => feed.ship('bulk', makeAlert({ id }))
  const delivered = (seq: number) => feed.watched.until(() => feed.delivered('out', 'bulk') === seq)
  return { entra, service, feed, of, forwarder, ship, delivered }
}
