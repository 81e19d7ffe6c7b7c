import { createHmac } from 'node:crypto'
import { DATASETS } from '@weir/normalize'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, PushKit, send } from './push-kit.ts'

const WORKSPACE = '0a1b2c3d-0000-4000-8000-00000000abcd'
const PRIMARY = Buffer.from('the primary key of a workspace that is none').toString('base64')
const SECONDARY = Buffer.from('its secondary key').toString('base64')
const MINUTE = 60_000

const collector = {
  workspaceId: WORKSPACE,
  keys: [{ env: 'PRIMARY' }, { env: 'SECONDARY' }],
  logTypes: { CloudTrail: 'aws.cloudtrail' },
}
let kit: PushKit
beforeAll(async () => {
  kit = await PushKit.open({ dataCollector: collector }, { PRIMARY, SECONDARY })
})
afterAll(() => kit.close())

interface Post {
  readonly body?: string
  readonly logType?: string
  readonly key?: string
  readonly workspace?: string
  readonly at?: number
  readonly path?: string
  /** Header in place of those that the sender makes; `undefined` leaves one out. */
  readonly headers?: Readonly<Record<string, string | undefined>>
  /** The kind of content that is signed. */
  readonly signedType?: string
}

/** A sender as the documentation of the API describes one, with the headers spelled as its PowerShell sample does. */
async function post(like: Post = {}): Promise<Answer> {
  const { body = '[{"a":1}]', logType = 'MyLog', key = PRIMARY, workspace = WORKSPACE } = like
  const { at = Date.now(), path = '/api/logs?api-version=2016-04-01', signedType = 'application/json' } = like
  const date = new Date(at).toUTCString()
  const length = Buffer.byteLength(body, 'utf8')
  const text = `POST\n${length}\n${signedType}\nx-ms-date:${date}\n/api/logs`
  const mac = createHmac('sha256', Buffer.from(key, 'base64')).update(text, 'utf8').digest('base64')
  const made: Record<string, string | undefined> = {
    Authorization: `SharedKey ${workspace}:${mac}`,
    'Log-Type': logType,
    'x-ms-date': date,
    'time-generated-field': '',
    'Content-Type': 'application/json',
    'Content-Length': String(length),
    ...like.headers,
  }
  const headers = Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined))
  return send(kit.url + path, headers, body)
}

/** The records that came of one post. */
async function posted(like: Post) {
  const before = kit.records.length
  const answer = await post(like)
  expect([answer.status, answer.body]).toEqual([200, ''])
  return kit.records.slice(before)
}

test('a list of records, each with the table that it is for', async () => {
  const body = '[{"user":"ada","n":1}, {"user":"bob","n":2}]'
  expect(await posted({ body })).toEqual([
    { user: 'ada', n: 1, Type: 'MyLog_CL' },
    { user: 'bob', n: 2, Type: 'MyLog_CL' },
  ])
  expect(kit.messages.at(-1)?.dataset).toBe('generic')
})

test.each([
  ['one object alone', '{"solo":1}', [{ solo: 1, Type: 'MyLog_CL' }]],
  ['an object of no members', '[{}]', [{ Type: 'MyLog_CL' }]],
  ['records over several lines', '[\n {\n  "line":\n 1 }\n]', [{ line: 1, Type: 'MyLog_CL' }]],
  ['an envelope', '{"records":[{"in":1},{"in":2}]}', [1, 2].map((n) => ({ in: n, Type: 'MyLog_CL' }))],
  ['its own Type', '[{"Type":"Error"}]', [{ Type: 'MyLog_CL', Type_s: 'Error' }]],
  ['braces in texts', '[{"t":"}]\\n{"}]', [{ t: '}]\n{', Type: 'MyLog_CL' }]],
  ['a mark before it', '\uFEFF[{"mark":1}]', [{ mark: 1, Type: 'MyLog_CL' }]],
  ['an empty list', '[]', []],
])('%s', async (_, body, records) => {
  expect(await posted({ body })).toEqual(records)
})

test('records stay as they were written, to the last digit', async () => {
  await posted({ body: '[ {"big": 12345678901234567890,  "one":1.0} ]' })
  const text = Buffer.from(kit.messages.at(-1)!.bytes).toString()
  expect(text).toBe('{"big": 12345678901234567890,  "one":1.0,"Type":"MyLog_CL"}\n')
})

