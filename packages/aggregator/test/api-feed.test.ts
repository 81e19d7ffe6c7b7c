import { setImmediate } from 'node:timers/promises'
import { chainStart, LANES, type Lane, SESSION_HEADER, sessionReply } from '@weir/contract'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { API_LIMITS } from '../src/api/context.ts'
import { alertOf, get, type Kit, openKit, openSession, post, pull, ship, TOKENS, walk } from './api-kit.ts'

const { urgent: URGENT_HOLD_MS, bulk: BULK_HOLD_MS } = API_LIMITS.coalesceMs

let kit: Kit
beforeEach(() => {
  kit = openKit()
})
afterEach(() => kit.close())

const RETENTION = {
  forwarders: ['north'],
  alertDaysMax: 100,
  quarantineDaysMax: 100,
  ledgerDaysMax: 400,
  feedTombstonesMax: 1e6,
  feedBytesMax: 1e9,
  storeBytesMax: 1e9,
}

async function points(): Promise<Record<Lane, { seq: number; chain: string }>> {
  const heads = await kit.store.heads()
  const point = (lane: Lane) => ({ seq: heads[lane].seq, chain: heads[lane].chain })
  return { urgent: point('urgent'), bulk: point('bulk') }
}

function many<T>(each: () => T): T[] {
  return Array.from({ length: 101 }, each)
}

describe('the handshake', () => {
  test('a new forwarder starts before the oldest entry', async () => {
    await ship(kit, alertOf('a1'), alertOf('a2'))
    const reply = sessionReply.parse(await openSession(kit))
    expect(reply).toMatchObject({ session: 'session-1', epoch: 'epoch-1', restarted: false })
    for (const lane of LANES)
      expect(reply.lanes[lane]).toEqual({ seq: 0, chain: chainStart('epoch-1', lane) })
  })

  test('one that stands in this history goes on from there', async () => {
    await ship(kit, alertOf('a1'), alertOf('b1', { severity: 'low' }))
    const lanes = await points()
    await ship(kit, alertOf('a2'))
    const reply = await openSession(kit, TOKENS.north, { epoch: 'epoch-1', lanes })
    expect(reply).toMatchObject({ restarted: false, epoch: 'epoch-1', lanes })
    expect(kit.told.forked).toEqual([])
  })

  test('one of another epoch starts over; the history stays', async () => {
    await ship(kit, alertOf('a1'))
    const lanes = await points()
    const reply = await openSession(kit, TOKENS.north, { epoch: 'elsewhere', lanes })
    expect(reply).toMatchObject({ restarted: true, epoch: 'epoch-1', lanes: { urgent: { seq: 0 } } })
    expect(kit.told.forked).toEqual([])
  })

  test.each([
    [
      'ahead of a restored database',
      { seq: 9, chain: 'ab' },
      'the forwarder has entry 9, the last one here is 2',
    ],
    ['of another chain', { seq: 1, chain: 'ab' }, 'the chains differ at entry 1'],
    ['of another beginning', { seq: 0, chain: 'ab' }, 'the chains differ at entry 0'],
  ])('one that is %s begins a new epoch, once, and it is told', async (_what, urgent, detail) => {
    await ship(kit, alertOf('a1'), alertOf('a2'))
    const other = await openSession(kit, TOKENS.south)
    const standing = { epoch: 'epoch-1', lanes: { ...(await points()), urgent } }
    const both = [openSession(kit, TOKENS.north, standing), openSession(kit, TOKENS.north, standing)]
    for (const reply of await Promise.all(both)) {
      expect(reply).toMatchObject({ restarted: true, epoch: 'epoch-2' })
      expect(reply.lanes.urgent).toEqual({ seq: 0, chain: chainStart('epoch-2', 'urgent') })
    }
    expect(kit.told.forked).toEqual([`north: urgent: ${detail}`])
    const stale = await pull(kit, other.session, 'urgent?after=0', TOKENS.south)
    expect(stale.json().error.code).toBe('NO_SESSION')
    const { session, lanes } = await openSession(kit)
    const page = await pull(kit, session, 'urgent?after=0')
    expect(walk('urgent', lanes.urgent, page.rawPayload).alerts).toEqual(['a1.1', 'a2.1'])
  })

  test('of two that come while an epoch begins, the second sees the new one', async () => {
    await ship(kit, alertOf('a1'))
    const arrived = { count: 0, both: Promise.withResolvers<void>() }
    const slow = {
      ...kit.store,
      renewEpoch: async () => {
        await arrived.both.promise
        await setImmediate()
        return kit.store.renewEpoch()
      },
    }
    const other = openKit({ store: slow })
    other.api.addHook('preHandler', async () => {
      if (++arrived.count === 2) arrived.both.resolve()
    })
    const lanes = { ...(await points()), urgent: { seq: 9, chain: 'ab' } }
    const standing = { epoch: 'epoch-1', lanes }
    const replies = await Promise.all(
      [TOKENS.north, TOKENS.south].map((as) => openSession(other, as, standing)),
    )
    expect(replies.map((each) => each.epoch)).toEqual(['epoch-2', 'epoch-2'])
    expect(other.told.forked).toHaveLength(1)
    await other.close()
  })

  test('one that stands before what is kept starts over without alarm', async () => {
    const early = await openSession(kit)
    await ship(kit, alertOf('a1'), alertOf('a2'), alertOf('a3'))
    const marks = { delivered: { siem: { urgent: 2, bulk: 0 } } }
    await post(kit, '/v1/feed/marks', marks, TOKENS.north, { [SESSION_HEADER]: early.session })
    await kit.store.retire(RETENTION, kit.clock.now())
    const reply = await openSession(kit, TOKENS.north, { epoch: 'epoch-1', lanes: early.lanes })
    expect(reply).toMatchObject({ restarted: true, epoch: 'epoch-1', lanes: { urgent: { seq: 2 } } })
    expect(kit.told.forked).toEqual([])
    const page = await pull(kit, reply.session, 'urgent?after=2')
    expect(walk('urgent', reply.lanes.urgent, page.rawPayload).alerts).toEqual(['a3.1'])
  })
})

