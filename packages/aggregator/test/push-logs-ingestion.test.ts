import { createHmac, generateKeyPairSync } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { OAuth2Server } from 'oauth2-mock-server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, PushKit, send } from './push-kit.ts'

const TENANT = 'abcdef11-2222-4333-8444-555555555555'
const APP = 'aaaaaaaa-0000-4000-8000-000000000001'
const OBJECT = 'bbbbbbbb-0000-4000-8000-000000000002'
const V1 = `https://sts.windows.net/${TENANT}/`
const V2 = `https://login.microsoftonline.com/${TENANT}/v2.0`
const RULE = 'dcr-0123456789abcdef'
const MB = 1024 * 1024

/** Stands for the tenant: its keys are those that are asked for. */
const entra = new OAuth2Server()
const stranger = new OAuth2Server()
let kit: PushKit
beforeAll(async () => {
  await entra.issuer.keys.generate('RS256', { kid: 'first' })
  await entra.issuer.keys.generate('RS256', { kid: 'second' })
  await entra.issuer.keys.generate('ES256', { kid: 'curves' })
  await entra.start(0, '127.0.0.1')
  await stranger.issuer.keys.generate('RS256', { kid: 'first' })
  await stranger.start(0, '127.0.0.1')
  kit = await PushKit.open({ logsIngestion: settings(`${entra.issuer.url}/jwks`) })
})
afterAll(async () => {
  await kit.close()
  await entra.stop()
  await stranger.stop()
})

function settings(keysUrl: string): object {
  const streams = { 'Custom-App_CL': 'generic', 'Microsoft-Audit': 'o365.audit' }
  // An operator may write it either way; an issuer's name has small letters.
  return { tenantId: TENANT.toUpperCase(), clients: [APP, OBJECT], rules: { [RULE]: streams }, keysUrl }
}

interface Claims {
  readonly [claim: string]: unknown
}

const SECONDS = (): number => Math.floor(Date.now() / 1000)

function token(claims: Claims = {}, by: OAuth2Server = entra, kid = 'first'): Promise<string> {
  const usual = { iss: V1, aud: 'https://monitor.azure.com', appid: APP, tid: TENANT }
  return by.issuer.buildToken({
    kid,
    scopesOrTransform: (_, payload) => {
      Object.assign(payload, usual, claims)
      for (const [claim, value] of Object.entries(claims)) if (value === undefined) delete payload[claim]
    },
  })
}

interface Call {
  readonly body?: string | Buffer
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
}

