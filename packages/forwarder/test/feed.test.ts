import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import type { TlsOptions } from 'node:tls'
import { afterEach, expect, test, vi } from 'vitest'
import { LinkDays } from '../src/spool/link-days.ts'
import { openToLook } from '../src/spool/open.ts'
import { setting, settingOf, start } from './bench.ts'
import { FeedStandIn } from './support/aggregator.ts'
import { makeAlert } from './support/alert.ts'
import { makeCertificates, pemFiles } from './support/certificates.ts'
import { SyslogReceiver } from './support/receiver.ts'

const opened: (() => Promise<unknown> | unknown)[] = []

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

test('each alert arrives once, over cuts, spoiled pages, gaps and a taken session', async () => {
  const { feed, siem } = await network()
  feed.pageEntriesMax = 3
  feed.faults.push('nothing', 'cut', 'spoil', 'no-end', 'nothing', 'gap', 'taken', 'cut')
  const shipped = Array.from({ length: 20 }, (_, i) => `a-${i} 1`)
  for (const [i] of shipped.entries()) feed.ship(i % 2 === 0 ? 'urgent' : 'bulk', makeAlert({ id: `a-${i}` }))
  await siem.watched.until(() => siem.messages.length >= 20)
  feed.cutAll()
  feed.ship('bulk', makeAlert({ id: 'last' }))
  await siem.watched.until(() => siem.messages.length >= 21)
  expect(siem.revisions().sort()).toEqual([...shipped, 'last 1'].sort())
  expect(feed.faults).toEqual([])
})

test('delivered marks follow the acknowledgements, and stopping tells the last ones', async () => {
  const { feed, siem, forwarder } = await network()
  feed.ship('urgent', makeAlert({ id: 'a' }))
  feed.ship('bulk', makeAlert({ id: 'b' }))
  feed.ship('bulk', makeAlert({ id: 'c' }))
  feed.leaveOut('bulk', 2)
  await feed.watched.until(
    () => feed.delivered('siem', 'bulk') === 2 && feed.delivered('siem', 'urgent') === 1,
  )
  expect(feed.marks.at(-1)).toMatchObject({ spooled: { urgent: 1, bulk: 2 } })
  feed.ship('bulk', makeAlert({ id: 'd' }))
  await siem.watched.until(() => siem.messages.length === 3)
  await forwarder.stop()
  expect(feed.delivered('siem', 'bulk')).toBe(3)
})

test('the ends of certificates are told to each session once', async () => {
  const { authority, client, server } = makeCertificates()
  const files = pemFiles({ ca: authority.cert, cert: client.cert, key: client.key })
  const { feed, siem } = await network({}, undefined, { server: { ...server, ca: authority.cert }, files })
  await feed.watched.until(() => feed.marks.length > 0)
  feed.ship('urgent', makeAlert({ id: 'a' }))
  await feed.watched.until(() => feed.delivered('siem', 'urgent') === 1)
  const told = () => feed.marks.flatMap(({ credentials }) => (credentials === undefined ? [] : [credentials]))
  const end = (pem: string): string => new Date(new X509Certificate(pem).validTo).toISOString()
  const first = [
    { name: 'certificate for output siem', ends: end(client.cert) },
    { name: 'authority of output siem', ends: end(authority.cert) },
  ]
  expect(told()).toEqual([first])
  feed.cutAll()
  feed.ship('urgent', makeAlert({ id: 'b' }))
  await siem.watched.until(() => siem.messages.length === 2)
  await feed.watched.until(() => told().length === 2)
  expect(told()).toEqual([first, first])
})

test('what is spooled and not yet delivered is told by the polls, which costs no call of its own', async () => {
  const siem = new SyslogReceiver('octet')
  const port = await siem.listen()
  await siem.close()
  const { feed } = await network({}, port)
  await feed.watched.until(() => feed.marks.length === 1)
  for (const n of [1, 2, 3]) {
    feed.ship('bulk', makeAlert({ id: `a-${n}` }))
    await feed.watched.until(() => feed.cursors.bulk === n)
  }
  const back = new SyslogReceiver('octet')
  await back.listen(port)
  opened.push(() => back.close())
  await feed.watched.until(() => feed.delivered('siem', 'bulk') === 3)
  expect(feed.marks.map(({ delivered }) => delivered?.['siem']?.bulk ?? 0).filter((n) => n > 0)).toEqual([3])
  expect(feed.marks.length).toBeLessThanOrEqual(3)
})

