import type { OutgoingHttpHeaders } from 'node:http'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { hashToken } from '@weir/aggregator'
import { DATASETS } from '@weir/normalize'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ingest, PushKit, send, TOKEN } from './push-kit.ts'

const BOUND = 'a-token-bound-to-two-datasets'
const LIMIT = 100_000
const tokens = [
  { name: 'any', token: { env: 'TOKEN' } },
  { name: 'bound', sha256: hashToken(BOUND), datasets: ['o365.audit', 'generic'] },
]
let kit: PushKit
beforeAll(async () => {
  kit = await PushKit.open({ ingest: { tokens, bodyBytesMax: `${LIMIT}B` } })
})
afterAll(() => kit.close())

const ONE = '{"n":1}'
const TWO = '{"n":2}'
const BOTH = [{ n: 1 }, { n: 2 }]

describe('takes', () => {
  test.each<[string, string | Buffer, object[], OutgoingHttpHeaders]>([
    ['an object', ONE, [{ n: 1 }], {}],
    ['a list', `[${ONE},${TWO}]`, BOTH, {}],
    ['lines', `${ONE}\n${TWO}\n`, BOTH, {}],
    ['an envelope', `{"records":[${ONE},${TWO}]}`, BOTH, {}],
    ['gzip', gzipSync(`[${ONE},${TWO}]`), BOTH, { 'content-encoding': 'gzip' }],
    ['zstd', zstdCompressSync(`${ONE}\n${TWO}`), BOTH, { 'Content-Encoding': 'ZSTD' }],
    ['gzip that does not say so', gzipSync(ONE), [{ n: 1 }], {}],
    ['any kind of content', ONE, [{ n: 1 }], { 'content-type': 'application/x-ndjson; charset=utf-8' }],
    ['an empty list', '[]', [], {}],
  ])('%s', async (_, body, records, headers) => {
    const before = kit.records.length
    const answer = await ingest(kit, body, 'generic', headers)
    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      202,
      { records: records.length, unreadable: 0 },
    ])
    expect(kit.records.slice(before)).toEqual(records)
  })

  test('a body in pieces of unknown number', async () => {
    const url = `${kit.url}/v1/ingest/o365.audit`
    const headers = { authorization: `Bearer ${TOKEN}`, 'transfer-encoding': 'chunked' }
    expect((await send(url, headers, ONE)).status).toBe(202)
    expect(kit.messages.at(-1)).toMatchObject({ dataset: 'o365.audit' })
  })

  test('what can be read, and says how much cannot', async () => {
    const answer = await ingest(kit, `${ONE}\nno record\n${TWO}`)
    expect([answer.status, JSON.parse(answer.body)]).toEqual([202, { records: 2, unreadable: 1 }])
    expect(Buffer.from(kit.messages.at(-1)!.bytes).toString()).toContain('no record')
  })
})

describe('refuses', () => {
  test.each<[string, string | Buffer, string, OutgoingHttpHeaders, number, string]>([
    ['no token', ONE, 'generic', { authorization: '' }, 401, 'NO_TOKEN'],
    ['an unknown token', ONE, 'generic', { authorization: 'Bearer x' }, 401, 'NO_TOKEN'],
    ['a token as a password', ONE, 'generic', { authorization: `Basic ${TOKEN}` }, 401, 'NO_TOKEN'],
    ['a dataset that is not', ONE, 'azure.nothing', {}, 404, 'NOT_FOUND'],
    [
      'a dataset not the token’s',
      ONE,
      'aws.cloudtrail',
      { authorization: `Bearer ${BOUND}` },
      403,
      'NOT_ALLOWED',
    ],
    ['what is no record at all', 'no record', 'generic', {}, 400, 'BAD_REQUEST'],
    ['numbers', '[1,2]', 'generic', {}, 400, 'BAD_REQUEST'],
    ['nothing', '', 'generic', {}, 400, 'BAD_REQUEST'],
    ['another coding', ONE, 'generic', { 'content-encoding': 'br' }, 415, 'WRONG_TYPE'],
    ['gzip that is none', ONE, 'generic', { 'content-encoding': 'gzip' }, 400, 'BAD_REQUEST'],
    [
      'gzip cut short',
      gzipSync(ONE).subarray(0, 20),
      'generic',
      { 'content-encoding': 'gzip' },
      400,
      'BAD_REQUEST',
    ],
    ['zstd that is none', ONE, 'generic', { 'content-encoding': 'zstd' }, 400, 'BAD_REQUEST'],
    ['more than the limit', `[${ONE}]`.padEnd(LIMIT + 1), 'generic', {}, 413, 'TOO_LARGE'],
    [
      'a gzip bomb',
      gzipSync(' '.repeat(50_000_000)),
      'generic',
      { 'content-encoding': 'gzip' },
      413,
      'TOO_LARGE',
    ],
    [
      'a zstd bomb',
      zstdCompressSync(' '.repeat(50_000_000)),
      'generic',
      { 'content-encoding': 'zstd' },
      413,
      'TOO_LARGE',
    ],
    ['a gzip bomb that does not say so', gzipSync(ONE.padEnd(50_000_000)), 'generic', {}, 400, 'BAD_REQUEST'],
  ])('%s', async (_, body, dataset, headers, status, code) => {
    const before = kit.batches.length
    const answer = await ingest(kit, body, dataset, headers)
    const { error } = JSON.parse(answer.body) as { error: { code: string; message: string } }
    expect([answer.status, error.code]).toEqual([status, code])
    expect(kit.batches).toHaveLength(before)
  })

  test('more than the limit in pieces of unknown number', async () => {
    const headers = { authorization: `Bearer ${TOKEN}`, 'transfer-encoding': 'chunked' }
    const answer = await send(`${kit.url}/v1/ingest/generic`, headers, ONE.padEnd(LIMIT * 3))
    expect(answer.status).toBe(413)
  })

  test('an unknown dataset, and lists those that there are', async () => {
    const { body } = await ingest(kit, ONE, 'azure.nothing')
    for (const name of DATASETS.keys()) expect(body).toContain(name)
  })

  test('ways in that are not configured', async () => {
    expect((await send(`${kit.url}/api/logs?api-version=2016-04-01`, {}, '[]')).status).toBe(404)
    expect((await send(`${kit.url}/dataCollectionRules/a/streams/b`, {}, '[]')).status).toBe(404)
  })
})
