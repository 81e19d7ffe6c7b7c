import { once } from 'node:events'
import { connect } from 'node:http2'
import { buffer } from 'node:stream/consumers'
import { zstdDecompressSync } from 'node:zlib'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { LinkBudget } from '../src/api/context.ts'
import { Pacer } from '../src/api/feed/pacer.ts'
import {
  alertOf,
  get,
  type Kit,
  ManualClock,
  openKit,
  openSession,
  pull,
  START,
  ship,
  TOKENS,
  walk,
} from './api-kit.ts'
import { newAuthority } from './certificate.ts'

const DAY = '2026-03-01'
const TO_MIDNIGHT_MS = 12 * 3_600_000
const MINUTE_MS = 60_000

let kit: Kit
afterEach(() => kit.close())

function open(link: LinkBudget): void {
  kit = openKit({ forwarders: [{ name: 'north', link, filter: { exceptRules: ['noise.*'] } }] })
}

/** As if so many bytes had crossed today. */
function spend(bytes: number): Promise<void> {
  const nothing = { sent: 0, feedBytes: 0, feedPackedBytes: 0, evidenceBytes: 0, breaks: 0 }
  return kit.store.addLink([{ ...nothing, day: DAY, caller: 'north', received: bytes }])
}

function low(id: string, rule = 'entra.spray') {
  return alertOf(id, { severity: 'low', rule })
}

describe('a budget of bytes a day', () => {
  test('holds the bulk lane until the day turns, and never the urgent one', async () => {
    open({ maxBytesPerDay: 2000 })
    await ship(kit, low('b1'), alertOf('a1'))
    const { session, lanes } = await openSession(kit)
    await spend(2000)
    const urgent = await pull(kit, session, 'urgent?after=0')
    expect(walk('urgent', lanes.urgent, urgent.rawPayload).alerts).toEqual(['a1.1'])
    expect((await pull(kit, session, 'bulk?after=0')).statusCode).toBe(204)

    kit.clock.advance(TO_MIDNIGHT_MS - 10_000)
    const waits = pull(kit, session, 'bulk?after=0&wait=30s')
    await kit.clock.sleeping(10_000)
    kit.clock.advance(10_000)
    await kit.clock.sleeping(1500)
    kit.clock.advance(1500)
    expect(walk('bulk', lanes.bulk, (await waits).rawPayload).alerts).toEqual(['b1.1'])
  })

  test('says once an hour what waits, and that it flows again', async () => {
    open({ maxBytesPerDay: 2000 })
    await spend(5000)
    const { session } = await openSession(kit)
    const poll = () => pull(kit, session, 'bulk?after=0')
    await poll()
    expect(kit.told.budgets).toEqual([])
    await ship(kit, low('n1', 'noise.scan'))
    await poll()
    expect(kit.told.budgets).toEqual([])
    await ship(kit, low('b1'), low('b2'), low('c1', 'aws.trail'))
    await poll()
    kit.clock.advance(59 * MINUTE_MS)
    await ship(kit, low('c2', 'aws.trail'))
    await poll()
    const first = expect.stringMatching(
      /^north raised: The 2000 bytes of the day are spent\. Since 2026-03-01T12:00:00\.000Z the bulk lane waits, until 2026-03-02T00:00:00\.000Z at the latest: 2 of entra\.spray \(\d{4} bytes\), 1 of aws\.trail \(\d{3} bytes\); bytes before compression\.$/,
    )
    expect(kit.told.budgets).toEqual([first])
    kit.clock.advance(MINUTE_MS)
    await poll()
    expect(kit.told.budgets).toEqual([first, expect.stringContaining('2 of aws.trail')])
    kit.clock.advance(TO_MIDNIGHT_MS)
    await poll()
    await poll()
    expect(kit.told.budgets.slice(2)).toEqual(['north cleared: The bulk lane flows again.'])
  })

  test('cuts a page to what is left of it', async () => {
    open({ maxBytesPerDay: 100_000 })
    await ship(kit, ...Array.from({ length: 20 }, (_, n) => low(`b${n}`)))
    const { session, lanes } = await openSession(kit)
    await spend(97_000)
    const page = walk('bulk', lanes.bulk, (await pull(kit, session, 'bulk?after=0')).rawPayload)
    expect(page.alerts).toEqual(['b0.1', 'b1.1', 'b2.1'])
    const [day] = (await get(kit, '/v1/ledger')).json().linkDays
    expect(day.feedBytes).toBeLessThan(3200)
    const rest = walk('bulk', page, (await pull(kit, session, `bulk?after=${page.seq}`)).rawPayload)
    expect(rest.alerts[0]).toBe('b3.1')
  })

  test('is in the store: a restart of the aggregator does not forget what was spent', async () => {
    open({ maxBytesPerDay: 2000 })
    await spend(1999)
    const other = openKit({ ...kit.context, forwarders: kit.context.forwarders })
    await ship(kit, low('b1'))
    const { session } = await openSession(other)
    await spend(1)
    expect((await pull(other, session, 'bulk?after=0')).statusCode).toBe(204)
    await other.api.close()
  })

  test('stands in the ledger and in the metrics, with what waits', async () => {
    open({ maxBytesPerDay: 2000 })
    await spend(1500)
    await ship(kit, low('b1'), low('b2'), low('n1', 'noise.scan'), alertOf('a1'))
    expect((await get(kit, '/v1/ledger')).json().forwarders[0].budget).toEqual({
      bytesMax: 2000,
      bytesLeft: 500,
      resets: '2026-03-02T00:00:00.000Z',
    })
    const metrics = (await get(kit, '/metrics')).body
    expect(metrics).toContain('weir_link_budget_left_bytes{forwarder="north"} 500')
    expect(metrics).toContain('weir_feed_waiting{forwarder="north",lane="bulk"} 2')
    expect(metrics).toContain('weir_feed_waiting{forwarder="north",lane="urgent"} 1')
    expect(metrics).toMatch(/weir_alert_bytes_total{rule="noise\.scan"} \d{3}/)
  })
})

