import { createHmac } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type Clock, systemClock } from '@weir/runtime'
import { afterEach, expect, test, vi } from 'vitest'
import { retryAfterMs } from '../src/outputs/http.ts'
import { verdictOf } from '../src/outputs/webhook/retry.ts'
import { signatureOf } from '../src/outputs/webhook/sign.ts'
import { read, setting, start } from './bench.ts'
import { FeedStandIn } from './support/aggregator.ts'
import { makeAlert } from './support/alert.ts'
import { makeCertificates, pemFiles } from './support/certificates.ts'
import { Hook, openProxy } from './support/hook.ts'

const opened: (() => Promise<unknown> | unknown)[] = []

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

test('without a body the whole alert is posted as it is', async () => {
  const { hook, feed, delivered } = await network({})
  const alert = makeAlert({ message: 'one\ntwo 🐟' })
  feed.ship('urgent', alert)
  await delivered(1)
  const [request] = hook.requests
  expect(request).toMatchObject({ method: 'POST', path: '/hook?key=k' })
  expect(request!.headers).toMatchObject({ 'content-type': 'application/json', 'idempotency-key': 'a-1-1' })
  expect(request!.headers).not.toHaveProperty('content-encoding')
  expect(JSON.parse(request!.body.toString())).toEqual(alert)
})

test('in the form of OCSF, whole or by template', async () => {
  const { hook, feed, delivered } = await network({ format: 'ocsf' })
  feed.ship('urgent', makeAlert())
  await delivered(1)
  expect(JSON.parse(hook.requests[0]!.body.toString())).toMatchObject({
    class_uid: 2004,
    finding_info: { uid: 'a-1' },
  })
  const filled = await network({ format: 'ocsf', body: { key: '{{finding_info.uid}}', time: '{{time}}' } })
  filled.feed.ship('urgent', makeAlert())
  await filled.delivered(1)
  expect(filled.hook.requests[0]!.body.toString()).toBe('{"key":"a-1","time":1772359500250}')
})

test('body, method, headers and compression are those of the configuration', async () => {
  const { hook, feed, delivered } = await network({
    method: 'PUT',
    headers: {
      authorization: { file: 'hec-token' },
      'X-Team': 'blue',
      'Content-Type': 'application/vnd.x+json',
    },
    body: {
      text: '{{rule.name}}: {{message|cut(5)}}',
      count: '{{weir.alert.count}}',
      none: '{{cloud.region}}',
    },
    idempotencyHeader: 'x-once',
    compression: 'gzip',
  })
  feed.ship('urgent', makeAlert({ revision: 2 }))
  await delivered(1)
  const { method, headers, body } = hook.requests[0]!
  expect([method, headers['x-once'], headers['x-team']]).toEqual(['PUT', 'a-1-2', 'blue'])
  expect(headers.authorization).toBe('hec-token')
  expect(headers['content-type']).toBe('application/vnd.x+json')
  expect(gunzipSync(body).toString()).toBe('{"text":"Password spray against Entra ID: 203.…","count":12}')
})

