import { createHash, randomBytes } from 'node:crypto'
import { connect as connectHttp2, constants } from 'node:http2'
import { connect } from 'node:net'
import { createClient, evidenceLine } from '@weir/contract'
import type { StoredMember } from '@weir/model'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { API_LIMITS, type FetchAgain } from '../src/api/context.ts'
import { alertOf, bearer, commit, get, type Kit, memberOf, openKit, START, ship, TOKENS } from './api-kit.ts'
import { newAuthority } from './certificate.ts'

let kit: Kit
beforeEach(() => {
  kit = openKit()
})
afterEach(() => kit.close())

async function reopen(...how: Parameters<typeof openKit>): Promise<void> {
  await kit.close()
  kit = openKit(...how)
}

function keptOf({ match: { identity, eventId, dataset, position } }: StoredMember, bytes: Buffer) {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { identity, eventId, dataset, position, bytes, sha256 }
}

/** An alert of so many members, of which the first has its record kept. */
async function withMembers(id: string, count: number): Promise<void> {
  const members = Array.from({ length: count }, (_, n) => memberOf(id, n + 1))
  await commit(kit, { members, evidence: [keptOf(members[0]!, Buffer.from('{"record": 1}'))] })
  await ship(kit, alertOf(id))
}

async function linesOf(id: string) {
  const { body } = await get(kit, `/v1/alerts/${id}/evidence`)
  const texts = body.split('\n').filter((line) => line !== '')
  return texts.map((line) => evidenceLine.parse(JSON.parse(line)))
}

const audits = async () => (await get(kit, '/v1/audit', TOKENS.admin)).json().items

describe('which events stand behind an alert', () => {
  test('those of the episodes that are its members', async () => {
    await withMembers('low', 2)
    const link = memberOf('high', 9)
    const chained = { ...link, correlation: 'chain', match: { ...link.match, identity: 'low' } }
    await commit(kit, { members: [chained] })
    await ship(kit, alertOf('high'))
    expect((await linesOf('high')).map(({ eventId }) => eventId)).toEqual(['e1', 'e2'])
    expect((await get(kit, '/v1/alerts/high/evidence/size')).json()).toMatchObject({ members: 2, lacking: 1 })
  })

  test('of one that was merged, those of the alert that it is part of now', async () => {
    await withMembers('heir', 3)
    const merged = alertOf('gone')
    const weir = { alert: { ...merged.weir.alert, status: 'merged', merged_into: 'heir' } } as const
    await ship(kit, { ...merged, weir })
    expect(await linesOf('gone')).toHaveLength(3)
    expect((await get(kit, '/v1/alerts/gone/evidence/size')).json()).toMatchObject({ members: 3 })
  })
})

test('the size is told before anything is fetched, with what is lacking at the mean of the kept', async () => {
  await withMembers('a1', 4)
  const kept = Buffer.byteLength('{"record": 1}')
  expect((await get(kit, '/v1/alerts/a1/evidence/size')).json()).toEqual({
    members: 4,
    records: 1,
    bytes: kept,
    lacking: 3,
    bytesExpected: 4 * kept,
  })
  expect(await audits()).toEqual([])
})

