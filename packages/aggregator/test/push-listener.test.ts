import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, type IncomingMessage, request } from 'node:http'
import { Agent as SecureAgent, request as secureRequest } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { systemClock } from '@weir/runtime'
import { afterEach, describe, expect, test } from 'vitest'
import { ManualClock } from './api-kit.ts'
import { newAuthority } from './certificate.ts'
import { INGEST, ingest, PushKit, send, TOKEN } from './push-kit.ts'

const open: PushKit[] = []
afterEach(async () => {
  for (const kit of open.splice(0)) await kit.close()
})

async function start(...[config, ...rest]: Partial<ConstructorParameters<typeof PushKit>>): Promise<PushKit> {
  const kit = await PushKit.open({ ...INGEST, ...config }, ...rest)
  open.push(kit)
  return kit
}

const ONE = '{"n":1}'

/** Settled or not, once all that is ready to go on has gone on. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const no = Symbol('no')
  const turn = new Promise((resolve) => setImmediate(() => setImmediate(resolve, no)))
  return (await Promise.race([promise, turn])) !== no
}

/** A request whose body is written piece by piece. */
function begin(kit: PushKit, length: number) {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-length': length }
  const sent = request(`${kit.url}/v1/ingest/generic`, { method: 'POST', headers, agent: false })
  const answer = once(sent, 'response').then(([one]) => one as IncomingMessage)
  answer.catch(() => undefined)
  sent.flushHeaders()
  return { sent, answer }
}

test('a request is answered when the commit that covers it is on disk, not before', async () => {
  const kit = await start()
  kit.hold()
  const answer = ingest(kit, ONE)
  await kit.delivered(1)
  expect(await isSettled(answer)).toBe(false)
  kit.release()
  expect((await answer).status).toBe(202)
})

describe('under pressure', () => {
  test('one request more than may wait is refused, and taken when there is room again', async () => {
    const kit = await start({ requestsWaitingMax: 2 })
    kit.hold()
    const waiting = [ingest(kit, '{"n":1}'), ingest(kit, '{"n":2}')]
    await kit.delivered(2)
    const refused = await ingest(kit, '{"n":3}')
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '5'])
    kit.release()
    for (const each of waiting) expect((await each).status).toBe(202)
    expect((await ingest(kit, '{"n":3}')).status).toBe(202)
    expect(kit.records).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
  })

  test('bytes beyond the bound are refused, told by their length or as they come', async () => {
    const kit = await start({ bytesWaitingMax: '1000B' })
    kit.hold()
    const waiting = ingest(kit, ONE.padEnd(900))
    await kit.delivered(1)
    const told = await ingest(kit, '{"n":2}'.padEnd(200))
    const url = `${kit.url}/v1/ingest/generic`
    const headers = { authorization: `Bearer ${TOKEN}`, 'transfer-encoding': 'chunked' }
    const came = await send(url, headers, '{"n":3}'.padEnd(200))
    expect([told.status, came.status, came.headers['retry-after']]).toEqual([429, 429, '5'])
    expect((await send(`${kit.url}/v1/health`, {}, '', 'GET')).status).toBe(200)
    kit.release()
    await waiting
    expect((await ingest(kit, '{"n":2}'.padEnd(200))).status).toBe(202)
    expect(kit.batches).toHaveLength(2)
  })

  test('a single body beyond the bound passes when nothing else waits', async () => {
    const kit = await start({ bytesWaitingMax: '1000B' })
    expect((await ingest(kit, ONE.padEnd(5_000))).status).toBe(202)
    const headers = { authorization: `Bearer ${TOKEN}`, 'transfer-encoding': 'chunked' }
    expect((await send(`${kit.url}/v1/ingest/generic`, headers, ONE.padEnd(6_000))).status).toBe(202)
  })
})

