import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { makeCertificates } from '@weir/emulator'
import { EVENT_HUBS_BOUNDS, type EventHubsConfig, eventHubsSource, sendToHub } from '@weir/ingest'
import { createReport, systemClock } from '@weir/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ConnectProxy, startConnectProxy } from './connect-proxy.ts'
import { startEventHubs, type TestEventHubs } from './event-hubs.ts'
import { Recorder } from './recorder.ts'
import { startTlsFront, type TlsFront } from './tls-front.ts'

const folder = mkdtempSync(join(tmpdir(), 'weir-entra-'))
const asked: string[] = []
let hubs: TestEventHubs
let front: TlsFront
let identity: Server
let proxy: ConnectProxy

beforeAll(async () => {
  hubs = await startEventHubs(['logs:2'])
  const certificates = await makeCertificates(folder, Date.now())
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(certificates.ca, 'utf8')])
  const port = Number(/:(\d+);/.exec(hubs.connectionString)?.[1])
  proxy = await startConnectProxy()
  front = await startTlsFront(certificates, port)
  identity = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers['x-identity-header']}`)
    const expires_on = Math.floor(Date.now() / 1000) + 3600
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ access_token: 'a.b.c', expires_on, resource: 'r', token_type: 'Bearer' }))
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => identity.once('listening', resolve))
  // How App Service and Container Apps tell a process where its managed identity is.
  process.env['IDENTITY_ENDPOINT'] = `http://127.0.0.1:${(identity.address() as AddressInfo).port}/token`
  process.env['IDENTITY_HEADER'] = 'proof'
})
afterAll(async () => {
  delete process.env['IDENTITY_ENDPOINT']
  delete process.env['IDENTITY_HEADER']
  identity.close()
  front.stop()
  proxy.stop()
  await hubs.stop()
  rmSync(folder, { recursive: true, force: true })
})

function configOf(
  transport: EventHubsConfig['transport'],
  port: number,
  change: Partial<EventHubsConfig> = {},
): EventHubsConfig {
  const auth = { kind: 'entra', namespace: `localhost:${port}`, credential: 'managed-identity' } as const
  const where = { hubs: ['logs'], consumerGroup: '$Default', transport, start: 'earliest' } as const
  return { ...EVENT_HUBS_BOUNDS, statusMs: 50, ...change, name: 'hubs', auth, ...where }
}

function read(...given: Parameters<typeof configOf>): Recorder {
  const deps = { clock: systemClock, report: createReport('silent'), random: Math.random }
  return new Recorder().start(eventHubsSource(configOf(...given), deps))
}

test('with a managed identity, over TLS: no secret is configured, and messages of many frames come whole', async () => {
  const large = JSON.stringify({ pad: 'l'.repeat(300_000) })
  await hubs.send('logs', '0', ['{"n":1}', large])
  const recorder = read('amqp', front.tlsPort)
  await recorder.until(({ messages }) => messages.length === 2)
  await recorder.next('caught-up', 'logs/1')
  await recorder.stop()
  expect(recorder.text).toBe(`{"n":1}${large}`)
  expect(asked[0]).toContain(encodeURIComponent('https://eventhubs.azure.net/'))
  expect(asked[0]).toContain(' proof')
})

test('the same through a WebSocket on one HTTPS port', async () => {
  const recorder = read('websocket', front.webSocketPort)
  await recorder.until(({ messages }) => messages.length === 2)
  await recorder.next('caught-up', 'logs/1')
  await recorder.stop()
  expect(recorder.messages[1]?.bytes.length).toBe(300_010)
  // One for what the hub says of itself, one for its messages.
  const webSocket = '/$servicebus/websocket AMQPWSB10'
  expect(front.webSockets).toEqual([webSocket, webSocket])
})

test('a connection that breaks is made anew, and nothing comes twice: through a WebSocket', async () => {
  const recorder = read('websocket', front.webSocketPort)
  await recorder.next('caught-up', 'logs/0')
  const cut = recorder.next('cut-off', 'logs/0')
  await hubs.control('POST', '/drop-connections', {})
  await cut
  await recorder.next('caught-up', 'logs/0')
  await hubs.send('logs', '0', ['{"n":3}'])
  await recorder.until(({ messages }) => messages.length === 3)
  await recorder.stop()
  expect(recorder.messages.map(({ at }) => at)).toEqual(['0', '1', '2'])
})

/** One for what the hub says of itself, one for its messages. */
const twice = (): string[] => Array<string>(2).fill(`localhost:${front.webSocketPort}`)

/** With the environment of another, whatever comes of it. */
async function withEnvironment(
  change: Readonly<Record<string, string>>,
  work: () => Promise<void>,
): Promise<void> {
  Object.assign(process.env, change)
  try {
    await work()
  } finally {
    for (const name of Object.keys(change)) delete process.env[name]
  }
}

async function readThrough(change: Partial<EventHubsConfig> = {}): Promise<string[]> {
  proxy.asked.length = 0
  const recorder = read('websocket', front.webSocketPort, change)
  await recorder.until(({ messages }) => messages.length === 3)
  await recorder.next('caught-up', 'logs/1')
  await recorder.stop()
  return proxy.asked
}

test('everything goes through the proxy of the configuration, by CONNECT', async () => {
  expect(await readThrough({ proxy: proxy.url })).toEqual(twice())
})

test('everything goes through the proxy that HTTPS_PROXY names, unless NO_PROXY has the host', async () => {
  await withEnvironment({ HTTPS_PROXY: proxy.url }, async () => {
    expect(await readThrough()).toEqual(twice())
  })
  await withEnvironment({ HTTPS_PROXY: proxy.url, NO_PROXY: 'localhost' }, async () => {
    expect(await readThrough()).toEqual([])
  })
})

test('a proxy that lets nothing through is cut off, and tried until it does', async () => {
  proxy.answer(407)
  const recorder = read('websocket', front.webSocketPort, { proxy: proxy.url })
  const cut = await recorder.next('cut-off', 'logs')
  proxy.answer(200)
  await recorder.until(({ messages }) => messages.length === 3)
  await recorder.stop()
  expect(cut.reason).toContain(
    `the WebSocket to localhost:${front.webSocketPort} through ${proxy.url} was closed`,
  )
})

test.each([
  ['amqp', 'http://proxy:8080', /set transport to "websocket"/],
  ['websocket', 'proxy:8080', /is no URL of a proxy/],
  ['websocket', 'http://me:secret@proxy:8080', /HTTPS_PROXY/],
] as const)('over %s the proxy %s is refused with the remedy', (transport, url, why) => {
  expect(() => read(transport, 1, { proxy: url })).toThrow(why)
})

test('what is sent to a hub, such as a canary, goes through the proxy too', async () => {
  proxy.asked.length = 0
  const config = configOf('websocket', front.webSocketPort, { proxy: proxy.url })
  await sendToHub(config, 'logs', Buffer.from('{"weir":{"canary":"c"}}'), systemClock)
  expect(proxy.asked).toEqual([`localhost:${front.webSocketPort}`])
})
