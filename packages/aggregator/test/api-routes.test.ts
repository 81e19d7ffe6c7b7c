import { createHash } from 'node:crypto'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import {
  alertsReply,
  alertV1,
  evidenceLine,
  healthReply,
  ledgerReply,
  problem,
  quarantineReply,
  rulesReply,
  sourcesReply,
} from '@weir/contract'
import { WeirError } from '@weir/runtime'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { codingOf } from '../src/api/compress.ts'
import { API_LIMITS } from '../src/api/context.ts'
import {
  alertOf,
  bearer,
  commit,
  get,
  type Kit,
  memberOf,
  openKit,
  openSession,
  post,
  pull,
  START,
  ship,
  TOKENS,
} from './api-kit.ts'

let kit: Kit
beforeEach(() => {
  kit = openKit()
})
afterEach(() => kit.close())

/** Every route, a URL that reaches it, and the roles that may call it. */
const ROUTES = [
  ['GET', '/v1/alerts', ['reader', 'admin']],
  ['GET', '/v1/alerts/a1', ['reader', 'admin']],
  ['GET', '/v1/alerts/a1/evidence', ['reader', 'admin']],
  ['GET', '/v1/alerts/a1/evidence/size', ['reader', 'admin']],
  ['GET', '/v1/audit', ['admin']],
  ['GET', '/v1/quarantine', ['reader', 'admin']],
  ['GET', '/v1/canaries', ['reader', 'admin']],
  ['GET', '/v1/rules', ['reader', 'admin']],
  ['GET', '/v1/sources', ['reader', 'admin']],
  ['GET', '/v1/ledger', ['reader', 'admin']],
  ['GET', '/metrics', ['reader', 'admin']],
  ['GET', '/openapi.json', ['reader', 'admin']],
  ['GET', '/v1/me', ['reader', 'admin', 'north']],
  ['POST', '/v1/records', ['admin']],
  ['POST', '/v1/feed/session', ['north']],
  ['GET', '/v1/feed/urgent?after=0', ['north']],
  ['POST', '/v1/feed/marks', ['north']],
] as const

describe('who is let in', () => {
  test('health needs no token', async () => {
    const reply = await kit.api.inject('/v1/health')
    expect(reply.statusCode).toBe(200)
    expect(healthReply.parse(reply.json())).toMatchObject({ status: 'ok', version: '1.2.3' })
  })

  test.each(ROUTES)('%s %s refuses without a token and with an unknown one', async (method, url) => {
    for (const headers of [{}, bearer('no-such'), { authorization: 'Basic cmVhZC0xOg==' }]) {
      const reply = await kit.api.inject({ method, url, headers })
      expect(reply.statusCode).toBe(401)
      expect(reply.headers['www-authenticate']).toBe('Bearer')
      expect(problem.parse(reply.json()).error.code).toBe('NO_TOKEN')
    }
  })

  test.each(ROUTES)('%s %s takes its roles and refuses the others', async (method, url, roles) => {
    await ship(kit, alertOf('a1'))
    for (const who of ['reader', 'admin', 'north'] as const) {
      const payload =
        method === 'POST'
          ? { payload: { outputs: [], records: [{ dataset: 'generic', bytes: 'e30=' }] } }
          : {}
      const reply = await kit.api.inject({ method, url, headers: bearer(TOKENS[who]), ...payload })
      const code = reply.statusCode >= 400 ? problem.parse(reply.json()).error.code : undefined
      if ((roles as readonly string[]).includes(who)) expect([undefined, 'NO_SESSION']).toContain(code)
      else expect([reply.statusCode, code]).toEqual([403, 'WRONG_ROLE'])
    }
  })

  test('a forwarder whose name is not registered is told so', async () => {
    const reply = await post(kit, '/v1/feed/session', { outputs: [] }, TOKENS.stray)
    expect(reply.statusCode).toBe(403)
    expect(reply.json().error.message).toContain('no forwarder "stray" is registered')
  })

  test('more requests than allowed in a minute are refused, for that token alone', async () => {
    await kit.close()
    kit = openKit({ limits: { ...API_LIMITS, requestsPerMinuteMax: 2 } })
    const statuses = []
    for (let n = 0; n < 3; n++) statuses.push((await get(kit, '/v1/rules')).statusCode)
    expect(statuses).toEqual([200, 200, 429])
    expect((await get(kit, '/v1/rules', TOKENS.admin)).statusCode).toBe(200)
    kit.clock.advance(20_000)
    const refused = await get(kit, '/v1/rules')
    expect([refused.json().error.code, refused.headers['retry-after']]).toEqual(['TOO_MANY', '40'])
    kit.clock.advance(40_000)
    expect((await get(kit, '/v1/rules')).statusCode).toBe(200)
  })
})

