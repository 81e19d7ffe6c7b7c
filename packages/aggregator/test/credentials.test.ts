import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { createClient } from '@weir/contract'
import type { HealthReport } from '@weir/model'
import { Secret } from '@weir/runtime'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { readAggregatorConfig } from '../src/config.ts'
import { CredentialEnds, watchCredentials } from '../src/credentials.ts'
import { freshTokens, keepFresh } from '../src/refresh.ts'
import { FreshTls, freshCertificate } from '../src/tls.ts'
import { credentialsOf } from '../src/tokens.ts'
import { get, type Kit, ManualClock, openKit, START, TOKENS } from './api-kit.ts'
import { newAuthority } from './certificate.ts'
import { PushKit } from './push-kit.ts'

let folder: string
let kit: Kit | undefined
const running = { stop: new AbortController() }
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-credentials-'))
  running.stop = new AbortController()
})
afterEach(async () => {
  running.stop.abort()
  await kit?.close()
  kit = undefined
  rmSync(folder, { recursive: true })
})

const REFRESH_MS = 5000

/** Lets the look at files happen that is due, and waits for the next one to be due. */
async function refreshed({ clock }: Kit): Promise<void> {
  await clock.sleeping(REFRESH_MS)
  clock.advance(REFRESH_MS)
  await clock.sleeping(REFRESH_MS)
}

