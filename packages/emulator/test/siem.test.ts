import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readFileSync } from 'node:fs'
import { request } from 'node:https'
import { connect as connectPlain, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connect as connectTls } from 'node:tls'
import { gzipSync } from 'node:zlib'
import type { JsonObject } from '@weir/model'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Certificates, makeCertificates } from '../src/certificates.ts'
import { HEC_TOKENS } from '../src/siem/hec-tokens.ts'
import { type Siem, startSiem } from '../src/siem/siem.ts'

const folder = mkdtempSync(join(tmpdir(), 'weir-siem-'))
const dataFile = join(folder, 'received.jsonl')
const CHANNEL = '11111111-2222-4333-8444-555555555555'
let certificates: Certificates
let siem: Siem

beforeAll(async () => {
  certificates = await makeCertificates(join(folder, 'tls'), Date.now())
  const logFile = join(folder, 'siem.log')
  siem = await startSiem({ dataFile, logFile, certificates, clientCertificates: true })
})
afterEach(() => siem.heal())
afterAll(() => siem.stop())

/** A security event as a forwarder would write it. */
function message(id: string, revision: number): string {
  return (
    `<132>1 2026-01-02T03:04:05.678Z weir weir-forwarder - alert [w@32473 a="]\\""] ` +
    `CEF:0|Weir|Weir|0.1.0|entra.password-spray|Spray \\| over "many"|7|externalId=${id} ` +
    `cn1=${revision} cn1Label=revision msg=a\\=b and c\\\\d\\ne src=203.0.113.7`
  )
}

function counted(text: string): string {
  return `${Buffer.byteLength(text)} ${text}`
}

async function dialTls(withCertificate = true): Promise<Socket> {
  const { ca, client } = certificates
  const own = { cert: readFileSync(client.cert), key: readFileSync(client.key) }
  const socket = connectTls({
    port: siem.ready.syslogTls,
    host: '127.0.0.1',
    ca: readFileSync(ca),
    ...(withCertificate ? own : {}),
  })
  await once(socket, 'secureConnect')
  return socket
}

async function alertOf(id: string) {
  return (await siem.alerts()).find((alert) => alert.id === id)
}

test('a counted message over TLS becomes an alert with its fields unescaped', async () => {
  const socket = await dialTls()
  socket.end(counted(message('tls-1', 1)) + counted(message('tls-1', 2)) + counted(message('tls-1', 2)))
  await expect
    .poll(() => alertOf('tls-1'))
    .toMatchObject({
      rule: 'entra.password-spray',
      name: 'Spray | over "many"',
      revision: 2,
      copies: 3,
      revisions: { 1: 1, 2: 2 },
      via: ['tls'],
      fields: { msg: 'a=b and c\\d\ne', src: '203.0.113.7' },
      labels: { revision: '2' },
    })
})

test('a sender without a certificate is not let in', async () => {
  const socket = await dialTls(false)
  socket.write(counted(message('no-certificate', 1)))
  const [error] = await once(socket, 'error')
  expect(error.code).toMatch(/ERR_SSL|ECONNRESET/)
  expect(await alertOf('no-certificate')).toBeUndefined()
})

test.each([
  ['octet counting', counted],
  ['line feeds', (each: string) => `${each}\n`],
])('TCP takes %s, in pieces as they come', async (name, frame) => {
  const socket = connectPlain(siem.ready.syslogTcp, '127.0.0.1')
  const bytes = Buffer.from(frame(message(`${name} ü`, 1)) + frame(message(`${name} 2`, 1)))
  for (let from = 0; from < bytes.length; from += 97) socket.write(bytes.subarray(from, from + 97))
  socket.end()
  await expect.poll(() => alertOf(`${name} 2`)).toMatchObject({ copies: 1, via: ['tcp'] })
  expect(await alertOf(`${name} ü`)).toMatchObject({ copies: 1 })
})