test('a Log-Type goes to the dataset that the configuration names', async () => {
  await posted({ logType: 'CloudTrail', body: '[{"eventName":"ConsoleLogin","eventSource":"signin"}]' })
  expect(kit.messages.at(-1)?.dataset).toBe('aws.cloudtrail')
})

test('the same records of two logs are two, the same of one are a repeat', async () => {
  const body = '[{"same":"records"}]'
  await posted({ body, logType: 'LogA' })
  await posted({ body, logType: 'LogB' })
  await posted({ body, logType: 'LogA', at: Date.now() - MINUTE })
  expect(kit.messages.slice(-3).map(({ repeated }) => repeated)).toEqual([undefined, undefined, true])
})

test('the resource that the records are of', async () => {
  const headers = { 'x-ms-AzureResourceId': '/subscriptions/s/resourceGroups/g' }
  expect(await posted({ body: '[{"r":1}]', headers })).toEqual([
    { r: 1, _ResourceId: '/subscriptions/s/resourceGroups/g', Type: 'MyLog_CL' },
  ])
})

describe('the time of an event', () => {
  const now = Date.now()
  const iso = (ms: number): string => new Date(now + ms).toISOString()
  const headers = { 'time-generated-field': 'seen' }
  const timeOf = async (record: object): Promise<number | undefined> => {
    const [kept] = await posted({ headers, body: JSON.stringify([record]) })
    return DATASETS.get('generic')!.time(kept!)
  }

  test('is that of the field, also where the record has other times', async () => {
    expect(await timeOf({ seen: iso(-5 * MINUTE), time: iso(-MINUTE) })).toBe(now - 5 * MINUTE)
    expect(await timeOf({ seen: iso(-9 * MINUTE), TimeGenerated: iso(-MINUTE) })).toBe(now - 9 * MINUTE)
  })

  test('stays what it is when it is long past, and is the receipt when it is more than a day ahead', async () => {
    expect(await timeOf({ seen: iso(-5 * 24 * 60 * MINUTE) })).toBe(now - 5 * 24 * 60 * MINUTE)
    const received = await timeOf({ seen: iso(25 * 60 * MINUTE) })
    expect(Math.abs(received! - now)).toBeLessThan(60 * MINUTE)
  })

  test('is another one of the record where the field has none', async () => {
    expect(await timeOf({ seen: 'yesterday', time: iso(-MINUTE) })).toBe(now - MINUTE)
    expect(await timeOf({ other: 1, timestamp: iso(-2 * MINUTE) })).toBe(now - 2 * MINUTE)
  })
})

describe('takes', () => {
  test.each<[string, Post]>([
    ['the secondary key', { key: SECONDARY }],
    ['the workspace in capitals', { workspace: WORKSPACE.toUpperCase() }],
    ['a clock 14 minutes behind', { at: Date.now() - 14 * MINUTE }],
    ['a clock 14 minutes ahead', { at: Date.now() + 14 * MINUTE }],
    ['another spelling of the scheme', {}],
    [
      'a kind of content with its charset, signed without',
      { headers: { 'Content-Type': 'application/json; charset=utf-8' } },
    ],
    [
      'a kind of content with its charset, signed with',
      {
        headers: { 'Content-Type': 'application/json; charset=utf-8' },
        signedType: 'application/json; charset=utf-8',
      },
    ],
    ['bytes beyond ASCII', { body: '[{"name":"Müller – 安全"}]' }],
  ])('%s', async (_, like) => {
    expect((await post(like)).status).toBe(200)
  })

  test('names of headers in small letters', async () => {
    const date = new Date().toUTCString()
    const body = '[{"small":1}]'
    const text = `POST\n${body.length}\napplication/json\nx-ms-date:${date}\n/api/logs`
    const mac = createHmac('sha256', Buffer.from(PRIMARY, 'base64')).update(text).digest('base64')
    const headers = {
      authorization: `SharedKey ${WORKSPACE}:${mac}`,
      'log-type': 'small_letters',
      'x-ms-date': date,
      'content-type': 'application/json',
      'content-length': body.length,
    }
    expect((await send(`${kit.url}/api/logs?api-version=2016-04-01`, headers, body)).status).toBe(200)
  })
})

