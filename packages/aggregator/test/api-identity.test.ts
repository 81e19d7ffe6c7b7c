import { createHash, X509Certificate } from 'node:crypto'
import { connect } from 'node:http2'
import { text } from 'node:stream/consumers'
import { createClient, SESSION_HEADER } from '@weir/contract'
import { afterEach, describe, expect, test } from 'vitest'
import type { Credential } from '../src/api/context.ts'
import { get, type Kit, openKit, openSession, post, START, TOKENS } from './api-kit.ts'
import { newAuthority } from './certificate.ts'

const authority = newAuthority('test authority')
const server = authority.issue('server')
const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

interface Who {
  readonly url: string
  readonly token?: string
  readonly shows?: { readonly cert: string; readonly key: string }
}

/** What asking for a session comes to: `ok`, or the refusal's code and words. */
async function ask({ url, token, shows }: Who): Promise<string> {
  const client = createClient({ url, ca: authority.cert, ...(token !== undefined && { token }), ...shows })
  closing.push(() => client.close())
  return client.feed.session({ outputs: [] }).then(
    () => 'ok',
    (error) => `${error.code} ${error.message}`,
  )
}

/** The same by HTTP/2. */
async function askHttp2({ url, shows }: Who): Promise<string> {
  const http2 = connect(url, { ca: authority.cert, servername: 'localhost', ...shows })
  closing.push(async () => http2.destroy())
  const type = { 'content-type': 'application/json' }
  const call = http2.request({ ':method': 'POST', ':path': '/v1/feed/session', ...type })
  call.end('{"outputs":[]}')
  const reply = JSON.parse(await text(call))
  return reply.error === undefined ? 'ok' : `${reply.error.code} ${reply.error.message}`
}

async function listen(credentials: readonly Credential[]): Promise<{ kit: Kit; url: string }> {
  const kit = openKit({ credentials, tls: { ...server, ca: authority.cert } })
  closing.push(() => kit.close())
  return { kit, url: await kit.api.listen({ host: '127.0.0.1', port: 0 }) }
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex')
const fingerprint = ({ cert }: { readonly cert: string }): string =>
  new X509Certificate(cert).fingerprint256.replaceAll(':', '').toLowerCase()

const NORTH = { name: 'north', role: 'forwarder' } as const
const site = authority.issue('north', { names: ['north.site.example'] })
const stranger = authority.issue('elsewhere', { names: ['xnorth.site.example', 'a, DNS:north.site.example'] })

describe('a client certificate', () => {
  test.each([
    ['its fingerprint', { sha256: fingerprint(site) }],
    ['one of its names', { san: 'north.site.example' }],
  ])('stands for a token by %s, and nobody else’s does', async (_, certificate) => {
    const { url } = await listen([{ ...NORTH, certificate }])
    const known = createClient({ url, ca: authority.cert, ...site })
    expect(await known.me()).toEqual({ ...NORTH, by: 'certificate', ends: '2099-01-01T00:00:00.000Z' })
    await known.close()
    for (const by of [ask, askHttp2]) {
      expect(await by({ url, shows: site })).toBe('ok')
      const refused = await by({ url, shows: stranger })
      expect(refused).toContain('NO_TOKEN')
      expect(refused).toContain(`the one shown has sha256 ${fingerprint(stranger)}`)
    }
  })

  test('a token that is shown beside it decides', async () => {
    const { url } = await listen([
      { ...NORTH, certificate: { sha256: fingerprint(site) } },
      { name: 'people', role: 'reader', hash: hash('r') },
    ])
    expect(await ask({ url, token: 'wrong', shows: site })).toContain('NO_TOKEN')
    expect(await ask({ url, token: 'r', shows: site })).toContain('WRONG_ROLE')
  })

  test('may be wanted beside a token', async () => {
    const { url } = await listen([{ ...NORTH, hash: hash('t'), certificate: { san: 'north.site.example' } }])
    expect(await ask({ url, token: 't', shows: site })).toBe('ok')
    expect(await ask({ url, token: 't', shows: stranger })).toContain('together with its client certificate')
    expect(await ask({ url, shows: site })).toContain('NO_TOKEN')
  })

  test('that ends while its connection lasts is refused from then on', async () => {
    const endsAt = new Date(Date.now() + 3_600_000)
    const short = authority.issue('north', { endsAt })
    const { kit, url } = await listen([{ ...NORTH, certificate: { sha256: fingerprint(short) } }])
    expect(await ask({ url, shows: short })).toBe('ok')
    kit.clock.advance(endsAt.getTime() - START)
    expect(await ask({ url, shows: short })).toContain('connect anew with its successor')
  })

  test('that a forwarder shows elsewhere is told of by its marks', async () => {
    const told: unknown[] = []
    const kit = openKit({}, { credentialsTold: (...args) => told.push(args) })
    closing.push(() => kit.close())
    const { session } = await openSession(kit)
    const credentials = [{ name: 'certificate for output siem', ends: '2026-04-01T00:00:00.000Z' }]
    await post(kit, '/v1/feed/marks', { credentials }, TOKENS.north, { [SESSION_HEADER]: session })
    await post(kit, '/v1/feed/marks', {}, TOKENS.north, { [SESSION_HEADER]: session })
    expect(told).toEqual([['north', credentials]])
  })

  test('is told with its end, whatever let its owner in', async () => {
    const told: [string, number][] = []
    const kit = openKit(
      { credentials: [{ ...NORTH, hash: hash('t') }], tls: { ...server, ca: authority.cert } },
      { certificateShown: (...args) => told.push(args) },
    )
    closing.push(() => kit.close())
    const url = await kit.api.listen({ host: '127.0.0.1', port: 0 })
    await ask({ url, token: 't', shows: site })
    expect(told).toEqual([['north', Date.parse('2099-01-01')]])
  })
})

describe('a token', () => {
  test('may have a successor beside it, and ends when it is said to', async () => {
    const reader = { name: 'people', role: 'reader' } as const
    const kit = openKit({
      credentials: [
        { ...reader, hash: hash(TOKENS.reader), endsAt: START + 60_000 },
        { ...reader, hash: hash('next') },
      ],
    })
    closing.push(() => kit.close())
    const statuses = async () => [
      (await get(kit, '/v1/rules')).statusCode,
      (await get(kit, '/v1/rules', 'next')).statusCode,
    ]
    expect(await statuses()).toEqual([200, 200])
    const me = (await get(kit, '/v1/me')).json()
    expect(me).toEqual({ ...reader, by: 'token', ends: '2026-03-01T12:01:00.000Z' })
    expect((await get(kit, '/v1/me', 'next')).json()).toEqual({ ...reader, by: 'token' })
    kit.clock.advance(60_000)
    expect(await statuses()).toEqual([401, 200])
    expect((await get(kit, '/v1/rules')).json().error.message).toContain(
      'the credential "people" ended at 2026-03-01T12:01:00.000Z',
    )
  })
})
