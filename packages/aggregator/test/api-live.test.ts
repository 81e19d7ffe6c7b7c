import { once } from 'node:events'
import { connect } from 'node:net'
import { createClient, ledgerReply, problem, SESSION_HEADER } from '@weir/contract'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { ApiContext } from '../src/api/context.ts'
import { alertOf, get, type Kit, openKit, openSession, ship, TOKENS, walk } from './api-kit.ts'
import { type Authority, newAuthority } from './certificate.ts'

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

describe('what crosses the link', () => {
  test('a response of the feed has no header that HTTP can do without, and every byte is counted', async () => {
    const { kit, url } = await listen()
    await ship(kit, ...Array.from({ length: 40 }, (_, n) => alertOf(`a${n}`)))
    const { session } = await openSession(kit)
    const before = await servedBytes(kit)
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
    const sent = requests.join('').length
    expect((await servedBytes(kit)) - before).toBe(sent + received)
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

  async function servedBytes(kit: Kit): Promise<number> {
    return ledgerReply.parse((await get(kit, '/v1/ledger')).json()).feedBytes
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
