import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { setting, start } from './bench.ts'
import { FeedStandIn } from './support/aggregator.ts'
import { makeAlert } from './support/alert.ts'
import { makeCertificates, pemFiles } from './support/certificates.ts'
import { Collector } from './support/collector.ts'
import { SyslogReceiver } from './support/receiver.ts'

const CERTIFICATES = makeCertificates()
const PEM = pemFiles({
  ca: CERTIFICATES.authority.cert,
  cert: CERTIFICATES.client.cert,
  key: CERTIFICATES.client.key,
  strangeCert: CERTIFICATES.stranger.cert,
  strangeKey: CERTIFICATES.stranger.key,
})
const SERVER_TLS = { ...CERTIFICATES.server, ca: CERTIFICATES.authority.cert }

const opened: (() => Promise<unknown> | unknown)[] = []

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

test.each([
  ['TLS with octet counting', 'tls', 'octet'],
  ['TLS with line framing', 'tls', 'lf'],
  ['TCP with octet counting', 'tcp', 'octet'],
  ['TCP with line framing', 'tcp', 'lf'],
] as const)('alerts arrive over %s as CEF in an RFC 5424 message', async (_, transport, framing) => {
  const siem = await receiver(framing, transport === 'tls' ? SERVER_TLS : undefined)
  const ca = transport === 'tls' ? { ca: PEM['ca'] } : {}
  const { feed } = await network([{ ...syslog(siem.port), transport, framing, ...ca }])
  feed.ship('urgent', makeAlert({ id: 'a', message: 'one\ntwo|=🐟' }))
  feed.ship('bulk', makeAlert({ id: 'b', message: 'x'.repeat(9000) }))
  await siem.watched.until(() => siem.messages.length === 2)
  const [first] = siem.messages
  expect(first).toMatch(/^<131>1 2026-03-01T10:05:02\.000Z weir weir - detection - CEF:0\|Weir\|/)
  expect(siem.cef()[0]!.extension['msg']).toBe('one\ntwo|=🐟')
  expect(siem.revisions()).toEqual(['a 1', 'b 1'])
  await feed.watched.until(() => feed.delivered('siem', 'bulk') === 1)
})

test('alerts arrive at an IPv6 address that the certificate names', async () => {
  const siem = new SyslogReceiver('octet', SERVER_TLS)
  const port = await siem.listen(0, '::1')
  opened.push(() => siem.close())
  const { feed } = await network([{ ...syslog(port), host: '::1', transport: 'tls', ca: PEM['ca'] }])
  feed.ship('urgent', makeAlert({ id: 'a' }))
  await siem.watched.until(() => siem.messages.length === 1)
  expect(siem.revisions()).toEqual(['a 1'])
})

test('a server that is not whom it should be gets nothing', async () => {
  const siem = await receiver('octet', { ...CERTIFICATES.stranger })
  const { feed, forwarder } = await network([{ ...syslog(siem.port), transport: 'tls', ca: PEM['ca'] }])
  feed.ship('urgent', makeAlert())
  await siem.watched.until(() => siem.failures.length > 1)
  expect(siem.messages).toEqual([])
  expect(forwarder.status().spool.outputs[0]).toMatchObject({ pending: { urgent: 1 } })
})

test('a client certificate that is refused after the first write acknowledges nothing', async () => {
  const siem = await receiver('octet', { ...SERVER_TLS, requestCert: true, minVersion: 'TLSv1.3' })
  const identity = { ca: PEM['ca'], cert: PEM['strangeCert'], key: PEM['strangeKey'] }
  const { feed, forwarder } = await network([{ ...syslog(siem.port), transport: 'tls', ...identity }])
  feed.ship('urgent', makeAlert())
  await siem.watched.until(() => siem.failures.length > 2)
  expect(siem.messages).toEqual([])
  expect(feed.delivered('siem', 'urgent') ?? 0).toBe(0)
  expect(forwarder.status().outputs[0]?.reason).toContain('siem')
})

test('a client certificate that is welcome delivers', async () => {
  const siem = await receiver('octet', { ...SERVER_TLS, requestCert: true, minVersion: 'TLSv1.3' })
  const identity = { ca: PEM['ca'], cert: PEM['cert'], key: PEM['key'] }
  const { feed } = await network([{ ...syslog(siem.port), transport: 'tls', ...identity }])
  feed.ship('urgent', makeAlert())
  await feed.watched.until(() => feed.delivered('siem', 'urgent') === 1)
  expect(siem.revisions()).toEqual(['a-1 1'])
})