describe('a rate', () => {
  test('makes pages small, and their bodies come whole, packed as ever', async () => {
    open({ maxBitsPerSecond: 16_000 })
    await ship(kit, ...Array.from({ length: 9 }, (_, n) => low(`b${n}`)))
    const { session, lanes } = await openSession(kit)
    const headers = { authorization: 'Bearer north-1', 'weir-session': session, 'accept-encoding': 'zstd' }
    const asked = kit.api.inject({ url: '/v1/feed/bulk?after=0', headers })
    // 2000 bytes a second: 250 ms of it go at once, and a piece of 200 bytes each 100 ms.
    while (!(await settledWithin(asked))) kit.clock.advance(100)
    const reply = await asked
    expect(Number(reply.headers['content-length'])).toBe(reply.rawPayload.length)
    const page = walk('bulk', lanes.bulk, zstdDecompressSync(reply.rawPayload))
    expect(page.alerts).toEqual(['b0.1', 'b1.1'])
  })

  test('holds over HTTP/2 as well; a reader that goes away amid a page is a break, and frees the lane', async () => {
    const authority = newAuthority('test authority')
    kit = openKit({
      tls: authority.issue('server'),
      forwarders: [{ name: 'north', link: { maxBitsPerSecond: 16_000 } }],
    })
    const url = await kit.api.listen({ host: '127.0.0.1', port: 0 })
    await ship(kit, ...Array.from({ length: 30 }, (_, n) => alertOf(`a${n}`)))
    const { session, lanes } = await openSession(kit)
    const http2 = connect(url, { ca: authority.cert, servername: 'localhost' })
    const ask = () =>
      http2.request({
        ':path': '/v1/feed/urgent?after=0',
        authorization: `Bearer ${TOKENS.north}`,
        'weir-session': session,
      })
    const given = ask()
    await once(given, 'data')
    given.close()
    await vi.waitFor(async () => expect((await north()).breaks).toBe(1))

    const asked = ask()
    const whole = buffer(asked)
    const start = kit.clock.now()
    while (!(await settledWithin(whole))) kit.clock.advance(100)
    const body = await whole
    expect(walk('urgent', lanes.urgent, body).alerts).toHaveLength(23)
    // 2000 bytes a second, less a burst.
    expect(kit.clock.now() - start).toBeGreaterThan(body.length / 2 - 500)
    expect((await north()).breaks).toBe(1)
    http2.destroy()
  })

  async function north() {
    return (await get(kit, '/v1/ledger')).json().linkDays[0]
  }

  test('lets a body go no faster than it says, after a burst of a quarter of a second', async () => {
    open({})
    const clock = new ManualClock()
    const pacer = new Pacer(8000, clock)
    let came = 0
    const body = pacer.pace('urgent', Buffer.alloc(3000, 1), new AbortController().signal)
    body.on('data', (piece: Buffer) => {
      came += piece.length
      expect(came).toBeLessThanOrEqual(clock.now() - START + 250 + 100)
    })
    const ended = new Promise((resolve) => body.once('close', resolve))
    while (came < 3000) {
      await turn()
      if (came < 3000) clock.advance(50)
    }
    await ended
    expect(clock.now() - START).toBeGreaterThanOrEqual(2600)
  })

  test('a clock that is set back holds nothing up', async () => {
    open({})
    const clock = new ManualClock()
    const pacer = new Pacer(8_000, clock)
    const read = (bytes: number) =>
      buffer(pacer.pace('urgent', Buffer.alloc(bytes), new AbortController().signal))
    await read(250)
    clock.advance(-3_600_000)
    const later = read(250)
    for (let n = 0; n < 10; n++) {
      await turn()
      clock.advance(100)
    }
    await turn()
    expect(clock.sleepers).toBe(0)
    expect(await later).toHaveLength(250)
  })

  test('a bulk page waits for urgent ones, and one that has begun goes on beside an urgent one', async () => {
    open({})
    const clock = new ManualClock()
    const pacer = new Pacer(8000, clock)
    const { signal } = new AbortController()
    const order: string[] = []
    const bulk = pacer.pace('bulk', Buffer.alloc(900), signal)
    bulk.on('data', () => order.push('bulk')).on('end', () => order.push('bulk ends'))
    await turn()
    const urgent = pacer.pace('urgent', Buffer.alloc(2000), signal)
    urgent.on('data', () => order.push('urgent')).on('end', () => order.push('urgent ends'))
    expect(pacer.busy).toBe(true)
    const idle = pacer.idle(60_000, signal).then(() => order.push('idle'))
    for (let ms = 0; ms < 4000; ms += 50) {
      clock.advance(50)
      await turn()
    }
    await idle
    expect(order.slice(0, order.indexOf('bulk ends')).filter((each) => each === 'urgent')).not.toEqual([])
    expect(order.filter((each) => / |idle/.test(each))).toEqual(['bulk ends', 'urgent ends', 'idle'])
  })

  test('a reader that goes away frees the lane for the next page', async () => {
    open({})
    const clock = new ManualClock()
    const pacer = new Pacer(8000, clock)
    const gone = new AbortController()
    const body = pacer.pace('urgent', Buffer.alloc(100_000), gone.signal)
    body.on('data', () => undefined)
    await turn()
    const idle = pacer.idle(60_000, new AbortController().signal)
    gone.abort()
    await idle
    expect(pacer.busy).toBe(false)
    clock.advance(1000)
    const next = pacer.pace('bulk', Buffer.from('next'), new AbortController().signal)
    expect((await buffer(next)).toString()).toBe('next')
  })
})

/** Lets everything run that waits for nothing. */
async function turn(): Promise<void> {
  for (let n = 0; n < 10; n++) await new Promise((resolve) => setImmediate(resolve))
}

async function settledWithin(work: PromiseLike<unknown>): Promise<boolean> {
  let settled = false
  void work.then(() => {
    settled = true
  })
  await turn()
  return settled
}