describe('what is refused, and how', () => {
  test.each([
    ['/v1/alerts?limit=0', 'query limit: '],
    ['/v1/alerts?limit=ten', 'query limit: '],
    ['/v1/alerts?severity=high,grave', 'query severity.1: '],
    ['/v1/alerts?from=yesterday', 'query from: '],
    ['/v1/alerts?kind=odd', 'query kind: '],
    ['/v1/alerts?severty=high', 'severty'],
    ['/v1/quarantine?limit=1001', 'query limit: '],
    ['/v1/quarantine?source=hub', 'source'],
  ])('%s names the place', async (url, place) => {
    const reply = await get(kit, url)
    expect(reply.statusCode).toBe(400)
    const { code, message } = problem.parse(reply.json()).error
    expect(code).toBe('BAD_REQUEST')
    expect(message).toContain(place)
    expect(message).toContain('/openapi.json')
  })

  test.each([
    ['urgent', 'query after: '],
    ['urgent?after=-1', 'query after: '],
    ['urgent?after=0&wait=30', 'query wait: '],
    ['middle?after=0', 'params lane: '],
  ])('the feed at %s names the place', async (query, place) => {
    const reply = await pull(kit, 'any', query)
    expect(reply.statusCode).toBe(400)
    expect(reply.json().error.message).toContain(place)
  })

  test('every mistake of a body is named at once', async () => {
    const lanes = { urgent: { seq: 'x', chain: 'c' }, bulk: { seq: 1 } }
    const reply = await post(kit, '/v1/feed/session', { epoch: 'e', lanes, outputs: [] }, TOKENS.north)
    expect(reply.json().error.message).toContain('body lanes.urgent.seq: ')
    expect(reply.json().error.message).toContain('body lanes.bulk.chain: ')
  })

  test.each([
    ['GET', '/v1/alerts/none', 404, 'NOT_FOUND'],
    ['GET', '/v1/alerts/none/evidence', 404, 'NOT_FOUND'],
    ['GET', '/v1/nothing', 404, 'NOT_FOUND'],
    ['DELETE', '/v1/alerts', 404, 'NOT_FOUND'],
    ['GET', '/v1/alerts/%zz', 400, 'BAD_REQUEST'],
  ] as const)('%s %s: %i %s', async (method, url, status, code) => {
    const reply = await kit.api.inject({ method, url, headers: bearer(TOKENS.reader) })
    expect(reply.statusCode).toBe(status)
    expect(problem.parse(reply.json()).error.code).toBe(code)
  })

  test.each([
    ['no JSON', 'application/json', '{', 400, 'BAD_REQUEST'],
    ['another type', 'text/csv', 'a,b', 400, 'BAD_REQUEST'],
    ['too large', 'application/json', `"${'x'.repeat(API_LIMITS.bodyBytesMax)}"`, 413, 'TOO_LARGE'],
  ])('a body that is %s', async (_what, type, payload, status, code) => {
    const headers = { ...bearer(TOKENS.north), 'content-type': type }
    const reply = await kit.api.inject({ method: 'POST', url: '/v1/feed/session', headers, payload })
    expect(reply.statusCode).toBe(status)
    expect(problem.parse(reply.json()).error.code).toBe(code)
  })

  test('a failure of ours says nothing of its cause, which is in the log; no token is', async () => {
    const broken = { ...kit.store, books: () => Promise.reject(new Error('disk I/O error at page 7')) }
    const other = openKit({ store: broken })
    const reply = await get(other, '/v1/sources')
    expect(reply.statusCode).toBe(500)
    expect(problem.parse(reply.json()).error.code).toBe('INTERNAL')
    expect(reply.body).not.toContain('page 7')
    expect(other.log()).toContain('disk I/O error at page 7')
    expect(other.log()).not.toContain(TOKENS.reader)
    await other.close()
  })
})