function call(bearer: string, like: Call = {}): Promise<Answer> {
  const { body = '[{"a":1}]', headers = {} } = like
  const { path = `/dataCollectionRules/${RULE}/streams/Custom-App_CL?api-version=2023-01-01` } = like
  const usual = {
    authorization: `Bearer ${bearer}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  }
  return send(kit.url + path, { ...usual, ...headers }, body)
}

test('a list of records is taken, each with the table that it is for', async () => {
  const answer = await call(await token(), { body: '[{"u":"ada"},{"u":"bob"}]' })
  expect([answer.status, answer.body]).toEqual([204, ''])
  expect(kit.records.slice(-2)).toEqual(['ada', 'bob'].map((u) => ({ u, Type: 'App_CL' })))
  expect(kit.messages.at(-1)?.dataset).toBe('generic')
})

test('a stream goes to the dataset that the configuration names; gzip is taken', async () => {
  const path = `/dataCollectionRules/${RULE}/streams/Microsoft-Audit?api-version=2023-01-01`
  const headers = { 'content-encoding': 'gzip' }
  expect((await call(await token(), { path, headers, body: gzipSync('[{"z":1}]') })).status).toBe(204)
  expect(kit.messages.at(-1)?.dataset).toBe('o365.audit')
  expect(kit.records.at(-1)).toEqual({ z: 1, Type: 'Audit' })
})

describe('takes a token', () => {
  test.each<[string, Claims]>([
    ['of version 1', {}],
    ['of version 2', { iss: V2, appid: undefined, azp: APP }],
    ['for the audience with a slash', { aud: 'https://monitor.azure.com/' }],
    ['of an object that may send', { appid: 'cccccccc-0000-4000-8000-000000000003', oid: OBJECT }],
    ['of an application in capitals', { appid: APP.toUpperCase() }],
    ['that has just expired by another clock', { exp: SECONDS() - 20 }],
  ])('%s', async (_, claims) => {
    expect((await call(await token(claims))).status).toBe(204)
  })

  test('signed with another key of the tenant', async () => {
    expect((await call(await token({}, entra, 'second'))).status).toBe(204)
  })
})

describe('refuses a token', () => {
  test.each<[string, Claims, number]>([
    ['for another audience', { aud: 'https://management.azure.com' }, 401],
    ['for an audience that begins alike', { aud: 'https://monitor.azure.com.example' }, 401],
    ['of another tenant', { iss: V1.replace(TENANT, '99999999-2222-4333-8444-555555555555') }, 401],
    ['of the issuer’s own name', { iss: 'https://sts.windows.net/' }, 401],
    ['that expired', { exp: SECONDS() - 120 }, 401],
    ['that never expires', { exp: undefined }, 401],
    ['that is not valid yet', { nbf: SECONDS() + 600 }, 401],
    ['of another application', { appid: 'cccccccc-0000-4000-8000-000000000003' }, 403],
    ['of no application', { appid: undefined }, 403],
  ])('%s', async (_, claims, status) => {
    const before = kit.batches.length
    expect((await call(await token(claims))).status).toBe(status)
    expect(kit.batches).toHaveLength(before)
  })

  test('that is not signed, or by another key, another way, or not at all a token', async () => {
    const good = await token()
    const [header, payload, signature] = good.split('.') as [string, string, string]
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const kid = 'first'
    const secret = JSON.stringify(entra.issuer.keys.get(kid))
    const symmetric = `${encode({ alg: 'HS256', kid })}.${payload}`
    const mac = createHmac('sha256', secret).update(symmetric).digest('base64url')
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' })
    const bad = {
      unsigned: `${encode({ alg: 'none' })}.${payload}.`,
      'other key of the same id': await token({}, stranger),
      'unknown key': `${encode({ alg: 'RS256', kid: 'unknown' })}.${payload}.${signature}`,
      'a key of its own': `${encode({ alg: 'RS256', kid, jwk: other })}.${payload}.${signature.slice(0, -8)}AAAAAAAA`,
      'changed claims': `${header}.${encode({ iss: V1, aud: 'https://monitor.azure.com', appid: APP, exp: SECONDS() + 999 })}.${signature}`,
      symmetric: `${symmetric}.${mac}`,
      'elliptic curves': await token({}, entra, 'curves'),
      nothing: 'x',
    }
    const refused = await Promise.all(
      Object.entries(bad).map(async ([name, bearer]) => [name, (await call(bearer)).status]),
    )
    expect(refused).toEqual(Object.keys(bad).map((name) => [name, 401]))
  })

  test('that is missing, with the way to prove oneself', async () => {
    const answer = await call('', { headers: { authorization: '' } })
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, 'Bearer'])
  })

  test('while the keys cannot be had, with the wish that it be tried again', async () => {
    const away = await PushKit.open({ logsIngestion: settings('http://127.0.0.1:9/jwks') })
    const path = `/dataCollectionRules/${RULE}/streams/Custom-App_CL?api-version=2023-01-01`
    const headers = { authorization: `Bearer ${await token()}`, 'content-length': 9 }
    const answer = await send(away.url + path, headers, '[{"a":1}]')
    await away.close()
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '5'])
    expect(away.log).toContain('push_keys_unreachable')
  })
})

describe('refuses', () => {
  const at = (id: string, stream: string, version = '2023-01-01'): string =>
    `/dataCollectionRules/${id}/streams/${stream}?api-version=${version}`
  test.each<[string, Call, number]>([
    ['another rule', { path: at('dcr-other', 'Custom-App_CL') }, 404],
    ['another stream', { path: at(RULE, 'Custom-Other') }, 404],
    ['a stream by the name of an object’s own', { path: at(RULE, 'constructor') }, 404],
    ['another api-version', { path: at(RULE, 'Custom-App_CL', '2021-11-01-preview') }, 400],
    ['no api-version', { path: at(RULE, 'Custom-App_CL').split('?')[0]! }, 400],
    ['an object alone', { body: '{"a":1}' }, 400],
    ['what is not JSON', { body: '[{"a":1}' }, 400],
    ['a list of numbers', { body: '[1]' }, 400],
    ['zstd', { headers: { 'content-encoding': 'zstd' } }, 415],
    ['more than 1 MB', { body: JSON.stringify([{ pad: 'x'.repeat(MB) }]) }, 413],
    [
      'more than 1 MB behind gzip',
      {
        body: gzipSync(JSON.stringify([{ pad: 'x'.repeat(MB) }])),
        headers: { 'content-encoding': 'gzip' },
      },
      413,
    ],
    ['a gzip bomb', { body: gzipSync(' '.repeat(300 * MB)), headers: { 'content-encoding': 'gzip' } }, 413],
  ])('%s', async (_, like, status) => {
    const before = kit.batches.length
    const answer = await call(await token(), like)
    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      status,
      { error: { code: expect.any(String), message: expect.any(String) } },
    ])
    expect(kit.batches).toHaveLength(before)
  })

  test('nothing just below 1 MB', async () => {
    const body = JSON.stringify([{ pad: 'x'.repeat(MB - 12) }])
    expect([body.length, (await call(await token(), { body })).status]).toEqual([MB, 204])
  })
})

test('keys from elsewhere than the tenant or this machine are a mistake in the configuration', () => {
  const keysUrl = 'https://keys.example/jwks'
  expect(() => new PushKit({ logsIngestion: settings(keysUrl) })).toThrow('only on this machine')
  expect(() => new PushKit({ logsIngestion: settings('no address') })).toThrow('logsIngestion.keysUrl')
})