test('after a reset the last messages are sent again without waiting for a new one', async () => {
  const siem = await receiver('octet')
  const { feed } = await network([syslog(siem.port)])
  feed.ship('urgent', makeAlert({ id: 'a' }))
  feed.ship('urgent', makeAlert({ id: 'b' }))
  await feed.watched.until(() => feed.delivered('siem', 'urgent') === 2)
  siem.hangUp('reset')
  await siem.watched.until(() => siem.messages.length === 4)
  expect(siem.revisions()).toEqual(['a 1', 'b 1', 'a 1', 'b 1'])
})

test('after an orderly end only what is recent is sent again', async () => {
  const siem = await receiver('octet')
  const { feed } = await network([syslog(siem.port)], { windowClosedMs: -1 })
  feed.ship('urgent', makeAlert({ id: 'a' }))
  await feed.watched.until(() => feed.delivered('siem', 'urgent') === 1)
  siem.hangUp('closed')
  feed.ship('urgent', makeAlert({ id: 'b' }))
  await feed.watched.until(() => feed.delivered('siem', 'urgent') === 2)
  expect(siem.revisions().at(-1)).toBe('b 1')
  expect(siem.revisions().filter((revision) => revision === 'a 1')).toHaveLength(1)
})

test('an alert that a receiver cannot be given goes to its quarantine, and the next one arrives', async () => {
  const siem = await receiver('octet')
  const { feed, forwarder } = await network([{ ...syslog(siem.port), sizeMax: '2048B' }])
  const rule = { ...makeAlert().rule, id: '🐟'.repeat(1000) }
  feed.ship('urgent', makeAlert({ id: 'a', extra: { rule } }))
  feed.ship('urgent', makeAlert({ id: 'b' }))
  await feed.watched.until(() => feed.delivered('siem', 'urgent') === 2)
  expect(siem.revisions()).toEqual(['b 1'])
  expect(forwarder.status().spool.outputs[0]?.quarantined).toBe(1)
})

test('a dead output holds up no other, and is told as stuck', async () => {
  const siem = await receiver('octet')
  const dead = await receiver('octet')
  await dead.close()
  const outputs = [
    { ...syslog(dead.port), name: 'dead' },
    { type: 'file', name: 'file', path: 'out/alerts.jsonl' },
    syslog(siem.port),
  ]
  const { feed, folder } = await network(outputs, { stuckAfterMs: 0 })
  for (let i = 0; i < 25; i++) feed.ship('bulk', makeAlert({ id: `a-${i}` }))
  await feed.watched.until(
    () => feed.delivered('siem', 'bulk') === 25 && feed.delivered('file', 'bulk') === 25,
  )
  await feed.watched.until(() => feed.marks.at(-1)?.stuck?.[0]?.output === 'dead')
  expect(feed.delivered('dead', 'bulk')).toBe(0)
  expect(siem.messages).toHaveLength(25)
  expect(linesOf(join(folder, 'out/alerts.jsonl'))).toHaveLength(25)
})

test('between the first and the last revision nothing is sent that nobody needs', async () => {
  const siem = await receiver('octet')
  await siem.close()
  const { feed, forwarder } = await network([syslog(siem.port)])
  for (let revision = 1; revision <= 9; revision++) feed.ship('bulk', makeAlert({ id: 'a', revision }))
  await feed.watched.until(() => feed.pages.bulk > 0 && forwarder.status().spool.feeds[0]?.spooled.bulk === 9)
  const back = await receiver('octet', undefined, siem.port)
  await feed.watched.until(() => feed.delivered('siem', 'bulk') === 9)
  expect(back.revisions()).toEqual(['a 1', 'a 9'])
})

test('the HTTP Event Collector gets batches, and no channel when it does not acknowledge', async () => {
  const collector = await hec()
  const { feed } = await network([
    { type: 'hec', name: 'splunk', url: collector.url, token: { file: 'hec-token' } },
  ])
  for (let i = 0; i < 40; i++) feed.ship('bulk', makeAlert({ id: `a-${i}` }))
  await feed.watched.until(() => feed.delivered('splunk', 'bulk') === 40)
  expect(new Set(collector.revisions()).size).toBe(40)
  expect(collector.requests).toBeLessThan(20)
  expect([...collector.channels]).toEqual([''])
  expect(collector.events[0]).toMatchObject({ time: 1772359500.25, sourcetype: 'weir:alert' })
})

test('with acknowledgement, only what the indexer has counts, and the channel is a GUID', async () => {
  const collector = await hec()
  collector.ackFromPoll = 4
  const { feed } = await network([ackingHec(collector.url)])
  feed.ship('urgent', makeAlert({ id: 'a' }))
  await collector.watched.until(() => collector.polls === 3)
  expect(feed.delivered('splunk', 'urgent') ?? 0).toBe(0)
  await feed.watched.until(() => feed.delivered('splunk', 'urgent') === 1)
  expect(collector.polls).toBe(4)
  expect(collector.revisions()).toEqual(['a 1'])
  expect([...collector.channels].join()).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  )
})