describe('alerts', () => {
  test('by id and by filters', async () => {
    await ship(
      kit,
      alertOf('a1', { user: 'ada' }),
      alertOf('a2', { severity: 'low', rule: 'aws.root', user: 'eve', at: START + 60_000 }),
      alertOf('a3', { severity: 'critical', user: 'eve', at: START + 120_000 }),
    )
    const found = async (query: string): Promise<string[]> => {
      const reply = await get(kit, `/v1/alerts?${query}`)
      return alertsReply.parse(reply.json()).items.map((each) => each.weir.alert.id)
    }
    expect(await found('')).toEqual(['a3', 'a2', 'a1'])
    expect(await found('severity=low,critical')).toEqual(['a3', 'a2'])
    expect(await found('entity=eve&rule=aws.root')).toEqual(['a2'])
    expect(await found('from=2026-03-01T13:01:00%2B01:00')).toEqual(['a3', 'a2'])
    expect(await found('to=2026-03-01T12:00:59Z')).toEqual(['a1'])
    expect(await found('kind=health')).toEqual([])
    const one = await get(kit, '/v1/alerts/a2')
    expect(alertV1.parse(one.json())).toEqual(await kit.store.alert('a2'))
  })

  test('paging gives each once while new ones arrive', async () => {
    const ids = Array.from({ length: 25 }, (_, n) => `a${n}`)
    await ship(kit, ...ids.map((id) => alertOf(id)))
    const seen: string[] = []
    for (let after: string | undefined, page = 0; ; page++) {
      const cursor = after === undefined ? '' : `&after=${after}`
      const reply = alertsReply.parse((await get(kit, `/v1/alerts?limit=10${cursor}`)).json())
      seen.push(...reply.items.map((each) => each.weir.alert.id))
      await ship(kit, alertOf(`new${page}`))
      if (reply.next === undefined) break
      after = reply.next
    }
    expect(seen).toEqual(ids.reverse())
  })

  test.each(['x', '1e9', '-1', '12.5'])('a page after %j is refused: no page gave that', async (after) => {
    const reply = await get(kit, `/v1/alerts?after=${after}`)
    expect(reply.statusCode).toBe(400)
    expect(problem.parse(reply.json()).error).toEqual({
      code: 'BAD_REQUEST',
      message: expect.stringContaining(`"${after}" is no place to continue at`),
    })
  })
})