test('a signature can be checked from the header, the body and the secret', async () => {
  const { hook, feed, delivered } = await network({
    sign: { secret: { file: 'hec-token' } },
    compression: 'gzip',
  })
  feed.ship('urgent', makeAlert())
  await delivered(1)
  const { headers, body } = hook.requests[0]!
  const [, seconds, signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-weir-signature']))!
  const signed = Buffer.concat([Buffer.from(`${seconds}.`), gunzipSync(body)])
  expect(createHmac('sha256', 'hec-token').update(signed).digest('hex')).toBe(signature)
})

test('a signature is these bytes', () => {
  expect(signatureOf(Buffer.from('{"a":1}'), 'key', 1_772_359_502_999)).toBe(
    't=1772359502,v1=00dae55473e8303588609b70bdde193fbc2b1685700a88413605800012dec78d',
  )
})

test.each([
  [200, 'taken'],
  [204, 'taken'],
  [409, 'taken'],
  [301, 'setup'],
  [307, 'setup'],
  [400, 'bad'],
  [413, 'bad'],
  [422, 'bad'],
  [401, 'setup'],
  [403, 'setup'],
  [404, 'setup'],
  [405, 'setup'],
  [410, 'setup'],
  [415, 'setup'],
  [408, 'later'],
  [425, 'later'],
  [429, 'later'],
  [500, 'later'],
  [503, 'later'],
] as const)('HTTP %d means %s', (status, verdict) => {
  expect(verdictOf(status, [409])).toBe(verdict)
})

test('a conflict means that the address is wrong, unless it is said to be success', () => {
  expect(verdictOf(409, [])).toBe('setup')
})

test.each([
  [undefined, 0],
  ['', 0],
  ['7', 7000],
  ['-7', 0],
  ['soon', 0],
  ['Sun, 01 Mar 2026 10:05:10 GMT', 10_000],
  ['Sun, 01 Mar 2026 10:04:00 GMT', 0],
])('retry-after %s is %d ms', (value, ms) => {
  expect(retryAfterMs(value, Date.parse('2026-03-01T10:05:00Z'))).toBe(ms)
})

/** Nothing else rests for so long. */
const RETRY_AFTER_MS_MAX = 4321

test('it waits for as long as it is asked to', async () => {
  const { hook, feed, slept, delivered } = await network({})
  hook.scripted.push({ status: 429, headers: { 'retry-after': '7' } }, { status: 503 })
  feed.ship('urgent', makeAlert())
  await delivered(1)
  expect(hook.requests).toHaveLength(3)
  expect(slept.filter((ms) => ms === RETRY_AFTER_MS_MAX)).toHaveLength(1)
})

test('of a batch nothing is posted twice because of what came after it', async () => {
  const { hook, feed, delivered } = await network({})
  hook.scripted.push({ status: 200 }, { status: 200 }, { status: 503 })
  for (const id of ['a', 'b', 'c', 'd']) feed.ship('urgent', makeAlert({ id }))
  await delivered(4)
  expect(hook.revisions()).toEqual(['a 1', 'b 1', 'c 1', 'd 1'])
})

test('a redirect is not followed, and nothing is set aside because of it', async () => {
  const other = new Hook()
  const otherPort = await other.listen()
  opened.push(() => other.close())
  const { hook, feed, forwarder, delivered } = await network({
    headers: { authorization: { file: 'hec-token' } },
  })
  hook.scripted.push({ status: 302, headers: { location: `http://127.0.0.1:${otherPort}/` } })
  feed.ship('urgent', makeAlert())
  await delivered(1)
  expect([other.requests.length, hook.requests.length]).toEqual([0, 2])
  expect(forwarder.status().spool.outputs[0]?.quarantined).toBe(0)
})

test('when all are refused the first few are set aside, and the rest are kept until one is taken', async () => {
  const { hook, feed, forwarder, delivered } = await network({}, { webhookRefusedMax: 3 })
  hook.answer = () => ({ status: 400, text: '{"error":"summary\\nis required"}' })
  for (let i = 0; i < 6; i++) feed.ship('urgent', makeAlert({ id: `a-${i}` }))
  await vi.waitFor(() => expect(forwarder.status().outputs[0]!.reason).toContain('taken none since'))
  expect(forwarder.status().outputs[0]!.reason).toContain('HTTP 400, {"error":"summary\\nis required"}')
  expect(forwarder.status().spool.outputs[0]).toMatchObject({ quarantined: 3, pending: { urgent: 3 } })
  hook.answer = () => ({ status: 201 })
  await delivered(6)
  expect(hook.revisions()).toEqual(['a-3 1', 'a-4 1', 'a-5 1'])
})

test.each([
  ['all', ['a 1', 'a 2', 'a 4']],
  ['first', ['a 1']],
  ['first-and-last', ['a 1', 'a 4']],
] as const)('of the revisions of an alert it is given %s', async (revisions, posted) => {
  const { hook, feed, delivered } = await network({ revisions })
  feed.ship('urgent', makeAlert({ id: 'a' }))
  await delivered(1)
  feed.ship('urgent', makeAlert({ id: 'a', revision: 2 }))
  await delivered(2)
  feed.ship('urgent', makeAlert({ id: 'a', revision: 4, weir: { status: 'closed' } }))
  feed.ship('urgent', makeAlert({ id: 'b', weir: { status: 'merged', merged_into: 'a' } }))
  await delivered(4)
  expect(hook.revisions().filter((revision) => revision !== 'b 1')).toEqual(posted)
  expect(hook.revisions().includes('b 1')).toBe(revisions === 'all')
})

test('it goes through a proxy, which sees a tunnel and its own password alone', async () => {
  const { authority, server } = makeCertificates()
  const proxy = await openProxy()
  opened.push(() => proxy.close())
  const { ca } = pemFiles({ ca: authority.cert })
  const { hook, feed, delivered } = await network(
    { ca, proxy: `http://user:pass%40word@127.0.0.1:${proxy.port}` },
    {},
    server,
  )
  feed.ship('urgent', makeAlert())
  await delivered(1)
  expect(hook.revisions()).toEqual(['a-1 1'])
  const authorization = `Basic ${Buffer.from('user:pass@word').toString('base64')}`
  expect(proxy.asked).toEqual([{ to: expect.stringMatching(/^localhost:\d+$/), authorization }])
  expect(hook.requests[0]!.headers).not.toHaveProperty('proxy-authorization')
})

test('a receiver that the authority does not vouch for gets nothing through a proxy either', async () => {
  const { authority, stranger } = makeCertificates()
  const proxy = await openProxy()
  opened.push(() => proxy.close())
  const { ca } = pemFiles({ ca: authority.cert })
  const { hook, feed, forwarder } = await network(
    { ca, proxy: `http://127.0.0.1:${proxy.port}` },
    {},
    stranger,
  )
  feed.ship('urgent', makeAlert())
  await vi.waitFor(() => expect(forwarder.status().outputs[0]!.reason).not.toBe(''), { timeout: 4000 })
  expect(forwarder.status().outputs[0]!.reason).toMatch(/through the proxy 127\.0\.0\.1:\d+ .*certificate/)
  expect(hook.requests).toEqual([])
})

test('a URL that is a secret is shown to nobody but its receiver', async () => {
  const of = setting({ url: 'http://127.0.0.1:1' }, [
    { type: 'webhook', name: 'hook', url: { file: 'hook-url' } },
  ])
  writeFileSync(join(of.folder, 'hook-url'), 'http://127.0.0.1:1/services/T0/B0/secret-key\n')
  const { forwarder } = await start(of)
  opened.push(() => forwarder.stop())
  expect(JSON.stringify(read(of))).not.toContain('secret-key')
  const { hook, feed, forwarder: other } = await network({})
  await hook.close()
  feed.ship('urgent', makeAlert())
  await vi.waitFor(() => expect(other.status().outputs[0]!.reason).toContain('cannot reach'), {
    timeout: 4000,
  })
  expect(other.status().outputs[0]!.reason).not.toContain('key=k')
})

test.each([
  [
    'a template with an unknown filter',
    { body: { a: ['{{x|upper}}'] } },
    'outputs.0.body.a.0: no filter "upper"',
  ],
  ['a header that is ours', { headers: { 'Content-Length': '1' } }, 'outputs.0.headers: these headers'],
  ['a header that is there twice', { headers: { 'Idempotency-Key': 'x' } }, 'different headers'],
  [
    'a signature in another one',
    { sign: { secret: { file: 'token' }, header: 'Host' } },
    'different headers',
  ],
  ['a login in the address', { url: 'https://u:p@hook.example' }, 'outputs.0.url: a name and a password'],
  ['a header with a line end', { headers: { a: 'b\nc' } }, 'printable ASCII'],
  ['a status that is no refusal', { takenStatus: [500] }, 'outputs.0.takenStatus.0'],
  ['an address that is none', { url: 'ftp://x' }, 'outputs.0.url'],
])('%s is refused at start, with its place', (_, more, message) => {
  const url = 'https://hook.example'
  const of = setting({ url }, [{ type: 'webhook', name: 'hook', url, ...more }])
  expect(() => read(of)).toThrow(message)
})

async function network(more: object, limits: Parameters<typeof start>[1] = {}, tls?: object) {
  const hook = new Hook(tls)
  const port = await hook.listen()
  opened.push(() => hook.close())
  const feed = new FeedStandIn()
  const url = await feed.listen()
  opened.push(() => feed.close())
  const origin = tls === undefined ? `http://127.0.0.1:${port}` : `https://localhost:${port}`
  const of = setting({ url }, [{ type: 'webhook', name: 'hook', url: `${origin}/hook?key=k`, ...more }])
  const slept: number[] = []
  const sleep: Clock['sleep'] = (ms, signal) => {
    slept.push(ms)
    return systemClock.sleep(Math.min(ms, 50), signal)
  }
  const { forwarder } = await start(
    of,
    { retryAfterMsMax: RETRY_AFTER_MS_MAX, ...limits },
    { now: systemClock.now, sleep },
  )
  opened.push(() => forwarder.stop())
  const delivered = (seq: number) => feed.watched.until(() => feed.delivered('hook', 'urgent') === seq)
  return { hook, feed, forwarder, slept, delivered }
}