describe('a page', () => {
  test('has the stored lines, byte for byte, and the end', async () => {
    await ship(kit, alertOf('a1'), alertOf('b1', { severity: 'medium' }), alertOf('a2'))
    const { session, lanes } = await openSession(kit)
    const body = (await pull(kit, session, 'urgent?after=0')).rawPayload
    const stored = await kit.store.read('urgent', 0, 1e6)
    expect(body.toString().split('\n').slice(0, 2)).toEqual(
      stored.map((each) => Buffer.from(each.line!).toString()),
    )
    expect(walk('urgent', lanes.urgent, body)).toMatchObject({ alerts: ['a1.1', 'a2.1'], seq: 2 })
    const bulk = (await pull(kit, session, 'bulk?after=0')).rawPayload
    expect(walk('bulk', lanes.bulk, bulk).alerts).toEqual(['b1.1'])
  })

  test('neighbouring entries that do not cross share a skip of one reason, and the chain holds', async () => {
    await ship(
      kit,
      alertOf('a1'),
      alertOf('a2'),
      alertOf('n1', { rule: 'noise.dns' }),
      alertOf('n2', { rule: 'noise.dns' }),
      alertOf('a3'),
      alertOf('n3', { rule: 'noise.dns' }),
      alertOf('a1', { revision: 2 }),
      alertOf('a2', { revision: 2 }),
      alertOf('n4', { rule: 'noise.dns' }),
    )
    const read = async (as: string) => {
      const { session, lanes } = await openSession(kit, as)
      return walk('urgent', lanes.urgent, (await pull(kit, session, 'urgent?after=0', as)).rawPayload)
    }
    const north = await read(TOKENS.north)
    expect(north.alerts).toEqual(['n1.1', 'n2.1', 'a3.1', 'n3.1', 'a1.2', 'a2.2', 'n4.1'])
    expect(north.skips).toEqual(['1-2 superseded'])
    const south = await read(TOKENS.south)
    expect(south.alerts).toEqual(['a3.1', 'a1.2', 'a2.2'])
    expect(south.skips).toEqual(['1-2 superseded', '3-4 filter', '6-6 filter', '9-9 filter'])
    expect([north.seq, north.chain]).toEqual([south.seq, south.chain])
  })

  test('ends at its bound, and the next one goes on; a line beyond the bound goes alone', async () => {
    await kit.close()
    kit = openKit({ limits: { ...API_LIMITS, pageBytesMax: 2500 } })
    const long = 'x'.repeat(4000)
    await ship(
      kit,
      ...['a1', 'a2', 'a3', 'a4'].map((id) => alertOf(id)),
      alertOf('a5', { user: long }),
      alertOf('a6'),
    )
    const { session, lanes } = await openSession(kit)
    const pages: string[][] = []
    for (let at = lanes.urgent; at.seq < 6; ) {
      const page = walk('urgent', at, (await pull(kit, session, `urgent?after=${at.seq}`)).rawPayload)
      pages.push(page.alerts)
      at = page
    }
    expect(pages).toEqual([['a1.1', 'a2.1'], ['a3.1', 'a4.1'], ['a5.1'], ['a6.1']])
  })

  test.each([
    [{ severities: ['critical'] }, ['c1.1']],
    [{ kinds: ['health'] }, []],
    [{ rules: ['entra.*'] }, ['c1.1', 'e1.1']],
    [{ rules: ['aws.root', 'none'] }, ['w1.1']],
    [{ rules: ['entra.*'], exceptRules: ['entra.spray'] }, ['e1.1']],
    [{}, ['c1.1', 'e1.1', 'w1.1']],
  ] as const)('is filtered by %j', async (filter, alerts) => {
    await kit.close()
    kit = openKit({ forwarders: [{ name: 'north', filter }] })
    await ship(
      kit,
      alertOf('c1', { severity: 'critical' }),
      alertOf('e1', { rule: 'entra.mfa' }),
      alertOf('w1', { rule: 'aws.root' }),
    )
    const { session, lanes } = await openSession(kit)
    const page = walk('urgent', lanes.urgent, (await pull(kit, session, 'urgent?after=0')).rawPayload)
    expect([page.alerts, page.seq]).toEqual([alerts, 3])
  })
})

