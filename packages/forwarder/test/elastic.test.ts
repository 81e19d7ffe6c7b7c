import { parseConfig } from '@weir/runtime'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { elasticLines } from '../src/formats/elastic.ts'
import { doctor, forwarderConfig } from '../src/index.ts'
import { itemVerdictOf, verdictOf } from '../src/outputs/elastic/retry.ts'
import { read, setting, start } from './bench.ts'
import { FeedStandIn } from './support/aggregator.ts'
import { makeAlert } from './support/alert.ts'
import { ElasticStandIn } from './support/elastic.ts'

const opened: (() => Promise<unknown> | unknown)[] = []

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

describe('what is written', () => {
  const alert = makeAlert({ id: 'a', revision: 3, message: 'one\ntwo 🐟' })

  test.each([
    ['an index', 'index', '{"index":{"_id":"a","version":3,"version_type":"external"}}'],
    ['a data stream', 'data-stream', '{"create":{"_id":"a.3"}}'],
  ] as const)('to %s is these two lines', (_, kind, action) => {
    expect(elasticLines(alert, kind).toString()).toBe(`${action}\n${JSON.stringify(alert)}\n`)
  })
})

test('a document holds the newest revision, and an older one that comes late changes nothing', async () => {
  const server = await elastic()
  const { feed, delivered } = await line(server)
  feed.ship('urgent', makeAlert({ id: 'a', revision: 1 }))
  await delivered('urgent', 1)
  feed.ship('urgent', makeAlert({ id: 'a', revision: 4 }))
  await delivered('urgent', 2)
  const { feed: other, delivered: late } = await line(server)
  other.ship('urgent', makeAlert({ id: 'a', revision: 2 }))
  other.ship('urgent', makeAlert({ id: 'a', revision: 4 }))
  await late('urgent', 2)
  expect(server.arrived).toEqual(['a 1', 'a 4', 'a 2', 'a 4'])
  expect([...server.documents].map(([id, { version }]) => `${id} ${version}`)).toEqual(['a 4'])
})

test('a data stream has a document for each revision, and none twice', async () => {
  const server = await elastic('data stream')
  for (const _ of ['a forwarder', 'another']) {
    const { feed, delivered } = await line(server)
    feed.ship('urgent', makeAlert({ id: 'a', revision: 1 }))
    await delivered('urgent', 1)
    feed.ship('urgent', makeAlert({ id: 'a', revision: 2 }))
    await delivered('urgent', 2)
  }
  expect([...server.documents.keys()]).toEqual(['a.1', 'a.2'])
})

test('what the receiver already has is counted as such', async () => {
  const server = await elastic()
  await deliverOne(server)
  const { feed, delivered, report } = await line(server)
  feed.ship('urgent', makeAlert({ id: 'a' }))
  await delivered('urgent', 1)
  expect(await report.registry.metrics()).toContain('weir_output_had_already_total{output="out"} 1')
})

const BUSY = { status: 429, error: { type: 'es_rejected_execution_exception', reason: 'queue is full' } }

test('a document that is put off is sent again by itself', async () => {
  const server = await elastic()
  let busy = 2
  server.item = (id) => (id === 'a-3' && busy-- > 0 ? BUSY : undefined)
  const { feed, delivered } = await line(server, 20)
  await delivered('bulk', 20)
  expect(server.requests.slice(-2)).toEqual([1, 1])
  expect(server.documents.size).toBe(20)
  expect(feed.delivered('out', 'bulk')).toBe(20)
})

test('one that is put off for long fails the batch, which comes again and harms nothing', async () => {
  const server = await elastic()
  let busy = true
  server.item = (id) => (id === 'a-3' && busy ? BUSY : undefined)
  const { forwarder, delivered } = await line(server, 20)
  await vi.waitFor(() => expect(forwarder.status().outputs[0]!.reason).toContain('queue is full'))
  busy = false
  await delivered('bulk', 20)
  expect(server.documents.size).toBe(20)
  expect(forwarder.status().spool.outputs[0]?.quarantined).toBe(0)
})

test.each(['connection', 'body'] as const)(
  'an answer that breaks off (%s) counts for nothing, and all of it is sent again',
  async (how) => {
    const server = await elastic()
    server.broken.push(how)
    const { delivered } = await line(server, 10)
    await delivered('bulk', 10)
    expect(server.requests.length).toBeGreaterThan(1)
    expect(server.documents.size).toBe(10)
  },
)