test('without an acknowledgement in time the events are sent again', async () => {
  const collector = await hec()
  collector.ackFromPoll = 6
  const { feed } = await network([ackingHec(collector.url)], { hecAckMs: 0 })
  feed.ship('urgent', makeAlert({ id: 'a' }))
  await feed.watched.until(() => feed.delivered('splunk', 'urgent') === 1)
  expect(collector.requests).toBe(6)
  expect(new Set(collector.revisions())).toEqual(new Set(['a 1']))
})

test.each([
  ['busy', 503, 9],
  ['too many', 429, 0],
  ['an unknown trouble', 500, 8],
  ['a wrong token', 403, 4],
  ['an unknown index', 400, 7],
])('%s is tried again until it passes', async (_, status, code) => {
  const collector = await hec()
  collector.scripted.push({ status, code }, { status, code })
  const { feed, forwarder } = await network([
    { type: 'hec', name: 'splunk', url: collector.url, token: { file: 'hec-token' } },
  ])
  feed.ship('urgent', makeAlert({ id: 'a' }))
  await feed.watched.until(() => feed.delivered('splunk', 'urgent') === 1)
  expect([collector.requests, collector.revisions()]).toEqual([3, ['a 1']])
  expect(forwarder.status().spool.outputs[0]?.quarantined).toBe(0)
})

test('the one bad event of a batch is found and set aside; all others arrive', async () => {
  const collector = await hec()
  collector.bad = ({ fields }) => fields['alert_id'] === 'a-13'
  const { feed, forwarder } = await network([
    { type: 'hec', name: 'splunk', url: collector.url, token: { file: 'hec-token' } },
  ])
  for (let i = 0; i < 30; i++) feed.ship('bulk', makeAlert({ id: `a-${i}` }))
  await feed.watched.until(() => feed.delivered('splunk', 'bulk') === 30)
  expect(new Set(collector.revisions()).size).toBe(29)
  expect(collector.revisions()).not.toContain('a-13 1')
  expect(forwarder.status().spool.outputs[0]?.quarantined).toBe(1)
})

test('the file turns over by size and keeps so many', async () => {
  const { feed, folder } = await network([
    { type: 'file', name: 'file', path: 'alerts.jsonl', rotateBytes: '4KB', keep: 2 },
  ])
  feed.pageEntriesMax = 1
  for (let i = 0; i < 12; i++) {
    feed.ship('bulk', makeAlert({ id: `a-${i}` }))
    await feed.watched.until(() => feed.delivered('file', 'bulk') === i + 1)
  }
  const at = (name: string) => linesOf(join(folder, name)).map((line) => JSON.parse(line).weir.alert.id)
  expect(at('alerts.jsonl').at(-1)).toBe('a-11')
  const all = [...at('alerts.jsonl.2'), ...at('alerts.jsonl.1'), ...at('alerts.jsonl')]
  expect(all).toEqual(all.map((_, i) => `a-${12 - all.length + i}`))
  expect(existsSync(join(folder, 'alerts.jsonl.3'))).toBe(false)
})

test('half a line that a crash left behind is taken off', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-file-'))
  const path = join(folder, 'alerts.jsonl')
  writeFileSync(path, '{"whole":1}\n{"half":')
  const { feed } = await network([{ type: 'file', name: 'file', path }])
  feed.ship('bulk', makeAlert({ id: 'a' }))
  await feed.watched.until(() => feed.delivered('file', 'bulk') === 1)
  expect(linesOf(path).map((line) => JSON.parse(line).weir?.alert.id ?? 'whole')).toEqual(['whole', 'a'])
})

function syslog(port: number) {
  return { type: 'syslog', name: 'siem', host: '127.0.0.1', port, transport: 'tcp' }
}

function ackingHec(url: string) {
  return { type: 'hec', name: 'splunk', url, token: { file: 'hec-token' }, ack: true }
}

function linesOf(path: string): string[] {
  return readFileSync(path, 'utf8').trimEnd().split('\n')
}

async function receiver(
  framing: 'octet' | 'lf',
  tls?: ConstructorParameters<typeof SyslogReceiver>[1],
  port = 0,
) {
  const siem = new SyslogReceiver(framing, tls)
  const bound = await siem.listen(port)
  opened.push(() => siem.close())
  return Object.assign(siem, { port: bound })
}

async function hec() {
  const collector = new Collector()
  const url = await collector.listen()
  opened.push(() => collector.close())
  return Object.assign(collector, { url })
}

async function network(outputs: readonly object[], limits: Parameters<typeof start>[1] = {}) {
  const feed = new FeedStandIn()
  const url = await feed.listen()
  opened.push(() => feed.close())
  const of = setting({ url }, outputs)
  const { forwarder } = await start(of, limits)
  opened.push(() => forwarder.stop())
  return { feed, forwarder, folder: of.folder }
}