describe('what is replaced comes into force without a restart', () => {
  test('a token in a file; an empty file leaves the old one in force, and is told of', async () => {
    const file = join(folder, 'token')
    writeFileSync(file, TOKENS.reader)
    const tokens = [{ name: 'people', role: 'reader', token: new Secret(TOKENS.reader, file) }] as const
    kit = openKit({ credentials: credentialsOf([...tokens]) })
    void keepFresh(freshTokens([...tokens]), kit.context, running.stop.signal)
    writeFileSync(file, 'the-next\n')
    expect((await get(kit, '/v1/rules', 'the-next')).statusCode).toBe(401)
    await refreshed(kit)
    expect((await get(kit, '/v1/rules', 'the-next')).statusCode).toBe(200)
    expect((await get(kit, '/v1/rules')).statusCode).toBe(401)
    expect(kit.log()).toContain('"credential":"token people"')
    writeFileSync(file, '')
    await refreshed(kit)
    expect(kit.log()).not.toContain('credential_unreadable')
    for (let n = 0; n < 3; n++) await refreshed(kit)
    expect(kit.log().split('"happening":"credential_unreadable"')).toHaveLength(2)
    expect((await get(kit, '/v1/rules', 'the-next')).statusCode).toBe(200)
  })

  test('the certificate of the API: new connections see it, those that there are go on', async () => {
    const authority = newAuthority('test authority')
    const [first, second] = [authority.issue('first'), authority.issue('second')]
    const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
    writeFileSync(files.cert, first.cert)
    writeFileSync(files.key, first.key)
    const tls = new FreshTls(files)
    kit = openKit({ tls: tls.pem })
    void keepFresh(
      freshCertificate(kit.api.server, tls, 'certificate of the API'),
      kit.context,
      running.stop.signal,
    )
    const url = await kit.api.listen({ host: '127.0.0.1', port: 0 })
    const client = createClient({ url, token: TOKENS.reader, ca: authority.cert })
    await client.rules()
    expect(await shown(url, authority.cert)).toBe(new X509Certificate(first.cert).fingerprint256)

    writeFileSync(files.cert, second.cert)
    await refreshed(kit)
    expect(await shown(url, authority.cert)).toBe(new X509Certificate(first.cert).fingerprint256)
    writeFileSync(files.key, second.key)
    await refreshed(kit)
    expect(await shown(url, authority.cert)).toBe(new X509Certificate(second.cert).fingerprint256)
    expect(kit.log()).not.toContain('credential_unreadable')
    await client.rules()
    expect(await connections(kit)).toBe(1)
    await client.close()
  })

  test('whom the API trusts', async () => {
    const [old, next] = [newAuthority('old'), newAuthority('next')]
    const server = old.issue('server')
    const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem'), ca: join(folder, 'ca.pem') }
    writeFileSync(files.cert, server.cert)
    writeFileSync(files.key, server.key)
    writeFileSync(files.ca, old.cert)
    const tls = new FreshTls(files)
    kit = openKit({ tls: tls.pem })
    void keepFresh(
      freshCertificate(kit.api.server, tls, 'certificate of the API'),
      kit.context,
      running.stop.signal,
    )
    const url = await kit.api.listen({ host: '127.0.0.1', port: 0 })
    const ask = async () => {
      const client = createClient({ url, ca: old.cert, ...next.issue('client') })
      return client.health().then(
        ({ status }) => status,
        ({ code }) => code,
      )
    }
    expect(await ask()).toBe('UNREACHABLE')
    writeFileSync(files.ca, `${old.cert.trimEnd()}${next.cert}`)
    await refreshed(kit)
    await refreshed(kit)
    expect(kit.log()).toContain('of 2 certificates 0 can be read')
    writeFileSync(files.ca, `${old.cert}${next.cert}`)
    await refreshed(kit)
    expect(await ask()).toBe('ok')
  })

  test('what cannot be read of a bundle is told at the start, too', () => {
    const authority = newAuthority('test authority')
    const server = authority.issue('server')
    const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem'), ca: join(folder, 'ca.pem') }
    writeFileSync(files.cert, server.cert)
    writeFileSync(files.key, server.key)
    writeFileSync(files.ca, `${authority.cert.trimEnd()}${authority.cert}`)
    expect(() => new FreshTls(files)).toThrow('ca.pem: of 2 certificates 0 can be read')
    writeFileSync(files.ca, authority.cert)
    writeFileSync(files.key, authority.key)
    expect(() => new FreshTls(files)).toThrow('key')
  })

  test('certificate and tokens of a push source', async () => {
    const authority = newAuthority('test authority')
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text)
      return join(folder, name)
    }
    const [first, second] = [authority.issue('first'), authority.issue('second')]
    const tls = { cert: file('cert.pem', first.cert), key: file('key.pem', first.key) }
    const tokens = [{ name: 'app', token: { file: file('token', 'one') } }]
    const clock = new ManualClock()
    const push = await PushKit.open({ tls, ingest: { tokens } }, {}, clock)
    file('cert.pem', second.cert)
    file('key.pem', second.key)
    file('token', 'two')
    await clock.sleeping(REFRESH_MS)
    clock.advance(REFRESH_MS)
    await clock.sleeping(REFRESH_MS)
    expect(await shown(push.url, authority.cert)).toBe(new X509Certificate(second.cert).fingerprint256)
    const answer = async (token: string) => {
      const headers = { authorization: `Bearer ${token}` }
      const url = `${push.url}/v1/ingest/generic`
      const asked = request(url, { method: 'POST', headers, ca: authority.cert, agent: false }).end('{}')
      const [reply] = (await once(asked, 'response')) as [IncomingMessage]
      reply.resume()
      return reply.statusCode
    }
    expect([await answer('one'), await answer('two')]).toEqual([401, 202])
    await push.close()
    expect(clock.sleepers).toBe(0)
  })

  async function shown(url: string, ca: string): Promise<string> {
    const socket: TLSSocket = connect({ port: Number(new URL(url).port), ca, servername: 'localhost' })
    await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject))
    const { fingerprint256 } = socket.getPeerCertificate()
    socket.destroy()
    return fingerprint256
  }

  /** After those that only looked have gone. */
  async function connections({ api }: Kit): Promise<number> {
    const count = () =>
      new Promise<number>((resolve) => api.server.getConnections((_, number) => resolve(number)))
    await vi.waitFor(async () => expect(await count()).toBeLessThanOrEqual(1))
    return count()
  }
})