test('a request that is too large is divided, and what is too large by itself is set aside', async () => {
  const server = await elastic()
  server.bytesMax = 9000
  const { feed, forwarder, delivered } = await line(server, 12)
  feed.ship('bulk', makeAlert({ id: 'large', message: 'x'.repeat(20_000) }))
  await delivered('bulk', 13)
  expect(server.documents.size).toBe(12)
  expect(forwarder.status().spool.outputs[0]?.quarantined).toBe(1)
})

const ILLEGAL = { status: 400, error: { type: 'illegal_argument_exception', reason: 'no such pipeline' } }

test('what may be ours or the alert’s is ours as long as nothing else was taken', async () => {
  const server = await elastic()
  server.item = () => ILLEGAL
  const { forwarder, delivered } = await line(server, 5)
  await vi.waitFor(() => expect(forwarder.status().outputs[0]!.reason).toContain('no such pipeline'))
  expect(forwarder.status().spool.outputs[0]?.quarantined).toBe(0)
  server.item = (id) => (id === 'a-2' ? ILLEGAL : undefined)
  await delivered('bulk', 5)
  expect(forwarder.status().spool.outputs[0]?.quarantined).toBe(1)
  expect(server.documents.size).toBe(4)
})

test('a target that is a data stream is no place for revisions, and nothing is set aside', async () => {
  const server = await elastic('data stream')
  const { forwarder } = await line(server, 3, { dataStream: undefined, index: server.target })
  await vi.waitFor(() => expect(forwarder.status().outputs[0]!.reason).toContain('only create'))
  expect(forwarder.status().spool.outputs[0]?.quarantined).toBe(0)
})

test('pipeline, alias and a path before ours are in the address', async () => {
  const server = await elastic()
  const { delivered } = await line(server, 1, { pipeline: 'add geo', requireAlias: true })
  await delivered('bulk', 1)
  expect(server.paths).toEqual([
    'POST /weir-alerts/_bulk?filter_path=items.*.status%2Citems.*.error.type%2Citems.*.error.reason' +
      '&pipeline=add+geo&require_alias=true',
  ])
  const behind = await line(server, 1, { url: `${await server.url}/search` })
  await vi.waitFor(() => expect(behind.forwarder.status().outputs[0]!.reason).toContain('HTTP 404'))
  expect(server.paths.at(-1)).toMatch(/^POST \/search\/weir-alerts\/_bulk/)
})

describe('an answer', () => {
  test.each([
    [200, 'items'],
    [413, 'divide'],
    [408, 'later'],
    [429, 'later'],
    [500, 'later'],
    [503, 'later'],
    [301, 'setup'],
    [400, 'setup'],
    [401, 'setup'],
    [403, 'setup'],
    [404, 'setup'],
  ])('HTTP %d means %s', (status, verdict) => {
    expect(verdictOf(status)).toBe(verdict)
  })

  test.each([
    [201, undefined, 'taken'],
    [200, undefined, 'taken'],
    [409, 'version_conflict_engine_exception', 'had'],
    [429, 'es_rejected_execution_exception', 'later'],
    [429, 'cluster_block_exception', 'later'],
    [503, 'unavailable_shards_exception', 'later'],
    [400, 'mapper_parsing_exception', 'refused'],
    [400, 'document_parsing_exception', 'refused'],
    [400, 'strict_dynamic_mapping_exception', 'refused'],
    [400, 'illegal_argument_exception', 'doubtful'],
    [401, 'security_exception', 'setup'],
    [403, 'security_exception', 'setup'],
    [403, 'cluster_block_exception', 'setup'],
    [404, 'index_not_found_exception', 'setup'],
  ])('a document’s %d, %s, means %s', (status, type, verdict) => {
    expect(itemVerdictOf(status, type)).toBe(verdict)
  })
})