describe('the long poll', () => {
  test('answers 204 at the end of its wait, which is bounded', async () => {
    const { session } = await openSession(kit)
    const poll = pull(kit, session, 'urgent?after=0&wait=10m')
    await kit.clock.sleeping(60_000)
    kit.clock.advance(60_000)
    const reply = await poll
    expect([reply.statusCode, reply.body]).toEqual([204, ''])
  })

  test('wakes at an alert of its lane, and holds back so that the next ones come along', async () => {
    const { session, lanes } = await openSession(kit)
    const poll = pull(kit, session, 'urgent?after=0&wait=30s')
    await kit.clock.sleeping(30_000)
    await ship(kit, alertOf('b1', { severity: 'low' }))
    await ship(kit, alertOf('a1'))
    await kit.clock.sleeping(URGENT_HOLD_MS)
    await ship(kit, alertOf('a2'), alertOf('a1', { revision: 2 }))
    kit.clock.advance(URGENT_HOLD_MS)
    const page = walk('urgent', lanes.urgent, (await poll).rawPayload)
    expect([page.alerts, page.skips]).toEqual([['a2.1', 'a1.2'], ['1-1 superseded']])
  })

  test('does not miss what is committed while it looks', async () => {
    const { store } = kit
    let looks = 0
    const racing = {
      ...store,
      read: async (...of: Parameters<typeof store.read>) => {
        const entries = await store.read(...of)
        if (++looks === 1) await ship(kit, alertOf('a1'))
        return entries
      },
    }
    const other = openKit({ store: racing })
    const { session, lanes } = await openSession(other)
    const poll = pull(other, session, 'urgent?after=0&wait=30s')
    await other.clock.sleeping(URGENT_HOLD_MS)
    other.clock.advance(URGENT_HOLD_MS)
    expect(walk('urgent', lanes.urgent, (await poll).rawPayload).alerts).toEqual(['a1.1'])
    await other.close()
  })

  test('the bulk lane holds back longer, but not beyond the wait', async () => {
    const { session } = await openSession(kit)
    await ship(kit, alertOf('b1', { severity: 'low' }))
    const poll = pull(kit, session, 'bulk?after=0&wait=30s')
    await kit.clock.sleeping(BULK_HOLD_MS)
    kit.clock.advance(BULK_HOLD_MS)
    expect((await poll).statusCode).toBe(200)
    const short = pull(kit, session, 'bulk?after=0&wait=1s')
    await kit.clock.sleeping(1000)
    kit.clock.advance(1000)
    expect((await short).statusCode).toBe(200)
  })

  test('is not woken by what the filter leaves out; at the end it says so, once', async () => {
    const { session, lanes } = await openSession(kit, TOKENS.south)
    const poll = pull(kit, session, 'urgent?after=0&wait=30s', TOKENS.south)
    await kit.clock.sleeping(30_000)
    await ship(kit, alertOf('n1', { rule: 'noise.dns' }))
    await ship(kit, alertOf('n2', { rule: 'noise.dns' }))
    kit.clock.advance(10_000)
    await kit.clock.sleeping(20_000)
    kit.clock.advance(20_000)
    const page = walk('urgent', lanes.urgent, (await poll).rawPayload)
    expect([page.alerts, page.skips]).toEqual([[], ['1-2 filter']])
  })

  test('a second one of the same lane ends the first with 204; the other lane waits on', async () => {
    const { session } = await openSession(kit)
    const first = pull(kit, session, 'urgent?after=0&wait=30s')
    const bulk = pull(kit, session, 'bulk?after=0&wait=30s')
    await kit.clock.sleeping(30_000, 2)
    kit.clock.advance(1000)
    const second = pull(kit, session, 'urgent?after=0&wait=30s')
    expect((await first).statusCode).toBe(204)
    await kit.clock.sleeping(30_000)
    expect(kit.clock.sleepers).toBe(2)
    kit.clock.advance(30_000)
    expect([(await second).statusCode, (await bulk).statusCode]).toEqual([204, 204])
  })

  test('ends at once when the server stops', async () => {
    const { session } = await openSession(kit)
    const poll = pull(kit, session, 'urgent?after=0&wait=30s')
    await kit.clock.sleeping(30_000)
    await kit.api.close()
    expect((await poll).statusCode).toBe(204)
    expect(kit.clock.sleepers).toBe(0)
  })
})

