import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import { type Client, createClient } from '../src/index.ts'

const opened: (() => Promise<unknown> | unknown)[] = []

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

const HEALTH = {
  status: 'ok',
  version: '0.1.0',
  uptimeSeconds: 1,
  raised: [],
  pending: { queued: 0, unsentRevisions: 0, openEpisodes: 0 },
}

test.each([
  ['plain', {}, Buffer.from(JSON.stringify(HEALTH))],
  ['gzip', { 'content-encoding': 'gzip' }, gzipSync(JSON.stringify(HEALTH))],
  ['zstd', { 'content-encoding': 'zstd' }, zstdCompressSync(JSON.stringify(HEALTH))],
])('a reply that comes %s is read', async (_, headers, body) => {
  const client = await against((_, response) => response.writeHead(200, headers).end(body))
  expect(await client.health()).toEqual(HEALTH)
})

test('pages of alerts follow one another, with the filters on each', async () => {
  const asked: string[] = []
  const client = await against((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization}`)
    response.end(JSON.stringify(asked.length < 3 ? { items: [], next: `n${asked.length}` } : { items: [] }))
  })
  let pages = 0
  for await (const page of client.alerts({ severity: 'high,critical', limit: 5 }))
    pages += 1 + page.items.length
  expect(pages).toBe(3)
  expect(asked).toEqual([
    '/v1/alerts?severity=high%2Ccritical&limit=5 Bearer secret',
    '/v1/alerts?severity=high%2Ccritical&limit=5&after=n1 Bearer secret',
    '/v1/alerts?severity=high%2Ccritical&limit=5&after=n2 Bearer secret',
  ])
})

test('pages of quarantine follow one another', async () => {
  const asked: (string | undefined)[] = []
  const item = { position: { source: 's', partition: '0', at: '1', index: 0 }, reason: 'torn', bytes: 'ew==' }
  const client = await against((request, response) => {
    asked.push(request.url)
    response.end(JSON.stringify({ items: [item], ...(asked.length < 2 ? { next: '7' } : {}) }))
  })
  const items: unknown[] = []
  for await (const page of client.quarantine({ limit: 1 })) items.push(...page.items)
  expect(items).toEqual([item, item])
  expect(asked).toEqual(['/v1/quarantine?limit=1', '/v1/quarantine?limit=1&after=7'])
})

test('evidence comes line by line, and the id is no path', async () => {
  const line = { eventId: 'e', dataset: 'd', position: { source: 's', partition: '0', at: '1', index: 0 } }
  const client = await against((request, response) => {
    expect(request.url).toBe('/v1/alerts/a%2Fb/evidence')
    response.end(`${JSON.stringify(line)}\n${JSON.stringify({ ...line, eventId: 'f' })}\n`)
  })
  const ids: string[] = []
  for await (const { eventId } of client.evidence('a/b')) ids.push(eventId)
  expect(ids).toEqual(['e', 'f'])
})

test('the lines of a page are given as they were sent, and 204 is none', async () => {
  const client = await against((request, response) => {
    expect(request.headers['weir-session']).toBe('s')
    if (request.url === '/v1/feed/bulk?after=7&wait=30s') response.end('{"b": 1}\n{"a":  2 }\n')
    else response.writeHead(204).end()
  })
  const wanted = { session: 's', after: 7, waitSeconds: 30 }
  const page = await client.feed.page({ ...wanted, lane: 'bulk' })
  expect(page?.map(String)).toEqual(['{"b": 1}', '{"a":  2 }'])
  expect(await client.feed.page({ ...wanted, lane: 'urgent' })).toBeUndefined()
})

test.each<[string, string, RequestListener]>([
  [
    'the code of a refusal',
    'SESSION_TAKEN',
    (_, response) => response.writeHead(409).end(problem('SESSION_TAKEN')),
  ],
  ['a refusal in other words', 'UNEXPECTED_REPLY', (_, response) => response.writeHead(502).end('<html>')],
  ['a reply of another shape', 'UNEXPECTED_REPLY', (_, response) => response.end('{"status":"fine"}')],
  [
    'a reply that is cut',
    'UNREACHABLE',
    (_, response) => response.writeHead(200).write('{', () => response.destroy()),
  ],
  [
    'a reply that cannot be unpacked',
    'UNREACHABLE',
    (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('plain'),
  ],
])('%s is told as %s', async (_, code, listener) => {
  const client = await against(listener)
  await expect(client.health()).rejects.toMatchObject({ name: 'ContractError', code })
})

test('nobody there is told as UNREACHABLE', async () => {
  const client = createClient({ url: 'http://127.0.0.1:1', token: 'secret' })
  opened.push(() => client.close())
  await expect(client.health()).rejects.toMatchObject({ code: 'UNREACHABLE', status: undefined })
})

async function against(listener: RequestListener): Promise<Client> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  opened.push(() => new Promise((resolve) => server.close(resolve)))
  const client = createClient({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    token: 'secret',
  })
  opened.push(() => client.close())
  return client
}

function problem(code: string): string {
  return JSON.stringify({ error: { code, message: 'no' } })
}
