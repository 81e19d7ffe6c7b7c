import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseConfig, systemClock } from '@weir/runtime'
import { OAuth2Server } from 'oauth2-mock-server'
import { afterAll, expect, test } from 'vitest'
import { PUSH } from '../src/sources/push.ts'
import { newAuthority } from './certificate.ts'
import { INGEST, PushKit, TOKEN } from './push-kit.ts'

const folder = mkdtempSync(join(tmpdir(), 'weir-push-check-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function check(config: object): Promise<Record<string, unknown>[]> {
  const whole = { type: 'push', name: 'push', port: 0, ...INGEST, ...config }
  const parsed = parseConfig('test.json', whole, PUSH.schema, { TOKEN })
  return (await PUSH.check(parsed, systemClock)).map((each) => ({ ...each }))
}

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

test('a port that is free, ours, or somebody else’s', async () => {
  expect(await check({})).toEqual([{ name: 'push port', ok: true, detail: 'any free port' }])
  const kit = await PushKit.open(INGEST)
  const port = Number(new URL(kit.url).port)
  expect(await check({ port })).toEqual([
    { name: 'push port', ok: true, detail: `127.0.0.1:${port} answers: this push source, ok` },
  ])
  expect(await check({ port, name: 'other' })).toMatchObject([{ name: 'other port', ok: false }])
  await kit.close()
  expect(await check({ port })).toMatchObject([{ ok: true, detail: `127.0.0.1:${port} is free` }])

  const other = createServer((_, answer) => answer.end('{"status":"fine"}')).listen(0, '127.0.0.1')
  await once(other, 'listening')
  const taken = await check({ port: (other.address() as AddressInfo).port })
  other.close()
  expect(taken).toEqual([
    {
      name: 'push port',
      ok: false,
      detail: expect.stringContaining('is held by something else'),
      remedy: expect.stringContaining('stop what holds it'),
    },
  ])
})

test('a certificate that can be used, one that is not its key’s, and one that is not there', async () => {
  const { cert, key } = newAuthority('check').issue('server')
  const other = newAuthority('check').issue('server')
  const tls = { cert: file('cert', cert), key: file('key', key) }
  const found = async (files: object) => (await check({ tls: files }))[1]
  expect(await found(tls)).toEqual({
    name: 'push certificate',
    ok: true,
    detail: `${tls.cert} and its key, until 2099-01-01T00:00:00.000Z`,
  })
  expect(await found({ ...tls, key: file('other', other.key) })).toMatchObject({ ok: false })
  expect(await found({ ...tls, cert: join(folder, 'gone') })).toMatchObject({
    ok: false,
    detail: expect.stringContaining('cannot read'),
  })
})

test('keys that can be had, and keys that cannot', async () => {
  const entra = new OAuth2Server()
  await entra.issuer.keys.generate('RS256')
  await entra.start(0, '127.0.0.1')
  const { url } = entra.issuer
  const logsIngestion = {
    tenantId: '11111111-2222-4333-8444-555555555555',
    clients: ['aaaaaaaa-0000-4000-8000-000000000001'],
    rules: { 'dcr-1': { 'Custom-App': 'generic' } },
  }
  const found = async (path: string) =>
    (await check({ logsIngestion: { ...logsIngestion, keysUrl: `${url}${path}` } }))[1]
  expect(await found('/jwks')).toMatchObject({
    name: 'push keys',
    ok: true,
    detail: expect.stringContaining('1 keys at '),
  })
  expect(await found('/nothing')).toMatchObject({ ok: false, detail: expect.stringContaining('answers 404') })
  await entra.stop()
  expect(await found('/jwks')).toMatchObject({ name: 'push keys', ok: false })
})