describe('one session, cursors and marks', () => {
  test('a later session ends what waits in the earlier one, and the earlier one is refused', async () => {
    const old = await openSession(kit)
    const waiting = pull(kit, old.session, 'urgent?after=0&wait=30s')
    await kit.clock.sleeping(30_000)
    const now = await openSession(kit)
    for (const reply of [await waiting, await pull(kit, old.session, 'urgent?after=0')]) {
      expect(reply.statusCode).toBe(409)
      expect(reply.json().error.code).toBe('SESSION_TAKEN')
    }
    const marks = await post(kit, '/v1/feed/marks', {}, TOKENS.north, { [SESSION_HEADER]: old.session })
    expect(marks.json().error.code).toBe('SESSION_TAKEN')
    expect((await pull(kit, now.session, 'urgent?after=0')).statusCode).toBe(204)
  })

  test('without a session, or with one from before a restart, there is nothing to be had', async () => {
    const none = await get(kit, '/v1/feed/urgent?after=0', TOKENS.north)
    expect([none.statusCode, none.json().error.code]).toEqual([409, 'NO_SESSION'])
    const { session } = await openSession(kit)
    const restarted = openKit({ store: kit.store })
    const reply = await pull(restarted, session, 'urgent?after=0')
    expect(reply.json().error.code).toBe('NO_SESSION')
    await restarted.close()
  })

  test('a session of one forwarder is no good to another', async () => {
    const { session } = await openSession(kit, TOKENS.north)
    await openSession(kit, TOKENS.south)
    expect((await pull(kit, session, 'urgent?after=0', TOKENS.south)).statusCode).toBe(409)
  })

  test('a cursor beyond the end is refused and not kept', async () => {
    await ship(kit, alertOf('a1'))
    const { session } = await openSession(kit)
    const headers = { [SESSION_HEADER]: session }
    const replies = [
      await pull(kit, session, 'urgent?after=2'),
      await post(kit, '/v1/feed/marks', { spooled: { urgent: 2 } }, TOKENS.north, headers),
      await post(kit, '/v1/feed/marks', { delivered: { siem: { bulk: 1 } } }, TOKENS.north, headers),
    ]
    for (const reply of replies)
      expect([reply.statusCode, reply.json().error.code]).toEqual([409, 'FEED_AHEAD'])
    const [north] = await kit.store.forwarders()
    expect(north).toMatchObject({ spooled: { urgent: 0 }, delivered: { siem: { urgent: 0, bulk: 0 } } })
  })

  test('the cursor of a call is kept as the forwarder’s own', async () => {
    await ship(kit, alertOf('a1'), alertOf('a2'))
    const { session } = await openSession(kit)
    await pull(kit, session, 'urgent?after=1')
    expect((await kit.store.forwarders())[0]!.spooled).toEqual({ urgent: 1, bulk: 0 })
  })

  test('a forwarder that asks on a quiet link is heard of, though its cursor stands', async () => {
    const { session } = await openSession(kit)
    for (let minutes = 0; minutes < 3; minutes++) {
      kit.clock.advance(60_000)
      await pull(kit, session, 'urgent?after=0')
    }
    expect((await kit.store.forwarders())[0]!.lastSeen).toBe(kit.clock.now())
  })

  test('marks are kept, outputs that are stuck are told, and those that are not are told too', async () => {
    await ship(kit, alertOf('a1'), alertOf('b1', { severity: 'low' }))
    const { session } = await openSession(kit)
    const headers = { [SESSION_HEADER]: session }
    const stuck = [{ output: 'siem', reason: 'refused', seconds: 120 }]
    const marks = {
      spooled: { urgent: 1, bulk: 1 },
      delivered: { siem: { urgent: 1 }, unheard: { urgent: 1 } },
      linkDays: [
        { day: '2026-02-28', sent: 100, received: 2000 },
        { day: '9999-01-01', sent: 1, received: 1 },
      ],
      stuck,
    }
    const reply = await post(kit, '/v1/feed/marks', marks, TOKENS.north, headers)
    expect([reply.statusCode, reply.body]).toEqual([204, ''])
    await post(kit, '/v1/feed/marks', {}, TOKENS.north, headers)
    expect(kit.told.stuck).toEqual([
      ['north', stuck],
      ['north', []],
    ])
    const [north] = await kit.store.forwarders()
    expect(north).toMatchObject({ spooled: { urgent: 1, bulk: 1 } })
    // One that the session did not name would hold the feed for good.
    expect(north!.delivered).toEqual({ siem: { urgent: 1, bulk: 0 } })
    const ledger = (await get(kit, '/v1/ledger?from=2026-02-28&to=9999-12-31')).json()
    expect(ledger.linkDays).toMatchObject([{ caller: 'north', own: { received: 100, sent: 2000 } }])
  })

  test.each([
    ['outputs that are stuck', { stuck: many(() => ({ output: 'o', reason: 'r', seconds: 1 })) }],
    ['credentials', { credentials: many(() => ({ name: 'c', ends: '2026-03-01T00:00:00Z' })) }],
  ])('no more %s are taken than somebody could have', async (_, marks) => {
    const { session } = await openSession(kit)
    const headers = { [SESSION_HEADER]: session }
    expect((await post(kit, '/v1/feed/marks', marks, TOKENS.north, headers)).statusCode).toBe(400)
  })

  test('a store that cannot write does not hold up the feed, and it is told', async () => {
    await ship(kit, alertOf('a1'), alertOf('a2'))
    const full = { ...kit.store, mark: () => Promise.reject(new Error('disk full')) }
    const other = openKit({ store: full })
    const { session, lanes } = await openSession(other)
    const page = walk('urgent', lanes.urgent, (await pull(other, session, 'urgent?after=0')).rawPayload)
    expect(page.alerts).toEqual(['a1.1', 'a2.1'])
    expect((await pull(other, session, 'urgent?after=2')).statusCode).toBe(204)
    expect(other.log()).toContain('disk full')
    await other.close()
  })
})
