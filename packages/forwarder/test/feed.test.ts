import { createClient } from '@weir/contract'
import { afterEach, expect, test, vi } from 'vitest'
import { openConnections } from '../src/link/connections.ts'
import { read, setting, settingOf, start } from './bench.ts'
import { FeedStandIn, TOKEN } from './support/aggregator.ts'
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
  const back = new SyslogReceiver('octet')
  await back.listen(port)
  opened.push(() => back.close())
  await back.watched.until(() => back.messages.length === 20)
  expect(new Set(back.revisions()).size).toBe(20)
})

test('over TLS all that is asked goes over one connection, counted as the other side counts it', async () => {
  const { feed, connections, client } = await secureLink()
  for (let i = 0; i < 30; i++) feed.ship('bulk', makeAlert({ id: `a-${i}` }))
  const { session } = await client.feed.session({ outputs: [] })
  const waiting = client.feed.page({ session, lane: 'urgent', after: 0, waitSeconds: 30 })
  const lines = await client.feed.page({ session, lane: 'bulk', after: 0, waitSeconds: 1 })
  await client.feed.marks(session, { spooled: { bulk: 30 } })
  feed.ship('urgent', makeAlert({ id: 'b' }))
  expect(await waiting).toHaveLength(2)
  expect(lines).toHaveLength(31)
  expect(feed.connections).toBe(1)
  const { sent, received } = connections.bytes()
  expect({ sent, received }).toEqual({ sent: feed.wire.in, received: feed.wire.out })
  expect(sent).toBeGreaterThan(1500)
  await connections.close()
  expect(connections.bytes()).toMatchObject({ received })
})

test('a wait that is given up leaves the others on the connection alone', async () => {
  const { feed, client } = await secureLink()
  const { session } = await client.feed.session({ outputs: [] })
  const gone = new AbortController()
  const [given, kept] = (['urgent', 'bulk'] as const).map((lane) =>
    client.feed.page({
      session,
      lane,
      after: 0,
      waitSeconds: 30,
      ...(lane === 'urgent' && { signal: gone.signal }),
    }),
  )
  gone.abort()
  await expect(given).rejects.toMatchObject({ code: 'UNREACHABLE' })
  feed.ship('bulk', makeAlert({ id: 'a' }))
  expect(await kept).toHaveLength(2)
  expect(feed.connections).toBe(1)
})

test('a connection that was cut is made anew for less: the session of the last one is resumed', async () => {
  const { feed, connections, client } = await secureLink()
  await client.health()
  const first = connections.bytes().received
  const cut = client.feed.page({ session: 's-0', lane: 'bulk', after: 0, waitSeconds: 30 })
  await vi.waitFor(() => expect(feed.waiting).toBe(1))
  feed.cutAll()
  await expect(cut).rejects.toMatchObject({ code: 'UNREACHABLE' })
  const before = connections.bytes().received
  await client.health()
  expect(feed.connections).toBe(2)
  // The certificate chain is what does not cross again.
  expect(connections.bytes().received - before).toBeLessThan(first - 500)
})

test('who speaks HTTP/1.1 alone is asked over several connections', async () => {
  const { feed, client } = await secureLink(false)
  const { session } = await client.feed.session({ outputs: [] })
  const waiting = (['urgent', 'bulk'] as const).map((lane) =>
    client.feed.page({ session, lane, after: 0, waitSeconds: 30 }),
  )
  await client.feed.marks(session, {})
  for (const lane of ['urgent', 'bulk'] as const) feed.ship(lane, makeAlert({ id: lane }))
  expect(await Promise.all(waiting)).toEqual([expect.any(Array), expect.any(Array)])
  expect(feed.connections).toBeGreaterThanOrEqual(3)
})

/** The client of a forwarder that shows a certificate, and the aggregator's side of it. */
async function secureLink(http2 = true) {
  const { authority, server, client } = makeCertificates()
  const feed = new FeedStandIn({ ...server, ca: authority.cert }, http2)
  const url = await feed.listen()
  opened.push(() => feed.close())
  const { ca, cert, key } = pemFiles({ ca: authority.cert, cert: client.cert, key: client.key })
  const of = read(setting({ url, ca, cert, key }, [{ type: 'file', name: 'file', path: 'alerts.jsonl' }]))
  const connections = openConnections(of.aggregators[0]!, 2000)
  opened.push(() => connections.close())
  const { dispatcher } = connections
  return { feed, connections, client: createClient({ url, token: TOKEN, dispatcher }) }
}

async function network(spool: object = {}, siemPort?: number) {
  const feed = new FeedStandIn()
  const url = await feed.listen()
  opened.push(() => feed.close())
  const siem = new SyslogReceiver('octet')
  const port = siemPort ?? (await siem.listen())
  if (siemPort === undefined) opened.push(() => siem.close())
  const output = { type: 'syslog', name: 'siem', host: '127.0.0.1', port, transport: 'tcp' }
  const of = setting({ url }, [output], spool)
  const { forwarder, report } = await start(of)
  opened.push(() => forwarder.stop())
  return { feed, url, siem, outputs: [output], forwarder, report, of }
}
