import { zstdDecompressSync } from 'node:zlib'
import {
  createClient,
  FIRST_HISTORY,
  HISTORY_CODING,
  HISTORY_HEADER,
  type History,
  historyAfter,
  SESSION_HEADER,
} from '@weir/contract'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { API_LIMITS } from '../src/api/context.ts'
import { alertOf, get, type Kit, openKit, openSession, ship, TOKENS, walk } from './api-kit.ts'

let kit: Kit
beforeEach(() => {
  kit = openKit({ limits: { ...API_LIMITS, coalesceMs: { urgent: 0, bulk: 0 } } })
})
afterEach(() => kit.close())

/** The page after a cursor as it crosses, for a reader with this history. */
async function poll(session: string, after: number, { name }: History) {
  const headers = { [SESSION_HEADER]: session, [HISTORY_HEADER]: name, 'accept-encoding': 'zstd' }
  const reply = await get(kit, `/v1/feed/urgent?after=${after}`, TOKENS.north, headers)
  return { coding: reply.headers['content-encoding'], packed: reply.rawPayload }
}

/** Reads the first page; what its reader remembers then. */
async function firstRead(session: string): Promise<History> {
  const { packed } = await poll(session, 0, FIRST_HISTORY)
  return historyAfter(FIRST_HISTORY, zstdDecompressSync(packed, { dictionary: FIRST_HISTORY.bytes }))
}

test('a page is packed against those before it, at a fraction of its size alone', async () => {
  const { session, lanes } = await openSession(kit)
  await ship(kit, alertOf('a1'))
  const alone = await poll(session, 0, { ...FIRST_HISTORY, name: 'none' })
  const first = await poll(session, 0, FIRST_HISTORY)
  expect([alone.coding, first.coding]).toEqual(['zstd', HISTORY_CODING])
  expect(first.packed.length).toBeLessThan(alone.packed.length * 0.7)
  const plain = zstdDecompressSync(first.packed, { dictionary: FIRST_HISTORY.bytes })
  expect(plain).toEqual(zstdDecompressSync(alone.packed))
  const history = historyAfter(FIRST_HISTORY, plain)

  await ship(kit, alertOf('a2'))
  const second = await poll(session, 1, history)
  expect(second.coding).toBe(HISTORY_CODING)
  expect(second.packed.length).toBeLessThan(alone.packed.length / 2)
  const page = zstdDecompressSync(second.packed, { dictionary: history.bytes })
  expect(walk('urgent', walk('urgent', lanes.urgent, plain), page).alerts).toEqual(['a2.1'])
})

test('a page that was lost comes again against the history before it', async () => {
  const { session } = await openSession(kit)
  await ship(kit, alertOf('a1'))
  const history = await firstRead(session)
  await ship(kit, alertOf('a2'))
  const lost = await poll(session, 1, history)
  const again = await poll(session, 1, history)
  expect(again).toEqual(lost)
})

test.each([
  ['of another', 'f00df00df00df00d'],
  ['of nothing', ''],
])('who names a history %s gets a page that stands by itself', async (_, name) => {
  const { session } = await openSession(kit)
  await ship(kit, alertOf('a1'), alertOf('a2'))
  await poll(session, 0, FIRST_HISTORY)
  const { coding, packed } = await poll(session, 0, { ...FIRST_HISTORY, name })
  expect(coding).toBe('zstd')
  expect(zstdDecompressSync(packed).toString()).toContain('a2')
})

test('one forwarder is never packed against what another has read', async () => {
  const mine = await openSession(kit)
  await ship(kit, alertOf('a1'))
  const history = await firstRead(mine.session)
  const { session } = await openSession(kit, TOKENS.south)
  const headers = { [SESSION_HEADER]: session, [HISTORY_HEADER]: history.name, 'accept-encoding': 'zstd' }
  const reply = await get(kit, '/v1/feed/urgent?after=0', TOKENS.south, headers)
  expect(reply.headers['content-encoding']).toBe('zstd')
})

test('the client follows for far more pages than a history holds, over a new session too', async () => {
  const url = await kit.api.listen({ host: '127.0.0.1', port: 0 })
  const client = createClient({ url, token: TOKENS.north })
  const found: string[] = []
  let from = (await openSession(kit)).lanes.urgent
  let session = ''
  for (let n = 0; n < 200; n++) {
    if (n % 70 === 0) session = (await client.feed.session({ outputs: [] })).session
    await ship(kit, alertOf(`a${n}`))
    const lines = await client.feed.page({ session, lane: 'urgent', after: from.seq, waitSeconds: 0 })
    const { alerts, ...end } = walk(
      'urgent',
      from,
      Buffer.concat(lines!.flatMap((line) => [line, Buffer.from('\n')])),
    )
    found.push(...alerts)
    from = end
  }
  expect(found).toEqual(Array.from({ length: 200 }, (_, n) => `a${n}.1`))
  await client.close()
})