describe('while the line does not run', () => {
  test('the port stays, requests are refused, and taken when it runs again', async () => {
    const kit = await start()
    const { url } = kit
    await kit.stopLine()
    const refused = await ingest(kit, ONE)
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '5'])
    expect(refused.body).toContain('nothing is taken at the moment')
    expect((await send(`${url}/v1/health`, {}, '', 'GET')).status).toBe(503)
    await kit.startLine()
    expect(kit.url).toBe(url)
    expect((await ingest(kit, ONE)).status).toBe(202)
  })

  test('those that wait for a commit are told that nobody knows, and to repeat', async () => {
    const kit = await start()
    kit.hold()
    const waiting = ingest(kit, ONE)
    await kit.delivered(1)
    await kit.stopLine()
    expect((await waiting).status).toBe(503)
    kit.release()
    await kit.startLine()
    expect((await ingest(kit, ONE)).status).toBe(202)
    expect(kit.messages.map(({ repeated }) => repeated)).toEqual([undefined, undefined])
  })
})

test('a request that was committed and not answered is a repeat when it comes again, after a restart too', async () => {
  const kit = await start()
  await ingest(kit, ONE)
  await kit.stopLine()
  const after = await start({}, {}, systemClock, kit.cursors)
  expect((await ingest(after, ONE)).status).toBe(202)
  expect((await ingest(after, '{"n":2}')).status).toBe(202)
  expect(after.messages.map(({ repeated }) => repeated)).toEqual([true, undefined])
  expect(await after.metrics()).toContain('weir_push_repeated_total{source="push",endpoint="ingest"} 1')
})

describe('a body', () => {
  test('that breaks off leaves nothing behind, and gives its place back', async () => {
    const kit = await start({ requestsWaitingMax: 1 })
    const { sent, answer } = begin(kit, 100)
    await new Promise((resolve) => sent.write(ONE, resolve))
    expect((await ingest(kit, '{"n":2}')).status).toBe(429)
    sent.destroy()
    await expect(answer).rejects.toThrow()
    let status = 429
    while (status === 429) status = (await ingest(kit, '{"n":2}')).status
    expect([status, kit.records]).toEqual([202, [{ n: 2 }]])
  })

  test('that does not arrive in time is refused, and leaves nothing behind', async () => {
    const clock = new ManualClock()
    const kit = await start({ bodyTimeMax: '7s' }, {}, clock)
    const { sent, answer } = begin(kit, 100)
    sent.write(ONE)
    await clock.sleeping(7_000)
    clock.advance(7_000)
    expect((await answer).statusCode).toBe(408)
    expect(kit.batches).toEqual([])
  })

  test('whose commit does not come in time is answered with a wish to repeat; it keeps its place until then', async () => {
    const clock = new ManualClock()
    const kit = await start({ answerTimeMax: '9s', requestsWaitingMax: 1 }, {}, clock)
    kit.hold()
    const answer = ingest(kit, ONE)
    await clock.sleeping(9_000)
    clock.advance(9_000)
    expect((await answer).status).toBe(503)
    expect((await ingest(kit, '{"n":2}')).status).toBe(429)
    kit.release()
    expect((await ingest(kit, '{"n":2}')).status).toBe(202)
  })
})

test('a connection is used again and again, also after a refusal', async () => {
  const kit = await start()
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ports = new Set<number | undefined>()
  const statuses: (number | undefined)[] = []
  for (const [n, token] of [TOKEN, 'wrong', TOKEN, 'wrong', TOKEN].entries()) {
    const headers = { authorization: `Bearer ${token}` }
    const sent = request(`${kit.url}/v1/ingest/generic`, { method: 'POST', headers, agent })
    sent.end(`{"n":${n}}`.padEnd(100_000))
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    ports.add(answer.socket.localPort)
    await text(answer)
    statuses.push(answer.statusCode)
  }
  agent.destroy()
  expect([statuses, ports.size]).toEqual([[202, 401, 202, 401, 202], 1])
})

