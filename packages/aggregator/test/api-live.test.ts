import { once } from 'node:events'
import { connect as connectHttp2, type OutgoingHttpHeaders } from 'node:http2'
import { type AddressInfo, connect, createServer } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { createClient, ledgerReply, problem, SESSION_HEADER } from '@weir/contract'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { ApiContext } from '../src/api/context.ts'
import {
  alertOf,
  bearer,
  commit,
  get,
  type Kit,
  memberOf,
  openKit,
  openSession,
  ship,
  TOKENS,
  walk,
} from './api-kit.ts'
import { type Authority, newAuthority } from './certificate.ts'

const DAY = '2026-03-01'

let authority: Authority
let kit: Kit | undefined
beforeAll(() => {
  authority = newAuthority('test authority')
})
afterEach(async () => {
  await kit?.close()
  kit = undefined
})

async function listen(changes: Partial<ApiContext> = {}): Promise<{ kit: Kit; url: string }> {
  kit = openKit(changes)
  return { kit, url: await kit.api.listen({ host: '127.0.0.1', port: 0 }) }
}

function tls(requestsCertificate: boolean): Pick<ApiContext, 'tls'> {
  const server = authority.issue('server')
  return { tls: requestsCertificate ? { ...server, ca: authority.cert } : server }
}

describe('over TLS, through the client that forwarders use', () => {
  test('a long poll brings the alert that is committed while it waits, and only then', async () => {
    const { kit, url } = await listen(tls(false))
    const client = createClient({ url, token: TOKENS.north, ca: authority.cert })
    const { session, lanes } = await client.feed.session({ outputs: ['siem'] })
    const page = client.feed.page({ session, lane: 'urgent', after: 0, waitSeconds: 30 })
    await kit.clock.sleeping(30_000)
    await ship(kit, alertOf('a1'))
    await kit.clock.sleeping(150)
    kit.clock.advance(150)
    const body = Buffer.concat((await page)!.flatMap((line) => [line, Buffer.from('\n')]))
    expect(walk('urgent', lanes.urgent, body).alerts).toEqual(['a1.1'])
    const later = client.feed.page({ session, lane: 'urgent', after: 1, waitSeconds: 30 })
    await kit.clock.sleeping(30_000)
    kit.clock.advance(30_000)
    expect(await later).toBeUndefined()
    await client.feed.marks(session, { spooled: { urgent: 1 } })
    expect((await kit.store.forwarders())[0]!.spooled.urgent).toBe(1)
    await client.close()
  })

  test('a client that goes away ends its wait', async () => {
    const { kit, url } = await listen(tls(false))
    const client = createClient({ url, token: TOKENS.north, ca: authority.cert })
    const { session } = await client.feed.session({ outputs: [] })
    const gone = new AbortController()
    const page = client.feed.page({ session, lane: 'urgent', after: 0, waitSeconds: 30, signal: gone.signal })
    await kit.clock.sleeping(30_000)
    gone.abort()
    await expect(page).rejects.toMatchObject({ code: 'UNREACHABLE' })
    await waitEnds(kit)
    await client.close()
  })

  test('stopping ends the waits and the connections at once', async () => {
    const { kit: running, url } = await listen(tls(false))
    const client = createClient({ url, token: TOKENS.north, ca: authority.cert })
    const { session } = await client.feed.session({ outputs: [] })
    const waits = (['urgent', 'bulk'] as const).map((lane) =>
      client.feed.page({ session, lane, after: 0, waitSeconds: 30 }).catch((error) => error.code),
    )
    await running.clock.sleeping(30_000, 2)
    await running.api.close()
    for (const wait of await Promise.all(waits)) expect([undefined, 'UNREACHABLE']).toContain(wait)
    expect(running.clock.sleepers).toBe(0)
    await client.close()
  })

  test('stopping does not wait for a connection that never began its handshake', async () => {
    const { kit: running, url } = await listen(tls(false))
    const silent = connect(Number(new URL(url).port), '127.0.0.1')
    await Promise.all([once(running.api.server, 'connection'), once(silent, 'connect')])
    const closed = once(silent, 'close')
    await running.api.close()
    await closed
  }, 5000)

  test('people read through it too, refusals included', async () => {
    const { kit, url } = await listen(tls(false))
    await ship(kit, alertOf('a1'))
    const client = createClient({ url, token: TOKENS.reader, ca: authority.cert })
    expect((await client.alert('a1')).weir.alert.id).toBe('a1')
    await expect(client.alert('none')).rejects.toMatchObject({ code: 'NOT_FOUND', status: 404 })
    for await (const page of client.alerts({ severity: 'high' })) expect(page.items).toHaveLength(1)
    for await (const line of client.evidence('a1')) expect(line.eventId).toBe('a1-e1')
    await client.close()
  })

  test('with an authority configured, a client without its certificate does not even get to health', async () => {
    const { url } = await listen(tls(true))
    const bare = createClient({ url, token: TOKENS.reader, ca: authority.cert })
    await expect(bare.health()).rejects.toMatchObject({ code: 'UNREACHABLE' })
    const stranger = newAuthority('stranger').issue('client')
    const wrong = createClient({ url, token: TOKENS.reader, ca: authority.cert, ...stranger })
    await expect(wrong.health()).rejects.toMatchObject({ code: 'UNREACHABLE' })
    const known = createClient({
      url,
      token: TOKENS.reader,
      ca: authority.cert,
      ...authority.issue('client'),
    })
    expect((await known.health()).status).toBe('ok')
    for (const client of [bare, wrong, known]) await client.close()
  })

  /** The last sleeper leaves when the server has seen the connection close. */
  async function waitEnds(kit: Kit): Promise<void> {
    while (kit.clock.sleepers > 0) await new Promise((resolve) => setImmediate(resolve))
  }
})