describe('a credential near its end', () => {
  const DAY_MS = 86_400_000
  const HOUR_MS = 3_600_000
  const inDays = (days: number): number => START + days * DAY_MS
  const reader = { name: 'people', role: 'reader', sha256: '0'.repeat(64) } as const

  /** What is raised once the check that is due was made. */
  function watch(ends: CredentialEnds, before: readonly string[] = []) {
    const clock = new ManualClock()
    const raised = new Set<string>(before)
    const health = ({ code, subject, state }: HealthReport): void => {
      if (state === 'raised') raised.add(`${code} ${subject}`)
      else raised.delete(`${code} ${subject}`)
    }
    const list = () =>
      [...raised].map((text) => ({
        code: text.split(' ', 1)[0]!,
        subject: text.slice(text.indexOf(' ') + 1),
      }))
    void watchCredentials(ends, { clock, health, raised: list }, running.stop.signal)
    return {
      clock,
      async check(ms: number): Promise<string[]> {
        await clock.sleeping(ms)
        clock.advance(ms)
        await clock.sleeping(HOUR_MS)
        return [...raised].sort()
      },
    }
  }

  test.each([
    [22, []],
    [21, ['credential-expiring token people']],
    [3, ['credential-last-days token people']],
    [-1, ['credential-last-days token people']],
  ])('a token with %d days left', async (days, expected) => {
    const ends = new CredentialEnds([{ ...reader, expires: inDays(days) }], undefined)
    expect(await watch(ends).check(60_000)).toEqual(expected)
  })

  test('a token whose successor is there already is at no end', async () => {
    const ends = new CredentialEnds([{ ...reader, expires: inDays(1) }, reader], undefined)
    expect(await watch(ends, ['credential-expiring token people']).check(60_000)).toEqual([])
  })

  test('certificates of the API: the first of a chain, and the last authority of a bundle', async () => {
    const authority = newAuthority('test authority')
    const cert = authority.issue('server', { endsAt: new Date(inDays(20)) }).cert
    const old = authority.issue('old authority', { endsAt: new Date(inDays(1)) }).cert
    const pem = { cert: cert + authority.cert, key: '', ca: old + authority.cert }
    expect(await watch(new CredentialEnds([], { pem })).check(60_000)).toEqual([
      'credential-expiring certificate of the API',
    ])
  })

  test('what others show and tell stands until they tell otherwise, over a restart as well', async () => {
    const before = [
      'credential-expiring certificate of people',
      'credential-expiring forwarder people: output siem',
      'credential-expiring forwarder gone: output siem',
    ]
    const ends = new CredentialEnds([reader], undefined)
    const watched = watch(ends, before)
    expect(await watched.check(60_000)).toEqual(before.slice(0, 2))
    const { certificateShown, credentialsTold } = ends.reader()
    certificateShown?.('people', inDays(2))
    credentialsTold?.('people', [{ name: 'link', ends: new Date(inDays(10)).toISOString() }])
    expect(await watched.check(HOUR_MS)).toEqual([
      'credential-expiring forwarder people: link',
      'credential-last-days certificate of people',
    ])
    certificateShown?.('people', inDays(400))
    credentialsTold?.('people', [{ name: 'link', ends: new Date(inDays(400)).toISOString() }])
    expect(await watched.check(HOUR_MS)).toEqual([])
  })
})

describe('a configuration', () => {
  const read = (tokens: readonly object[], tls?: object) => {
    const file = join(folder, 'aggregator.json')
    const sources = [{ type: 'files', name: 'logs', inputs: ['logs'] }]
    const api = { tokens, ...(tls && { tls }) }
    const config = { store: { path: 'weir.db' }, rules: { folders: ['rules'] }, api, sources }
    writeFileSync(file, JSON.stringify(config))
    return readAggregatorConfig(file, {})
  }
  const reader = { name: 'people', role: 'reader' }
  const sha256 = '0'.repeat(64)
  const tls = { cert: 'cert.pem', key: 'key.pem', ca: 'ca.pem' }

  test('knows certificates as openssl prints them, and days as their first moment', () => {
    const colons = Array.from({ length: 32 }, () => 'AB').join(':')
    const known = { ...reader, certificate: { sha256: colons }, expires: '2027-01-31' }
    expect(read([known, { ...reader, sha256 }], tls).api.tokens).toMatchObject([
      { certificate: { sha256: 'ab'.repeat(32) }, expires: Date.parse('2027-01-31T00:00:00Z') },
      { sha256 },
    ])
  })

  test.each([
    [
      'a certificate that nobody verifies',
      [{ ...reader, certificate: { san: 'x' } }],
      undefined,
      'needs `api.tls.ca`',
    ],
    [
      'two roles of one name',
      [
        { ...reader, sha256 },
        { ...reader, sha256, role: 'admin' },
      ],
      tls,
      'has two roles',
    ],
    ['nothing to know somebody by', [reader], tls, 'or a "certificate"'],
    [
      'two tokens in one',
      [{ ...reader, sha256, token: { file: 'aggregator.json' } }],
      tls,
      'give either "sha256" or "token"',
    ],
    ['half a fingerprint', [{ ...reader, certificate: { sha256: 'AB:CD' } }], tls, '64 hexadecimal digits'],
    [
      'an end that is no day',
      [{ ...reader, sha256, expires: 'soon' }],
      tls,
      'a day, or a moment with its offset',
    ],
  ])('refuses %s', (_, tokens, files, words) => {
    expect(() => read(tokens, files)).toThrow(words)
  })
})