describe('evidence', () => {
  const lines = (body: string) =>
    body
      .trimEnd()
      .split('\n')
      .map((line) => evidenceLine.parse(JSON.parse(line)))

  async function withMembers(count: number): Promise<void> {
    const bytes = Buffer.from('{"record": 1}')
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const { match } = memberOf('a1', 1)
    const kept = { identity: 'i1', eventId: 'e1', dataset: match.dataset, position: match.position }
    const members = Array.from({ length: count }, (_, n) => memberOf('a1', n + 1))
    await commit(kit, { members, evidence: [{ ...kept, bytes, sha256 }] })
    await ship(kit, alertOf('a1'))
  }

  test('the kept record first, then every other member once, across pages', async () => {
    await withMembers(1203)
    const all = lines((await get(kit, '/v1/alerts/a1/evidence')).body)
    expect(Buffer.from(all[0]!.bytes!, 'base64').toString()).toBe('{"record": 1}')
    expect(createHash('sha256').update(Buffer.from(all[0]!.bytes!, 'base64')).digest('hex')).toBe(
      all[0]!.sha256,
    )
    expect(all.slice(0, 1203).map((each) => each.eventId)).toEqual(
      Array.from({ length: 1203 }, (_, n) => `e${n + 1}`),
    )
    expect(all.slice(1).filter((each) => each.bytes !== undefined)).toEqual([])
    expect(all).toHaveLength(1203)
  })

  test('what was not kept is fetched again where it still is', async () => {
    await kit.close()
    kit = openKit(
      {},
      {
        refetch: () => async (members) =>
          members.map(({ match }) =>
            match.eventId === 'e3' ? { absent: 'retention' } : { bytes: Buffer.from(match.eventId) },
          ),
      },
    )
    await withMembers(3)
    const all = lines((await get(kit, '/v1/alerts/a1/evidence')).body)
    const texts = all.map((each) => each.bytes && Buffer.from(each.bytes, 'base64').toString())
    expect(texts).toEqual(['{"record": 1}', 'e2', undefined])
    expect(all.map(({ absent }) => absent)).toEqual([undefined, undefined, 'retention'])
  })

  test.each([
    ['zstd', zstdDecompressSync],
    ['gzip', gunzipSync],
  ] as const)('crosses the link as %s', async (coding, unpack) => {
    await withMembers(300)
    const plain = await get(kit, '/v1/alerts/a1/evidence')
    const packed = await get(kit, '/v1/alerts/a1/evidence', TOKENS.reader, { 'accept-encoding': coding })
    expect(packed.headers['content-encoding']).toBe(coding)
    expect(unpack(packed.rawPayload).toString()).toBe(plain.body)
    expect(packed.rawPayload.length).toBeLessThan(plain.rawPayload.length / 5)
  })

  test.each([
    ['zstd, gzip', 'zstd'],
    ['gzip, deflate, br', 'gzip'],
    ['gzip;q=0.5, zstd;q=0', 'gzip'],
    ['ZSTD', 'zstd'],
    ['br', 'identity'],
    [undefined, 'identity'],
  ])('Accept-Encoding %s means %s', (header, coding) => {
    expect(codingOf(header)).toBe(coding)
  })
})

describe('quarantine', () => {
  const partOf = (n: number, bytes: Uint8Array) => ({
    position: { source: 'hub', partition: 'signin/0', at: String(n), index: 2 },
    reason: `no JSON at ${n}`,
    bytes,
  })
  const page = async (query: string) =>
    quarantineReply.parse((await get(kit, `/v1/quarantine?${query}`)).json())

  test('is empty until something is in it', async () => {
    expect(await page('')).toEqual({ items: [] })
  })

  test('gives every byte, newest first, in pages', async () => {
    const odd = Uint8Array.from({ length: 256 }, (_, n) => n)
    await commit(kit, { quarantine: [1, 2, 3, 4, 5].map((n) => partOf(n, odd)) })
    const first = await page('limit=2')
    expect(first.items[0]).toEqual({ ...partOf(5, odd), bytes: Buffer.from(odd).toString('base64') })
    const second = await page(`limit=2&after=${first.next}`)
    const third = await page(`limit=2&after=${second.next}`)
    const places = [first, second, third].map(({ items }) => items.map((each) => each.position.at))
    expect(places).toEqual([['5', '4'], ['3', '2'], ['1']])
    expect(third.next).toBeUndefined()
  })

  test('a page of large records ends early, and the next one goes on', async () => {
    const large = new Uint8Array(9 * 1024 * 1024)
    await commit(kit, { quarantine: [1, 2, 3].map((n) => partOf(n, large)) })
    const first = await page('')
    expect(first.items.map((each) => each.position.at)).toEqual(['3', '2'])
    const second = await page(`after=${first.next}`)
    expect(second.items.map((each) => each.position.at)).toEqual(['1'])
    expect(second.next).toBeUndefined()
  })

  test('a page after what no page gave is refused', async () => {
    const reply = await get(kit, '/v1/quarantine?after=x')
    expect([reply.statusCode, reply.json().error.code]).toEqual([400, 'BAD_REQUEST'])
  })
})