test('every answer has an id that the log has too, and what is no HTTP as well', async () => {
  const kit = await start()
  const answers = [
    await ingest(kit, ONE),
    await ingest(kit, ONE, 'nothing'),
    await send(`${kit.url}/nothing`, {}, ''),
    await send(`${kit.url}/v1/ingest/%zz`, {}, ''),
    await send(`${kit.url}/v1/ingest/generic`, {}, '', 'GET'),
  ]
  expect(answers.map(({ status }) => status)).toEqual([202, 404, 404, 400, 404])
  for (const { headers } of answers) expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
  for (const { headers } of answers.slice(0, 3)) expect(kit.log).toContain(headers['x-request-id'])
  const socket = connect(Number(new URL(kit.url).port), '127.0.0.1')
  socket.write('no HTTP\r\n\r\n')
  const garbage = await text(socket)
  expect(garbage).toMatch(/^HTTP\/1.1 400 .*\r\nx-request-id: [0-9a-f-]{36}\r\n/s)
})

test('the log tells of each request, and never its token', async () => {
  const kit = await start()
  await ingest(kit, ONE)
  await ingest(kit, ONE, 'generic', { authorization: 'Bearer wrong-token' })
  const lines = kit.log.split('\n').filter((line) => line.includes('push_answered'))
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    expect.objectContaining({ level: 20, endpoint: 'ingest', status: '202', bytes: 7, records: 1 }),
    expect.objectContaining({ level: 30, endpoint: 'ingest', status: '401', bytes: 0 }),
  ])
  expect(kit.log).not.toMatch(/a-token|wrong-token/)
  expect(await kit.metrics()).toContain(
    'weir_push_answered_total{source="push",endpoint="ingest",status="202"} 1',
  )
})

test('a port that is taken is told with its number, and is had when it is free', async () => {
  const first = await start()
  const { port } = new URL(first.url)
  const second = new PushKit({ ...INGEST, port: Number(port) })
  await expect(second.startLine()).rejects.toMatchObject({
    code: 'LISTEN_FAILED',
    message: expect.stringContaining(`source push cannot listen on 127.0.0.1:${port}`),
  })
  // Until they are, every rule of every source waits for them.
  expect(second.partitions).toBe(true)
  await first.close()
  open.length = 0
  await second.startLine()
  open.push(second)
  expect((await ingest(second, ONE)).status).toBe(202)
})

test('a configuration without any way in, or with an unknown dataset, is refused', () => {
  expect(() => new PushKit({})).toThrow('at least one of')
  expect(
    () => new PushKit({ ingest: { tokens: [{ name: 'a', token: { env: 'TOKEN' }, datasets: ['no'] }] } }),
  ).toThrow('there is no dataset "no"; there are azure.signinlogs')
  expect(() => new PushKit({ ingest: { tokens: [{ name: 'a' }] } })).toThrow('either "sha256" or "token"')
})

test('over TLS, with certificates of clients where they are demanded', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-push-tls-'))
  const authority = newAuthority('push test')
  const [server, client] = [authority.issue('server'), authority.issue('client')]
  const file = (name: string, pem: string): string => {
    writeFileSync(join(folder, name), pem)
    return join(folder, name)
  }
  const tls = { cert: file('c', server.cert), key: file('k', server.key), ca: file('a', authority.cert) }
  const kit = await start({ tls })
  const push = async (more: object): Promise<number | undefined> => {
    const headers = { authorization: `Bearer ${TOKEN}` }
    const agent = new SecureAgent({ ca: authority.cert, ...more })
    const sent = secureRequest(`${kit.url}/v1/ingest/generic`, { method: 'POST', headers, agent })
    sent.end(ONE)
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    agent.destroy()
    return answer.statusCode
  }
  expect(kit.url).toMatch(/^https:/)
  expect(await push({ cert: client.cert, key: client.key })).toBe(202)
  await expect(push({})).rejects.toThrow()
  rmSync(folder, { recursive: true })
  expect(() => new PushKit({ ...INGEST, tls })).toThrow('cannot read')
})