describe('over HTTP/2, which forwarders speak', () => {
  async function session(changes: Partial<ApiContext> = {}) {
    const { kit, url } = await listen({ ...tls(false), ...changes })
    const http2 = connectHttp2(url, { ca: authority.cert, servername: 'localhost' })
    const { session } = await openSession(kit)
    const headers = { authorization: `Bearer ${TOKENS.north}`, [SESSION_HEADER]: session }
    const ask = (path: string, more: OutgoingHttpHeaders = {}) =>
      http2.request({ ...headers, ':path': path, ...more })
    return { kit, http2, ask }
  }

  test('two waits and the marks are streams of one connection, without headers that nobody needs', async () => {
    const { kit, http2, ask } = await session()
    const waits = ['urgent', 'bulk'].map((lane) => once(ask(`/v1/feed/${lane}?after=0&wait=30s`), 'response'))
    await kit.clock.sleeping(30_000, 2)
    const marks = ask('/v1/feed/marks', { ':method': 'POST', 'content-type': 'application/json' })
    marks.end('{}')
    expect(Object.keys((await once(marks, 'response'))[0])).toEqual([':status'])
    kit.clock.advance(30_000)
    for (const [head] of await Promise.all(waits)) expect(Object.entries(head)).toEqual([[':status', 204]])
    http2.destroy()
  })

  test('a stream that is given up ends its wait, and no other', async () => {
    const { kit, http2, ask } = await session()
    const [urgent, bulk] = [
      ask('/v1/feed/urgent?after=0&wait=30s'),
      ask('/v1/feed/bulk?after=0&wait=30s'),
    ] as const
    await kit.clock.sleeping(30_000, 2)
    urgent.close()
    await vi.waitFor(() => expect(kit.clock.sleepers).toBe(1))
    kit.clock.advance(30_000)
    expect((await once(bulk, 'response'))[0][':status']).toBe(204)
    http2.destroy()
  })

  test('who listens on every address is reached by IPv6 and by IPv4', async () => {
    kit = openKit(tls(false))
    const url = new URL(await kit.api.listen({ host: '::', port: 0 }))
    for (const host of ['[::1]', '127.0.0.1', 'localhost']) {
      const client = createClient({ url: `https://${host}:${url.port}`, ca: authority.cert })
      expect((await client.health()).status).toBe('ok')
      await client.close()
    }
  })

  test('refusals have their shape, a body that is too large included', async () => {
    const { http2, ask } = await session()
    const large = ask('/v1/feed/marks', { ':method': 'POST', 'content-type': 'application/json' })
    large.end(Buffer.alloc(1_100_000, 'x'))
    expect((await once(large, 'response'))[0][':status']).toBe(413)
    const bare = ask('/v1/alerts', { authorization: 'Bearer wrong' })
    const parts = await bare.toArray()
    expect(problem.parse(JSON.parse(Buffer.concat(parts).toString())).error.code).toBe('NO_TOKEN')
    http2.destroy()
  })

  test('stopping ends waits and connection at once', async () => {
    const { kit: running, http2, ask } = await session()
    const wait = ask('/v1/feed/urgent?after=0&wait=30s')
    wait.on('error', () => undefined)
    http2.on('error', () => undefined)
    await running.clock.sleeping(30_000)
    const closed = once(http2, 'close')
    await running.api.close()
    await closed
    expect(running.clock.sleepers).toBe(0)
  })

  test('what is no HTTP is refused inside TLS as well', async () => {
    const { url } = await listen(tls(false))
    const socket = connectTls({
      port: Number(new URL(url).port),
      ca: authority.cert,
      servername: 'localhost',
    })
    socket.write('HELO aggregator\r\n\r\n')
    expect(Buffer.concat(await socket.toArray()).toString()).toContain('HTTP/1.1 400 Bad Request')
  })
})