describe('what is fetched again', () => {
  const answering =
    (answer: FetchAgain): (() => FetchAgain) =>
    () =>
      answer

  test('is asked for in ever smaller parts until it fits into memory, and comes in order', async () => {
    const sizes: number[] = []
    const refetch = answering(async (members) => {
      sizes.push(members.length)
      if (members.length > 2) return 'too-much'
      return members.map(({ match }) => ({ bytes: Buffer.from(match.eventId) }))
    })
    await reopen({}, { refetch })
    await withMembers('a1', 8)
    const lines = await linesOf('a1')
    expect(lines.map(({ eventId }) => eventId)).toEqual(Array.from({ length: 8 }, (_, n) => `e${n + 1}`))
    expect(lines.slice(1).map(({ bytes }) => Buffer.from(bytes!, 'base64').toString())).toEqual(
      Array.from({ length: 7 }, (_, n) => `e${n + 2}`),
    )
    expect(sizes).toEqual([7, 4, 2, 2, 3, 2, 1])
  })

  test('without a way to do so, a member says that it cannot be', async () => {
    await withMembers('a1', 2)
    expect((await linesOf('a1')).map(({ absent }) => absent)).toEqual([undefined, 'unsupported'])
  })

  test('is given up when the time of a request is over', async () => {
    let late: AbortSignal | undefined
    const refetch = (signal: AbortSignal): FetchAgain => {
      late = signal
      return async (members) => {
        kit.clock.advance(API_LIMITS.evidenceSecondsMax * 1000)
        await vi.waitFor(() => expect(signal.aborted).toBe(true))
        return members.map(() => ({ absent: 'bound' }))
      }
    }
    await reopen({}, { refetch })
    await withMembers('a1', 2)
    expect((await linesOf('a1')).map(({ absent }) => absent)).toEqual([undefined, 'bound'])
    expect(late?.aborted).toBe(true)
  })
})

describe('the audit', () => {
  test('has who asked, of what, and how much went out', async () => {
    await withMembers('a1', 3)
    const { rawPayload } = await get(kit, '/v1/alerts/a1/evidence')
    await vi.waitFor(async () => expect(await audits()).toMatchObject([{ outcome: 'served' }]))
    expect(await audits()).toEqual([
      {
        at: new Date(START).toISOString(),
        ended: new Date(START).toISOString(),
        caller: 'reader',
        role: 'reader',
        remote: '127.0.0.1',
        alert: 'a1',
        outcome: 'served',
        records: 1,
        recordBytes: 13,
        sentBytes: rawPayload.length,
      },
    ])
    expect(kit.log()).toContain('"happening":"evidence_served"')
    const day = Math.floor(START / 86_400_000)
    expect(await kit.store.evidenceBytes(START, START + 1)).toEqual([
      { caller: 'reader', day, requests: 1, recordBytes: 13, sentBytes: rawPayload.length },
    ])
    expect(await kit.store.evidenceBytes(0, START)).toEqual([])
  })

  test('comes in pages, newest first', async () => {
    for (const id of ['a1', 'a2', 'a3']) {
      await withMembers(id, 1)
      await get(kit, `/v1/alerts/${id}/evidence`)
    }
    const first = (await get(kit, '/v1/audit?limit=2', TOKENS.admin)).json()
    const second = (await get(kit, `/v1/audit?limit=2&after=${first.next}`, TOKENS.admin)).json()
    expect([...first.items, ...second.items].map(({ alert }) => alert)).toEqual(['a3', 'a2', 'a1'])
    expect(second.next).toBeUndefined()
  })

  test('is on disk before the first byte', async () => {
    let seen: unknown[] = []
    const refetch = (): FetchAgain => async (members) => {
      seen = (await kit.store.audits(10)).items.map(({ outcome }) => outcome)
      return members.map(() => ({ absent: 'retention' }))
    }
    await reopen({}, { refetch })
    await withMembers('a1', 2)
    await get(kit, '/v1/alerts/a1/evidence')
    expect(seen).toEqual(['begun'])
  })

  test('does not list who was refused; the log does', async () => {
    await withMembers('a1', 1)
    expect((await get(kit, '/v1/alerts/a1/evidence', TOKENS.north)).statusCode).toBe(403)
    expect(await audits()).toEqual([])
    expect(kit.log()).toContain('"happening":"evidence_refused"')
    expect(kit.log()).toMatch(/"caller":"north","role":"forwarder","remote":"127.0.0.1","alert":"a1"/)
  })
})