test('a feed that starts over sends nothing twice that was acknowledged', async () => {
  const { feed, siem } = await network()
  feed.ship('urgent', makeAlert({ id: 'a', revision: 1 }))
  feed.ship('bulk', makeAlert({ id: 'b', revision: 2 }))
  await feed.watched.until(
    () => feed.delivered('siem', 'urgent') === 1 && feed.delivered('siem', 'bulk') === 1,
  )
  feed.renew('epoch-2')
  feed.ship('urgent', makeAlert({ id: 'a', revision: 1 }))
  feed.ship('urgent', makeAlert({ id: 'a', revision: 2 }))
  feed.ship('bulk', makeAlert({ id: 'b', revision: 1 }))
  feed.ship('bulk', makeAlert({ id: 'c', revision: 1 }))
  await feed.watched.until(
    () => feed.delivered('siem', 'urgent') === 2 && feed.delivered('siem', 'bulk') === 2,
  )
  expect(siem.revisions().sort()).toEqual(['a 1', 'a 2', 'b 2', 'c 1'])
  expect(feed.sessions.at(-1)?.epoch).toBe('epoch-1')
})

test('a feed that starts over sends what it now says otherwise, although the number is not higher', async () => {
  const { feed, siem } = await network()
  feed.ship('bulk', makeAlert({ id: 'a', revision: 3, weir: { status: 'merged', merged_into: 'b' } }))
  await feed.watched.until(() => feed.delivered('siem', 'bulk') === 1)
  feed.renew('epoch-2')
  feed.ship('bulk', makeAlert({ id: 'a', revision: 2, weir: { count: 7 } }))
  await feed.watched.until(() => feed.sessions.at(-1)?.epoch === 'epoch-1')
  await feed.watched.until(() => feed.delivered('siem', 'bulk') === 1 && siem.messages.length === 2)
  feed.ship('bulk', makeAlert({ id: 'a', revision: 3, weir: { count: 9 } }))
  feed.ship('bulk', makeAlert({ id: 'a', revision: 3, weir: { count: 9 } }))
  await feed.watched.until(() => feed.delivered('siem', 'bulk') === 3)
  expect(siem.revisions()).toEqual(['a 3', 'a 2', 'a 3'])
})

test('a restarted forwarder goes on where it stood', async () => {
  const { feed, siem, forwarder, of } = await network()
  feed.ship('urgent', makeAlert({ id: 'a' }))
  await feed.watched.until(() => feed.delivered('siem', 'urgent') === 1)
  await forwarder.stop()
  feed.ship('urgent', makeAlert({ id: 'b' }))
  const again = await start(of)
  opened.push(() => again.forwarder.stop())
  await siem.watched.until(() => siem.messages.length === 2)
  expect(siem.revisions()).toEqual(['a 1', 'b 1'])
  expect(feed.sessions.at(-1)?.lanes?.urgent.seq).toBe(1)
})

test('two aggregators feed one output, and each is told its own marks', async () => {
  const eu = await network()
  const us = new FeedStandIn()
  const url = await us.listen()
  opened.push(() => us.close())
  await eu.forwarder.stop()
  const both = settingOf(
    [
      { name: 'cloud', url: eu.url },
      { name: 'us', url },
    ],
    eu.outputs,
  )
  const { forwarder } = await start(both)
  opened.push(() => forwarder.stop())
  eu.feed.ship('bulk', makeAlert({ id: 'same' }))
  us.ship('bulk', makeAlert({ id: 'same' }))
  us.ship('urgent', makeAlert({ id: 'b' }))
  await us.watched.until(() => us.delivered('siem', 'urgent') === 1 && us.delivered('siem', 'bulk') === 1)
  await eu.feed.watched.until(() => eu.feed.delivered('siem', 'bulk') === 1)
  expect(eu.siem.revisions().sort()).toEqual(['b 1', 'same 1', 'same 1'])
  expect(eu.feed.delivered('siem', 'urgent')).toBe(0)
  expect(forwarder.status().links.map(({ aggregator }) => aggregator)).toEqual(['cloud', 'us'])
})

test('an entry that this version cannot read is set aside, and the next one arrives', async () => {
  const { feed, siem, forwarder } = await network()
  feed.ship('bulk', '{"seq":1,"at":"2026-03-01T10:00:00.000Z","alert":{"of":"the future"}}')
  feed.ship('bulk', makeAlert({ id: 'b' }))
  await siem.watched.until(() => siem.messages.length === 1)
  expect(forwarder.status().spool.unreadable).toBe(1)
})

test.each(['zstd', 'gzip', undefined] as const)('pages come packed as %s', async (encoding) => {
  const { feed, siem } = await network()
  feed.encoding = encoding
  feed.ship('bulk', makeAlert({ message: '🐟'.repeat(50) }))
  await siem.watched.until(() => siem.messages.length === 1)
  expect(siem.cef()[0]!.extension['msg']).toBe('🐟'.repeat(50))
})

