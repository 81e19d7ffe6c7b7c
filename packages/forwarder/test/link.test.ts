import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, createReport, systemClock } from '@weir/runtime'
import { afterEach, expect, test, vi } from 'vitest'
import { doctor } from '../src/index.ts'
import { openClient } from '../src/link/open-client.ts'
import { read, setting } from './bench.ts'
import { FeedStandIn, TOKEN } from './support/aggregator.ts'
import { makeAlert } from './support/alert.ts'
import { type Certificates, makeCertificates, pemFiles } from './support/certificates.ts'
import { openProxy } from './support/hook.ts'

const opened: (() => Promise<unknown> | unknown)[] = []

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
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

test('a connection that ends in order was counted alike to its end, waits given up included', async () => {
  const { feed, connections, client } = await secureLink()
  const { session } = await client.feed.session({ outputs: [] })
  const gone = new AbortController()
  const given = (['urgent', 'bulk'] as const).map((lane) =>
    client.feed
      .page({ session, lane, after: 0, waitSeconds: 30, signal: gone.signal })
      .catch(() => undefined),
  )
  await vi.waitFor(() => expect(feed.waiting).toBe(2))
  gone.abort()
  await Promise.all(given)
  await client.feed.marks(session, {})
  const before = connections.bytes().sent
  await connections.end(systemClock)
  const { sent, received } = connections.bytes()
  expect(sent).toBeGreaterThan(before)
  await vi.waitFor(() => expect({ sent, received }).toEqual({ sent: feed.wire.in, received: feed.wire.out }))
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

test('a connection that the other side retires ends what it began; the next call goes over another', async () => {
  const { feed, client } = await secureLink()
  const { session } = await client.feed.session({ outputs: [] })
  const waiting = client.feed.page({ session, lane: 'urgent', after: 0, waitSeconds: 30 })
  await vi.waitFor(() => expect(feed.waiting).toBe(1))
  feed.retire()
  await vi.waitFor(async () => {
    await client.feed.marks(session, {})
    expect(feed.connections).toBe(2)
  })
  feed.ship('urgent', makeAlert({ id: 'a' }))
  expect(await waiting).toHaveLength(2)
})

test('who speaks HTTP/1.1 alone is asked over several connections', async () => {
  const { feed, client } = await secureLink({ http2: false })
  const { session } = await client.feed.session({ outputs: [] })
  const waiting = (['urgent', 'bulk'] as const).map((lane) =>
    client.feed.page({ session, lane, after: 0, waitSeconds: 30 }),
  )
  await client.feed.marks(session, {})
  for (const lane of ['urgent', 'bulk'] as const) feed.ship(lane, makeAlert({ id: lane }))
  expect(await Promise.all(waiting)).toEqual([expect.any(Array), expect.any(Array)])
  expect(feed.connections).toBeGreaterThanOrEqual(3)
})

test('a replaced certificate is shown on a new connection, while the old one ends what it began', async () => {
  const { feed, client, files, certificates, clock } = await secureLink()
  const { session } = await client.feed.session({ outputs: [] })
  const waiting = client.feed.page({ session, lane: 'urgent', after: 0, waitSeconds: 30 })
  await vi.waitFor(() => expect(feed.waiting).toBe(1))
  writeFileSync(files['cert']!, certificates.second.cert)
  clock.pass(5000)
  await client.health()
  expect(feed.connections).toBe(1)
  writeFileSync(files['key']!, certificates.second.key)
  clock.pass(5000)
  await client.feed.marks(session, {})
  expect(feed.connections).toBe(2)
  expect(feed.shown).toEqual(['forwarder', 'second'])
  feed.ship('urgent', makeAlert({ id: 'a' }))
  expect(await waiting).toHaveLength(2)
  await client.health()
  expect(feed.connections).toBe(2)
})

test('a replaced token is shown with the next call', async () => {
  const { client, clock, folder, log } = await secureLink({ token: { file: 'other-token' } }, 'wrong')
  await expect(client.feed.session({ outputs: [] })).rejects.toMatchObject({ code: 'NO_TOKEN' })
  writeFileSync(join(folder, 'other-token'), TOKEN)
  clock.pass(5000)
  await client.feed.session({ outputs: [] })
  for (let n = 0; n < 3; n++) {
    writeFileSync(join(folder, 'other-token'), '')
    clock.pass(5000)
    await client.feed.session({ outputs: [] })
  }
  expect(log.event.mock.calls.map(([, name]) => name)).toEqual([
    'credential_changed',
    'credential_unreadable',
  ])
})

test('through a proxy, the way to it is counted as well, and only the proxy sees its password', async () => {
  const proxy = await openProxy()
  opened.push(() => proxy.close())
  const address = `http://user:pass%40word@127.0.0.1:${proxy.port}`
  const { feed, client, connections } = await secureLink({ proxy: address })
  const { session } = await client.feed.session({ outputs: [] })
  const waiting = client.feed.page({ session, lane: 'urgent', after: 0, waitSeconds: 30 })
  await client.feed.marks(session, {})
  feed.ship('urgent', makeAlert({ id: 'a' }))
  expect(await waiting).toHaveLength(2)
  const authorization = `Basic ${Buffer.from('user:pass@word').toString('base64')}`
  expect(proxy.asked).toEqual([{ to: new URL(feed.url).host, authorization }])
  const { sent, received } = connections.bytes()
  expect(sent - feed.wire.in).toBeGreaterThan(50)
  expect(received - feed.wire.out).toBeGreaterThan(15)
})

test.each([
  [407, '', 'wants a name and a password (407): give "proxy" as a reference'],
  [407, 'user:word@', 'does not take the name and the password in "proxy" (407)'],
  [403, '', 'does not let us through to 127.0.0.1:'],
])('a proxy that answers %d is told of', async (status, who, words) => {
  const proxy = await openProxy(status)
  opened.push(() => proxy.close())
  const { client } = await secureLink({ proxy: `http://${who}127.0.0.1:${proxy.port}` })
  await expect(client.health()).rejects.toThrow(words)
})

test('over IPv6, directly and through a proxy', async () => {
  const direct = await secureLink({}, TOKEN, '::1')
  expect(direct.feed.url).toContain('[::1]')
  await direct.client.feed.session({ outputs: [] })
  const proxy = await openProxy()
  opened.push(() => proxy.close())
  const tunnelled = await secureLink({ proxy: `http://127.0.0.1:${proxy.port}` }, TOKEN, '::1')
  await tunnelled.client.feed.session({ outputs: [] })
  expect(proxy.asked.map(({ to }) => to)).toEqual([new URL(tunnelled.feed.url).host])
})

test('a server that speaks for another name or another authority gets no token', async () => {
  const { feed, client } = await secureLink({ servername: 'elsewhere.example' })
  await expect(client.feed.session({ outputs: [] })).rejects.toMatchObject({ code: 'UNREACHABLE' })
  expect(feed.sessions).toEqual([])
})

test('the doctor says who we are, through the proxy as well, and when our certificates end', async () => {
  const proxy = await openProxy()
  opened.push(() => proxy.close())
  const { of } = await secureLink({ proxy: `http://127.0.0.1:${proxy.port}` })
  const now = Date.now()
  const checks = async (at: number) =>
    (await doctor(read(of), { ...systemClock, now: () => at }))
      .filter(({ name }) => name.includes('aggregator'))
      .map(({ name, ok, detail }) => `${ok} ${name}: ${detail}`)
  expect(await checks(now)).toEqual([
    expect.stringMatching(
      /^true aggregator cloud: https:.* knows us as the forwarder "north" by our token: version/,
    ),
    expect.stringMatching(/^true certificate for aggregator cloud: ends at .*, in 0 days$/),
    expect.stringMatching(/^true authority of aggregator cloud: ends at .*, in 0 days$/),
  ])
  expect(proxy.asked.length).toBeGreaterThan(0)
  expect((await checks(now + 2 * 86_400_000))[1]).toMatch(
    /^false certificate for aggregator cloud: ended at /,
  )
})

/** Time that passes when a test says so; nobody sleeps by it. */
class Hand implements Clock {
  #now = Date.now()
  now(): number {
    return this.#now
  }
  async sleep(): Promise<void> {}
  pass(ms: number): void {
    this.#now += ms
  }
}

/** The client of a forwarder that shows a certificate, and the aggregator's side of it. */
async function secureLink(
  { http2 = true, ...config }: { readonly http2?: boolean; readonly [key: string]: unknown } = {},
  token = TOKEN,
  host = '127.0.0.1',
) {
  const certificates: Certificates = makeCertificates()
  const { authority, server, client } = certificates
  const feed = new FeedStandIn({ ...server, ca: authority.cert }, http2)
  const url = await feed.listen(0, host)
  opened.push(() => feed.close())
  const files = pemFiles({ ca: authority.cert, cert: client.cert, key: client.key })
  const of = setting({ url, ...files, ...config }, [{ type: 'file', name: 'file', path: 'alerts.jsonl' }])
  writeFileSync(join(of.folder, 'other-token'), token)
  const clock = new Hand()
  const log = { event: vi.fn() }
  const report = Object.assign(createReport('silent'), log)
  const link = openClient(read(of).aggregators[0]!, { clock, report, limits: { connectMs: 2000 } })
  opened.push(() => link.connections.close())
  return { feed, files, certificates, clock, log, folder: of.folder, of, ...link }
}