describe('the doctor', () => {
  test.each([
    ['Elasticsearch', {}, 'is Elasticsearch 9.2.0; weir-alerts is there as index'],
    [
      'OpenSearch',
      { greeting: { version: { number: '3.3.0', distribution: 'opensearch' } } },
      'is OpenSearch 3.3.0; weir-alerts is there as index',
    ],
    [
      'a target that is not there yet',
      { exists: false },
      'weir-alerts is not there yet, and an index template is',
    ],
  ])('tells of %s, and writes nothing', async (_, state, said) => {
    const server = Object.assign(await elastic(), state)
    expect(await check(server)).toMatchObject({ ok: true, detail: expect.stringContaining(said) })
    expect(server.requests).toEqual([])
  })

  test.each([
    ['no template', { exists: false, hasTemplate: false }, {}, 'no index template for it'],
    ['another server', { greeting: { hello: 'world' } }, {}, 'neither Elasticsearch nor OpenSearch'],
    ['a wrong key', {}, { apiKey: { file: 'token' } }, 'does not know us: HTTP 401'],
    [
      'an index where a data stream should be',
      {},
      { index: undefined, dataStream: 'weir-alerts' },
      'weir-alerts is there as index: name it by "index"',
    ],
  ])('finds fault with %s', async (_, state, config, said) => {
    const server = Object.assign(await elastic(), state)
    expect(await check(server, config)).toMatchObject({ ok: false, detail: expect.stringContaining(said) })
  })

  test('does not take it for a fault that a key which may write may not ask', async () => {
    const server = await elastic()
    server.refuses = 403
    expect(await check(server)).toMatchObject({
      ok: true,
      detail: expect.stringContaining('may not look at'),
    })
  })
})

describe('a configuration', () => {
  const OK = { type: 'elastic', name: 'elastic', url: 'https://es.example.org:9200', index: 'weir-alerts' }

  test.each([
    ['neither index nor data stream', { index: undefined }, 'either "index" or "dataStream"'],
    ['both', { dataStream: 'logs-weir.alerts-default' }, 'either "index" or "dataStream"'],
    ['a name that no index has', { index: 'Weir Alerts' }, 'lower-case letters'],
    ['a user without a password', { user: 'weir' }, '"user" and "password" go together'],
    [
      'a user and a key',
      { user: 'weir', password: { env: 'P' }, apiKey: { env: 'P' } },
      'either "apiKey" or',
    ],
    ['half an identity', { cert: 'client.pem' }, '"cert" and "key" go together'],
    [
      'an alias that is a data stream',
      { index: undefined, dataStream: 'x', requireAlias: true },
      'a data stream is no alias',
    ],
  ])('with %s is refused', (_, part, why) => {
    const { config } = setting({ url: 'http://x', token: { env: 'P' } }, [{ ...OK, ...part }])
    const text = JSON.parse(JSON.stringify(config))
    expect(() => parseConfig('forwarder.json', text, forwarderConfig, { P: 'x' })).toThrow(why)
  })
})

async function elastic(kind: 'index' | 'data stream' = 'index') {
  const server = new ElasticStandIn(kind)
  const url = await server.listen()
  opened.push(() => server.close())
  return Object.assign(server, { url })
}

function outputTo(server: ElasticStandIn & { readonly url: string }, more: object) {
  const target = server.kind === 'index' ? { index: server.target } : { dataStream: server.target }
  const key = { file: 'elastic-key' }
  return { type: 'elastic', name: 'out', url: server.url, apiKey: key, ...target, ...more }
}

async function check(server: ElasticStandIn & { readonly url: string }, more: object = {}) {
  const of = setting({ url: 'http://127.0.0.1:1' }, [outputTo(server, more)])
  const text = JSON.parse(JSON.stringify(of.config))
  return (await doctor(read({ ...of, config: text }))).find(({ name }) => name === 'output out')
}

async function deliverOne(server: ElasticStandIn & { readonly url: string }): Promise<void> {
  const { feed, delivered } = await line(server)
  feed.ship('urgent', makeAlert({ id: 'a' }))
  await delivered('urgent', 1)
}

/** A forwarder between a feed, with so many alerts in it, and the server. */
async function line(server: ElasticStandIn & { readonly url: string }, alerts = 0, more: object = {}) {
  const feed = new FeedStandIn()
  const url = await feed.listen()
  opened.push(() => feed.close())
  for (let i = 0; i < alerts; i++) feed.ship('bulk', makeAlert({ id: `a-${i}` }))
  const of = setting({ url }, [outputTo(server, more)])
  const { forwarder, report } = await start({ ...of, config: JSON.parse(JSON.stringify(of.config)) })
  opened.push(() => forwarder.stop())
  const delivered = (lane: 'urgent' | 'bulk', seq: number) =>
    feed.watched.until(() => feed.delivered('out', lane) === seq)
  return { feed, forwarder, report, delivered }
}