describe('records that were missed', () => {
  const record = (n: number, dataset = 'azure.signinlogs') => ({
    dataset,
    bytes: Buffer.from(`{"n":${n}}`).toString('base64'),
  })
  const send = (payload: object) => post(kit, '/v1/records', payload, TOKENS.admin)

  test('go in by dataset, under a key that is the same for the same records, and are answered after that', async () => {
    await kit.close()
    const taken: { bytes: Uint8Array; dataset: string; key: string }[] = []
    kit = openKit({ take: async (push) => void taken.push(push) })
    const records = [record(1), record(2, 'generic'), record(3)]
    for (let times = 0; times < 2; times++) {
      const reply = await send({ records })
      expect([reply.statusCode, reply.json()]).toEqual([200, { records: 3 }])
    }
    expect(taken.slice(0, 2).map(({ dataset, bytes }) => [dataset, Buffer.from(bytes).toString()])).toEqual([
      ['azure.signinlogs', '{"n":1}\n{"n":3}\n'],
      ['generic', '{"n":2}\n'],
    ])
    expect(taken.slice(2).map(({ key }) => key)).toEqual(taken.slice(0, 2).map(({ key }) => key))
    expect(new Set(taken.map(({ key }) => key)).size).toBe(2)
  })

  test.each([
    [{ records: [] }],
    [{ records: [{ ...record(1), bytes: 'no base64!' }] }],
    [{ records: [record(1), record(2, 'azure.nothing')] }],
  ])('%j is refused whole', async (payload) => {
    await kit.close()
    const taken: unknown[] = []
    kit = openKit({ take: async (push) => void taken.push(push) })
    expect((await send(payload)).statusCode).toBe(400)
    expect(taken).toEqual([])
  })

  test('that could not be committed are not answered as taken', async () => {
    await kit.close()
    kit = openKit({ take: () => Promise.reject(new Error('it stopped')) })
    expect((await send({ records: [record(1)] })).statusCode).toBe(500)
  })

  test('while the line does not run are to be sent again later', async () => {
    await kit.close()
    kit = openKit({ take: () => Promise.reject(new WeirError('SOURCE_UNREACHABLE', 'it does not run')) })
    const reply = await send({ records: [record(1)] })
    expect([reply.statusCode, reply.json().error.code, reply.headers['retry-after']]).toEqual([
      503,
      'NOT_RUNNING',
      '5',
    ])
  })
})