test('what is not an alert is kept and counted, and a broken frame ends its connection', async () => {
  const before = (await siem.state()) as { unreadable: number; messages: number }
  const socket = connectPlain(siem.ready.syslogTcp, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write('<13>Jan 2 03:04:05 host app: old style\n99999999999 x')
  await once(socket.resume(), 'close')
  await expect
    .poll(() => siem.state())
    .toMatchObject({
      unreadable: before.unreadable + 1,
      messages: before.messages + 1,
      tcp: { framesBroken: 1 },
    })
  expect((await siem.raw(before.messages))[0]?.text).toBe('<13>Jan 2 03:04:05 host app: old style')
})

test('what was received survives SIGKILL, and a half line is cut off', async () => {
  const socket = await dialTls()
  socket.end(counted(message('kept', 1)))
  await expect.poll(() => alertOf('kept')).toBeDefined()
  await siem.child.kill('SIGKILL')
  appendFileSync(dataFile, '{"n":999,"at":1,"via":"tc')
  await siem.restart()
  expect(await alertOf('kept')).toMatchObject({ copies: 1 })
  const again = await dialTls()
  again.end(counted(message('kept', 1)))
  await expect.poll(async () => (await alertOf('kept'))?.copies).toBe(2)
})

test('a refused handshake, a reset after some bytes, a stall', async () => {
  await siem.fault({ refuseTls: true })
  await expect(dialTls()).rejects.toThrow()
  await siem.heal()
  await siem.fault({ resetAfterBytes: 400, resetTimes: 1 })
  const cut = await dialTls()
  cut.write(Array.from({ length: 10 }, (_, n) => counted(message(`reset-${n}`, 1))).join(''))
  expect((await once(cut, 'error'))[0].code).toBe('ECONNRESET')
  expect((await siem.alerts()).filter(({ id }) => id.startsWith('reset-')).length).toBe(1)
  await siem.fault({ stall: true })
  const stalled = await dialTls()
  stalled.end(counted(message('stalled', 1)))
  expect(await alertOf('stalled')).toBeUndefined()
  await siem.heal()
  await expect.poll(() => alertOf('stalled')).toBeDefined()
})

test('an unknown fault is refused by name', async () => {
  await expect(siem.fault({ nonsense: true } as object)).rejects.toThrow(/no such fault: nonsense/)
})

interface Answer {
  readonly status: number
  readonly body: JsonObject
}

async function hec(path: string, body: string | Buffer, headers: Record<string, string>): Promise<Answer> {
  const sending = request(`${siem.ready.hec}/services/collector${path}`, {
    method: 'POST',
    ca: readFileSync(certificates.ca),
    headers,
    agent: false,
  })
  sending.end(body)
  const [response] = await once(sending, 'response')
  return { status: response.statusCode, body: JSON.parse(await text(response)) as JsonObject }
}

function as(token: keyof typeof HEC_TOKENS, channel?: string): Record<string, string> {
  const authorization = `Splunk ${HEC_TOKENS[token].value}`
  return channel === undefined ? { authorization } : { authorization, 'x-splunk-request-channel': channel }
}

function event(id: string, revision: number, more: JsonObject = {}): string {
  const alert = { rule: { id: 'r' }, weir: { alert: { id, revision, severity: 'high' } } }
  return JSON.stringify({ time: 1767323045.678, event: alert, fields: { a: 'b' }, ...more })
}

test('HEC takes events one after another, plain and gzip', async () => {
  expect(await hec('/event', event('hec-1', 1) + event('hec-1', 2), as('plain'))).toEqual({
    status: 200,
    body: { text: 'Success', code: 0 },
  })
  const zipped = { ...as('plain'), 'content-encoding': 'gzip' }
  expect(await hec('', gzipSync(`${event('hec-2', 1)}\n`), zipped)).toMatchObject({ status: 200 })
  expect(await alertOf('hec-1')).toMatchObject({ revision: 2, copies: 2, via: ['hec'], severity: 'high' })
  expect(await alertOf('hec-2')).toMatchObject({ copies: 1 })
})

test.each([
  ['no token', '/event', event('x', 1), {}, 401, 2],
  ['another scheme', '/event', event('x', 1), { authorization: 'Bearer x' }, 401, 3],
  ['an unknown token', '/event', event('x', 1), { authorization: 'Splunk x' }, 403, 4],
  ['a disabled token', '/event', event('x', 1), as('disabled'), 403, 1],
  ['a token in the query', '/event?token=x', event('x', 1), {}, 400, 16],
  ['no body', '/event', ' ', as('plain'), 400, 5],
  ['broken gzip', '/event', 'no gzip', { ...as('plain'), 'content-encoding': 'gzip' }, 400, 5],
  ['broken JSON', '/event', '{"event":', as('plain'), 400, 6],
  ['a time with an exponent', '/event', '{"time":"1e9","event":1}', as('plain'), 400, 6],
  ['a wrong index', '/event', event('x', 1, { index: '_x' }), as('plain'), 400, 7],
  ['no channel', '/event', event('x', 1), as('acknowledging'), 400, 10],
  ['a channel that is no GUID', '/event', event('x', 1), as('acknowledging', 'c'), 400, 11],
  ['no event', '/event', '{"time":1}', as('plain'), 400, 12],
  ['a blank event', '/event', '{"event":""}', as('plain'), 400, 13],
  ['acknowledgement where there is none', '/ack', '{"acks":[0]}', as('plain', CHANNEL), 400, 14],
  ['nested fields', '/event', event('x', 1, { fields: { a: {} } }), as('plain'), 400, 15],
] as const)('HEC answers %s by its code', async (_, path, body, headers, status, code) => {
  expect(await hec(path, body, headers)).toMatchObject({ status, body: { code } })
})

test('a bad event is named by its number, and those before it are kept', async () => {
  const body = event('before', 1) + event('bad', 1, { event: '' }) + event('after', 1)
  expect(await hec('/event', body, as('plain'))).toMatchObject({
    body: { code: 13, 'invalid-event-number': 1 },
  })
  expect(await alertOf('before')).toBeDefined()
  expect(await alertOf('after')).toBeUndefined()
})

test('an acknowledgement comes when the events are on disk, and is told once', async () => {
  const sent = await hec('/event', event('acked', 1), as('acknowledging', CHANNEL))
  const acks = [sent.body['ackId'] as number]
  const poll = async (): Promise<unknown> =>
    (await hec('/ack', JSON.stringify({ acks }), as('acknowledging', CHANNEL))).body['acks']
  await siem.fault({ neverAcknowledge: true })
  expect(await poll()).toEqual({ [acks[0]!]: false })
  await siem.heal()
  await expect.poll(poll).toEqual({ [acks[0]!]: true })
  expect(await poll()).toEqual({ [acks[0]!]: false })
  expect(await alertOf('acked')).toMatchObject({ copies: 1 })
})

test('HEC that is busy, loses an answer, or refuses one event', async () => {
  await siem.fault({ hecBusy: true })
  expect(await hec('/event', event('busy', 1), as('plain'))).toMatchObject({ status: 503, body: { code: 9 } })
  expect(await hec('/health', '', {})).toMatchObject({ status: 503 })
  await siem.heal()
  expect(await hec('/health', '', {})).toMatchObject({ status: 200, body: { code: 17 } })
  await siem.fault({ hecLoseAnswerTimes: 1 })
  await expect(hec('/event', event('lost-answer', 1), as('plain'))).rejects.toThrow()
  await hec('/event', event('lost-answer', 1), as('plain'))
  expect(await alertOf('lost-answer')).toMatchObject({ copies: 2 })
  await siem.fault({ hecRefuse: 'poison' })
  const body = event('fine', 1) + event('poison', 1)
  expect(await hec('/event', body, as('plain'))).toMatchObject({
    body: { code: 6, 'invalid-event-number': 1 },
  })
})