describe('over a connection', () => {
  test('a failure amid the lines breaks it off, and the audit says so', async () => {
    const refetch = (): FetchAgain => async () => {
      throw new Error('the disk is gone')
    }
    await reopen({}, { refetch })
    await withMembers('a1', 3)
    const client = createClient({ url: await kit.api.listen({ port: 0 }), token: TOKENS.reader })
    const reading = async (): Promise<void> => {
      for await (const _line of client.evidence('a1'));
    }
    await expect(reading()).rejects.toMatchObject({ code: 'UNREACHABLE' })
    await vi.waitFor(async () => expect(await audits()).toMatchObject([{ outcome: 'failed' }]))
    await client.close()
  })

  test('who goes away ends the fetching, and the audit says so', async () => {
    let waiting: AbortSignal | undefined
    const refetch = (signal: AbortSignal): FetchAgain => {
      waiting = signal
      return () => new Promise(() => undefined)
    }
    await reopen({}, { refetch })
    await withMembers('a1', 3)
    const { port } = new URL(await kit.api.listen({ port: 0 }))
    const socket = connect(Number(port), '127.0.0.1')
    socket.write(
      `GET /v1/alerts/a1/evidence HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${TOKENS.reader}\r\n\r\n`,
    )
    await vi.waitFor(() => expect(waiting).toBeDefined())
    socket.destroy()
    await vi.waitFor(async () => expect(await audits()).toMatchObject([{ outcome: 'broken-off' }]))
    expect(waiting!.aborted).toBe(true)
  })

  test('who resets a request by HTTP/2 ends the fetching as well', async () => {
    const refetch = (): FetchAgain => () => new Promise(() => undefined)
    const authority = newAuthority('test authority')
    await reopen({ tls: authority.issue('server') }, { refetch })
    await withMembers('a1', 3)
    const http2 = connectHttp2(await kit.api.listen({ host: '127.0.0.1', port: 0 }), { ca: authority.cert })
    const asked = http2.request({ ':path': '/v1/alerts/a1/evidence', ...bearer(TOKENS.reader) })
    asked.on('error', () => undefined)
    await vi.waitFor(async () => expect(await audits()).toMatchObject([{ outcome: 'begun' }]))
    asked.close(constants.NGHTTP2_CANCEL)
    await vi.waitFor(async () => expect(await audits()).toMatchObject([{ outcome: 'broken-off' }]))
    http2.destroy()
  })

  test('who takes nothing any more is cut off, so that others have a turn', async () => {
    const refetch = (): FetchAgain => async (members) =>
      members.map(() => ({ bytes: randomBytes(4_000_000) }))
    await reopen({}, { refetch })
    await withMembers('a1', 6)
    const { port } = new URL(await kit.api.listen({ port: 0 }))
    const socket = connect(Number(port), '127.0.0.1').pause()
    socket.write(
      `GET /v1/alerts/a1/evidence HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${TOKENS.reader}\r\n\r\n`,
    )
    await vi.waitFor(async () => expect(await audits()).toMatchObject([{ outcome: 'begun' }]))
    const stalled = async () => {
      kit.clock.advance(2 * API_LIMITS.evidenceSecondsMax * 1000)
      expect(await audits()).toMatchObject([{ outcome: 'broken-off' }])
    }
    await vi.waitFor(stalled, { timeout: 10_000, interval: 200 })
    socket.destroy()
  })

  test('more requests than may be at work at once are refused', async () => {
    const release = Promise.withResolvers<void>()
    const refetch = (): FetchAgain => async (members) => {
      await release.promise
      return members.map(() => ({ absent: 'retention' }))
    }
    await reopen({ limits: { ...API_LIMITS, evidenceRequestsMax: 1 } }, { refetch })
    await withMembers('a1', 3)
    const first = get(kit, '/v1/alerts/a1/evidence')
    await vi.waitFor(async () => expect((await kit.store.audits(10)).items).toHaveLength(1))
    const second = await get(kit, '/v1/alerts/a1/evidence')
    expect([second.statusCode, second.json().error.code, second.headers['retry-after']]).toEqual([
      429,
      'TOO_MANY',
      '10',
    ])
    release.resolve()
    expect((await first).statusCode).toBe(200)
    expect((await get(kit, '/v1/alerts/a1/evidence')).statusCode).toBe(200)
  })
})