describe('what crosses the link', () => {
  test('a response of the feed has no header that HTTP can do without, and every byte is counted', async () => {
    const { kit, url } = await listen()
    await ship(kit, ...Array.from({ length: 40 }, (_, n) => alertOf(`a${n}`)))
    const { session } = await openSession(kit)
    const ask = (query: string): string =>
      [
        `GET /v1/feed/${query} HTTP/1.1`,
        'host: aggregator',
        `authorization: Bearer ${TOKENS.north}`,
        `${SESSION_HEADER}: ${session}`,
        'accept-encoding: zstd',
        '\r\n',
      ].join('\r\n')
    const requests = [ask('urgent?after=0'), ask('urgent?after=40')]
    const { received, heads } = await exchange(url, requests)
    expect(heads).toEqual([
      [
        'HTTP/1.1 200 OK',
        'content-encoding: zstd',
        expect.stringMatching(/^content-length: \d+$/),
        'content-type: application/x-ndjson',
      ],
      ['HTTP/1.1 204 No Content'],
    ])
    const [day] = await linkDays(kit)
    expect(day).toMatchObject({ caller: 'north', forwarder: true, sent: received, breaks: 0 })
    expect(day!.received).toBe(requests.join('').length)
    expect(day!.feedBytes).toBeGreaterThan(20_000)
    expect(day!.feedPackedBytes).toBeLessThan(received)
    expect(day!.feedPackedBytes).toBeGreaterThan(received - 200)
  })

  test('over TLS the handshake counts to whose token came over it, and to nobody where none came', async () => {
    const { kit, url } = await listen(tls(false))
    const { port } = new URL(url)
    const wire = { in: 0, out: 0 }
    const meter = createServer((socket) => {
      const beyond = connect(Number(port), '127.0.0.1')
      socket.on('data', (data) => (wire.in += data.length)).pipe(beyond)
      beyond.on('data', (data) => (wire.out += data.length)).pipe(socket)
      socket.on('error', () => beyond.destroy())
    }).listen(0, '127.0.0.1')
    await once(meter, 'listening')
    const client = createClient({
      url: `https://127.0.0.1:${(meter.address() as AddressInfo).port}`,
      token: TOKENS.north,
      ca: authority.cert,
    })
    const { session } = await client.feed.session({ outputs: [] })
    await client.feed.marks(session, { linkDays: [{ day: DAY, sent: 11, received: 22 }] })
    const [day] = await linkDays(kit)
    expect(day).toMatchObject({ received: wire.in, sent: wire.out, own: { received: 11, sent: 22 } })
    expect(wire.out).toBeGreaterThan(1000)

    const stranger = connect(Number(port), '127.0.0.1')
    stranger.end('no handshake')
    await once(stranger.resume(), 'close')
    await vi.waitFor(async () => {
      const nobody = (await linkDays(kit)).find(({ caller }) => caller === '')
      expect(nobody).toMatchObject({ received: 12, forwarder: false })
    })
    await client.close()
    meter.close()
  })

  test('what people fetch through the link counts under the name of their token, evidence by itself', async () => {
    const { kit, url } = await listen()
    await ship(kit, alertOf('a1'))
    await commit(kit, { members: [memberOf('a1', 1), memberOf('a1', 2)] })
    const client = createClient({ url, token: TOKENS.reader })
    for await (const line of client.evidence('a1')) expect(line.eventId).toMatch(/^e/)
    await client.close()
    await vi.waitFor(async () => {
      const [day] = await linkDays(kit)
      expect(day).toMatchObject({ caller: 'reader', forwarder: false, feedBytes: 0 })
      expect(day!.evidenceBytes).toBeGreaterThan(80)
      expect(day!.sent).toBeGreaterThan(day!.evidenceBytes)
      const [audited] = await kit.store.evidenceBytes(0, kit.clock.now() + 1)
      expect(day!.evidenceBytes).toBe(audited!.sentBytes)
    })
    expect((await get(kit, '/metrics')).body).toMatch(/weir_evidence_bytes_total{caller="reader"} \d/)
    expect((await get(kit, '/metrics')).body).toMatch(
      /weir_link_bytes_total{forwarder="reader",direction="sent"} \d/,
    )
  })

  test('counts are in the store at the latest five seconds after they were made, and when it stops', async () => {
    const { kit: running, url } = await listen()
    const ask = async () => (await fetch(`${url}/v1/rules`, { headers: bearer(TOKENS.reader) })).text()
    const stored = async () => (await running.store.linkDays(DAY, DAY))[0]?.sent
    await ask()
    await vi.waitFor(async () => expect(await stored()).toBeGreaterThan(0))
    const first = await stored()
    await ask()
    expect(await stored()).toBe(first)
    running.clock.advance(5000)
    await ask()
    await vi.waitFor(async () => expect(await stored()).toBe(3 * first!))
    await ask()
    await running.api.close()
    expect(await stored()).toBe(4 * first!)
  })

  test('a day ends at midnight of UTC, also for a connection that goes on', async () => {
    const { kit, url } = await listen()
    const ask = async () => (await fetch(`${url}/v1/rules`, { headers: bearer(TOKENS.reader) })).text()
    await ask()
    await vi.waitFor(async () => expect(await linkDays(kit)).toHaveLength(1))
    kit.clock.advance(Date.parse('2026-03-02T00:00:00Z') - kit.clock.now())
    await ask()
    await vi.waitFor(async () => {
      const { linkDays, link } = (await get(kit, '/v1/ledger?from=2026-03-01')).json()
      expect(linkDays.map(({ day }: { day: string }) => day)).toEqual(['2026-03-01', '2026-03-02'])
      expect(linkDays[0].sent).toBe(linkDays[1].sent)
      const sums = linkDays.map((each: { sent: number; received: number }) => each.sent + each.received)
      expect(link.bytes).toBe(sums[0] + sums[1])
    })
  })

  test('a store that cannot write is told the next time, and nothing is counted twice', async () => {
    const { kit, url } = await listen()
    const ask = async () => (await fetch(`${url}/v1/rules`, { headers: bearer(TOKENS.reader) })).text()
    const add = vi.spyOn(kit.store, 'addLink').mockRejectedValueOnce(new Error('disk full'))
    await ask()
    await vi.waitFor(() => expect(kit.log()).toContain('link_mark_failed'))
    const [once] = await linkDays(kit)
    kit.clock.advance(5000)
    await ask()
    await vi.waitFor(() => expect(add).toHaveBeenCalledTimes(2))
    expect((await kit.store.linkDays(DAY, DAY))[0]!.sent).toBe(2 * once!.sent)
    expect((await linkDays(kit))[0]!.sent).toBe(2 * once!.sent)
  })

  test('what is no HTTP is refused in the shape of every refusal', async () => {
    const { url } = await listen()
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write('HELO aggregator\r\n\r\n')
    const parts = await socket.toArray()
    const [head = '', body = ''] = Buffer.concat(parts).toString().split('\r\n\r\n')
    expect(head).toContain('HTTP/1.1 400 Bad Request')
    expect(problem.parse(JSON.parse(body)).error.code).toBe('BAD_REQUEST')
  })

  async function linkDays(kit: Kit) {
    return ledgerReply.parse((await get(kit, '/v1/ledger')).json()).linkDays
  }

  /** Sends requests one after the other on one connection; the bytes that came back, and each reply's head. */
  async function exchange(url: string, requests: readonly string[]) {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    let received = 0
    const heads: string[][] = []
    for (const request of requests) {
      socket.write(request)
      let reply = Buffer.alloc(0)
      do reply = Buffer.concat([reply, (await once(socket, 'data'))[0] as Buffer])
      while (!whole(reply))
      received += reply.length
      const [first = '', ...headers] = headOf(reply).split('\r\n')
      heads.push([first, ...headers.sort()])
    }
    socket.destroy()
    return { received, heads }
  }

  function headOf(reply: Buffer): string {
    return reply.toString('latin1').split('\r\n\r\n', 1)[0] ?? ''
  }

  function whole(reply: Buffer): boolean {
    const end = reply.indexOf('\r\n\r\n')
    const body = Number(/content-length: (\d+)/.exec(headOf(reply))?.[1] ?? 0)
    return end !== -1 && reply.length >= end + 4 + body
  }
})