describe('refuses, with the code that is documented', () => {
  test.each<[string, Post, number, string]>([
    ['no api-version', { path: '/api/logs' }, 400, 'MissingApiVersion'],
    ['another api-version', { path: '/api/logs?api-version=2020-01-01' }, 400, 'InvalidApiVersion'],
    ['no kind of content', { headers: { 'Content-Type': undefined } }, 400, 'MissingContentType'],
    ['another kind of content', { headers: { 'Content-Type': 'text/xml' } }, 400, 'UnsupportedContentType'],
    ['no Log-Type', { headers: { 'Log-Type': undefined } }, 400, 'MissingLogType'],
    ['a Log-Type with a dash', { logType: 'My-Log' }, 400, 'InvalidLogType'],
    ['a Log-Type of 101 letters', { logType: 'x'.repeat(101) }, 400, 'InvalidLogType'],
    ['another workspace', { workspace: WORKSPACE.replace('0a', '1a') }, 400, 'InvalidCustomerId'],
    ['another key', { key: Buffer.from('another').toString('base64') }, 403, 'InvalidAuthorization'],
    ['no authorization', { headers: { Authorization: undefined } }, 403, 'InvalidAuthorization'],
    ['a bearer token', { headers: { Authorization: 'Bearer x' } }, 403, 'InvalidAuthorization'],
    ['a clock 16 minutes behind', { at: Date.now() - 16 * MINUTE }, 403, 'InvalidAuthorization'],
    ['a clock 16 minutes ahead', { at: Date.now() + 16 * MINUTE }, 403, 'InvalidAuthorization'],
    ['no date', { headers: { 'x-ms-date': undefined } }, 403, 'InvalidAuthorization'],
    ['a date in ISO', { headers: { 'x-ms-date': new Date().toISOString() } }, 403, 'InvalidAuthorization'],
    ['what is not JSON', { body: '[{"a":1},' }, 400, 'InvalidDataFormat'],
    ['lines', { body: '{"a":1}\n{"a":2}' }, 400, 'InvalidDataFormat'],
    ['a list of numbers', { body: '[1,2]' }, 400, 'InvalidDataFormat'],
    ['a number', { body: '7' }, 400, 'InvalidDataFormat'],
    ['nothing', { body: '' }, 400, 'InvalidDataFormat'],
    ['a coding', { headers: { 'Content-Encoding': 'gzip' } }, 400, 'UnsupportedContentType'],
  ])('%s', async (_, like, status, code) => {
    const before = kit.batches.length
    const answer = await post(like)
    const body = JSON.parse(answer.body) as object
    expect([answer.status, body]).toEqual([status, { Error: code, Message: expect.any(String) }])
    expect(answer.headers['x-ms-request-id']).toBeTruthy()
    expect(kit.batches).toHaveLength(before)
  })

  test('a body of another length than was signed, and one whose length is not told', async () => {
    const date = new Date().toUTCString()
    const text = `POST\n9\napplication/json\nx-ms-date:${date}\n/api/logs`
    const mac = createHmac('sha256', Buffer.from(PRIMARY, 'base64')).update(text).digest('base64')
    const headers = {
      Authorization: `SharedKey ${WORKSPACE}:${mac}`,
      'Log-Type': 'MyLog',
      'x-ms-date': date,
      'Content-Type': 'application/json',
    }
    const url = `${kit.url}/api/logs?api-version=2016-04-01`
    expect((await send(url, { ...headers, 'Content-Length': 10 }, '[{"b":12}]')).status).toBe(403)
    expect((await send(url, { ...headers, 'Transfer-Encoding': 'chunked' }, '[{"b":1}]')).status).toBe(411)
    expect((await send(url, { ...headers, 'Content-Length': 9 }, '[{"b":1}]')).status).toBe(200)
  })

  test('more than 30 MB', async () => {
    const filler = 'x'.repeat(30 * 1024 * 1024)
    const answer = await post({ body: JSON.stringify([{ filler }]) })
    expect([answer.status, JSON.parse(answer.body).Error]).toEqual([404, 'RequestTooLarge'])
  })
})

test('as much as 30 MB is taken', async () => {
  const before = kit.batches.length
  const filler = 'x'.repeat(30 * 1024 * 1024 - 15)
  const answer = await post({ body: JSON.stringify([{ filler }]) })
  expect([answer.status, kit.batches.length]).toEqual([200, before + 1])
})

test('a key that is not base64 stops the start with a word about it', () => {
  const open = () => new PushKit({ dataCollector: collector }, { PRIMARY: 'no key!', SECONDARY })
  expect(open).toThrow('not base64')
})