test('a full spool pauses pulling, says so, drops nothing, and goes on when there is room', async () => {
  const siem = new SyslogReceiver('octet')
  const port = await siem.listen()
  await siem.close()
  const { feed, forwarder, report } = await network({ bytesMax: '5KB' }, port)
  feed.pageEntriesMax = 2
  for (let i = 0; i < 20; i++) feed.ship('bulk', makeAlert({ id: `a-${i}` }))
  const paused = report.registry
  const full = async () =>
    (await paused.getSingleMetricAsString('weir_pull_paused')).includes('lane="bulk"} 1')
  while (!(await full())) await new Promise((resolve) => setImmediate(resolve))
  expect(forwarder.status().links[0]!.paused).toEqual(['bulk'])
  expect(forwarder.status().spool.feeds[0]!.spooled.bulk).toBeLessThan(10)
  await feed.watched.until(() => feed.marks.at(-1)?.spool?.paused[0] === 'bulk')
  expect(feed.marks.at(-1)?.spool).toEqual({ bytesMax: 5000, paused: ['bulk'], closed: 0 })
  const back = new SyslogReceiver('octet')
  await back.listen(port)
  opened.push(() => back.close())
  await back.watched.until(() => back.messages.length === 20)
  expect(new Set(back.revisions()).size).toBe(20)
  await feed.watched.until(() => feed.marks.at(-1)?.spool === undefined)
})

test('a full spool closes its oldest bulk entries where that is configured: what is new and urgent still comes', async () => {
  const siem = new SyslogReceiver('octet')
  const port = await siem.listen()
  await siem.close()
  const { feed } = await network({ bytesMax: '50KB', whenFull: 'close-oldest' }, port)
  feed.pageEntriesMax = 2
  for (let i = 0; i < 60; i++) feed.ship('bulk', makeAlert({ id: `a-${i}` }))
  await feed.watched.until(() => feed.cursors.bulk === 60)
  feed.ship('urgent', makeAlert({ id: 'u' }))
  await feed.watched.until(() => feed.cursors.urgent === 1)
  await feed.watched.until(() => (feed.marks.at(-1)?.spool?.closed ?? 0) > 10)
  expect(feed.marks.at(-1)?.spool?.paused).toEqual([])
  const back = new SyslogReceiver('octet')
  await back.listen(port)
  opened.push(() => back.close())
  await feed.watched.until(() => feed.delivered('siem', 'bulk') === 60)
  expect(back.revisions()[0]).toBe('u 1')
  expect(back.revisions().at(-1)).toBe('a-59 1')
  const closed = 1 + 60 - back.revisions().length
  const told = feed.marks.map(({ spool }) => spool?.closed ?? 0)
  expect(closed).toBeGreaterThan(10)
  expect(Math.max(...told)).toBe(closed)
})

test('the count of the day outlives a restart, is the one of the other side, and is told', async () => {
  const { feed, forwarder, of } = await network()
  feed.ship('urgent', makeAlert({ id: 'a' }))
  await feed.watched.until(() => feed.delivered('siem', 'urgent') === 1)
  await forwarder.stop()
  const again = await start(of)
  feed.ship('urgent', makeAlert({ id: 'b' }))
  await feed.watched.until(() => feed.delivered('siem', 'urgent') === 2)
  await again.forwarder.stop()
  const spool = openToLook(join(of.folder, 'spool.sqlite'))
  const days = new LinkDays(spool).last('cloud', 9)
  spool.close()
  const sum = (of: 'sent' | 'received') => days.reduce((total, each) => total + each[of], 0)
  await vi.waitFor(() =>
    expect({ in: sum('sent'), out: sum('received') }).toEqual({ in: feed.wire.in, out: feed.wire.out }),
  )
  const told = feed.marks.filter(({ linkDays }) => linkDays !== undefined)
  expect(told).toHaveLength(4)
  expect(told.at(-1)!.linkDays![0]!.sent).toBeGreaterThan(told[0]!.linkDays![0]!.sent)
})

async function network(
  spool: object = {},
  siemPort?: number,
  tls?: { readonly server: TlsOptions; readonly files: object },
) {
  const feed = new FeedStandIn()
  const url = await feed.listen()
  opened.push(() => feed.close())
  const siem = new SyslogReceiver('octet', tls?.server)
  const port = siemPort ?? (await siem.listen())
  if (siemPort === undefined) opened.push(() => siem.close())
  const output = {
    type: 'syslog',
    name: 'siem',
    host: '127.0.0.1',
    port,
    transport: tls === undefined ? 'tcp' : 'tls',
    ...tls?.files,
  }
  const of = setting({ url }, [output], spool)
  const { forwarder, report } = await start(of)
  opened.push(() => forwarder.stop())
  return { feed, url, siem, outputs: [output], forwarder, report, of }
}