describe('sources, rules, ledger, health, metrics', () => {
  const books = {
    source: 'hub',
    read: 10,
    normalized: 7,
    duplicates: 1,
    dropped: 1,
    droppedBy: { quiet: 1 },
    quarantined: 1,
    events: 9,
    rawBytes: 1234,
  }

  test('sources join books, clocks and live states', async () => {
    await kit.close()
    const now = START
    kit = openKit(
      {},
      {
        partitions: () => [
          { kind: 'state', source: 'hub', partition: '0', state: 'lagging', behind: 42, now },
          { kind: 'state', source: 'blob', partition: 'logs', state: 'cut-off', reason: 'no route', now },
        ],
      },
    )
    const clocks = ['0', '1'].map((partition) => ({
      source: 'hub',
      partition,
      clock: START,
      datasets: ['azure.signinlogs'],
    }))
    await commit(kit, { books: [books], clocks })
    const { sources } = sourcesReply.parse((await get(kit, '/v1/sources')).json())
    expect(sources.map((each) => each.name)).toEqual(['blob', 'hub'])
    expect(sources[0]).toMatchObject({ read: 0, partitions: [{ state: 'cut-off', reason: 'no route' }] })
    expect(sources[1]).toMatchObject({ read: 10, normalized: 7, lastCommit: '2026-03-01T12:00:00.000Z' })
    expect(sources[1]!.partitions).toEqual([
      {
        partition: '0',
        state: 'lagging',
        behind: 42,
        clock: '2026-03-01T12:00:00.000Z',
        datasets: ['azure.signinlogs'],
      },
      {
        partition: '1',
        state: 'unknown',
        clock: '2026-03-01T12:00:00.000Z',
        datasets: ['azure.signinlogs'],
      },
    ])
  })

  test('the ledger counts in, per rule, and out; a registered forwarder that never came is there', async () => {
    await commit(kit, {
      books: [books],
      ruleCounts: [{ rule: 'entra.spray', matches: 5, errors: 1, skipped: 2 }],
      alerts: [
        { alert: alertOf('held back'), severity: 'high', kind: 'detection', ship: false, once: false },
      ],
    })
    await ship(kit, alertOf('a1'))
    const { session } = await openSession(kit)
    await pull(kit, session, 'urgent?after=0')
    const ledger = ledgerReply.parse((await get(kit, '/v1/ledger')).json())
    expect(ledger).toMatchObject({ rawBytes: 1234, records: 10 })
    expect(ledger.rules).toMatchObject([
      { rule: 'entra.spray', matches: 5, alerts: 1, revisions: 1, shadowAlerts: 1, shadowRevisions: 1 },
    ])
    expect(ledger.rules[0]!.shadowBytes).toBeGreaterThan(200)
    expect(ledger.forwarders.map((each) => each.name)).toEqual(['north', 'south'])
    expect(ledger.forwarders[0]).toMatchObject({
      lanes: { urgent: { head: 1, spooled: 0 }, bulk: { head: 0 } },
      delivered: { siem: { urgent: 0, bulk: 0 } },
    })
    expect(ledger.linkDays[0]!.feedBytes).toBeGreaterThan(900)
  })

  test('rules are as the line says', async () => {
    expect(rulesReply.parse((await get(kit, '/v1/rules')).json()).hash).toBe('h1')
  })

  test('health is degraded while a condition is raised', async () => {
    await kit.close()
    const raised = [{ code: 'source-silent', subject: 'hub', since: '2026-03-01T12:00:00.000Z' }]
    kit = openKit({}, { raised: () => raised })
    kit.clock.advance(90_500)
    const health = healthReply.parse((await kit.api.inject('/v1/health')).json())
    expect(health).toMatchObject({ status: 'degraded', raised, uptimeSeconds: 90 })
  })

  test('metrics are in the text format and count the calls', async () => {
    await ship(kit, alertOf('a1'))
    await get(kit, '/v1/alerts/none')
    const reply = await get(kit, '/metrics')
    expect(reply.headers['content-type']).toContain('text/plain')
    expect(reply.body).toContain('weir_api_requests_total{route="/v1/alerts/:id",status="404"} 1')
    expect(reply.body).toContain('weir_feed_head{lane="urgent"} 1')
  })

  test('an output that a forwarder has no longer is gone from the metrics', async () => {
    const delivered = async (): Promise<string[]> =>
      (await get(kit, '/metrics')).body.split('\n').filter((line) => line.startsWith('weir_feed_delivered{'))
    const lineFor = (output: string, lane: string, seq: number) =>
      `weir_feed_delivered{forwarder="north",output="${output}",lane="${lane}"} ${seq}`
    await ship(kit, alertOf('a1'))
    await openSession(kit, TOKENS.north, { outputs: ['siem', 'file'] })
    expect((await delivered()).sort()).toEqual([
      lineFor('file', 'bulk', 0),
      lineFor('file', 'urgent', 0),
      lineFor('siem', 'bulk', 0),
      lineFor('siem', 'urgent', 0),
    ])
    await openSession(kit, TOKENS.north, { outputs: ['siem'] })
    expect((await delivered()).sort()).toEqual([lineFor('siem', 'bulk', 0), lineFor('siem', 'urgent', 0)])
  })
})
