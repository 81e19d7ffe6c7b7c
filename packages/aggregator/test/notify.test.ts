import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Alert, HEALTH, type HealthCode, type HealthReport } from '@weir/model'
import { parseConfig } from '@weir/runtime'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { bodyOf } from '../src/notify/body.ts'
import { notifiers } from '../src/notify/config.ts'
import { notify } from '../src/notify/notify.ts'
import { alertOf, commit, type Kit, openKit } from './api-kit.ts'
import { newAuthority } from './certificate.ts'

interface Got {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A receiver of webhooks: answers what it is told, 200 else, and keeps what it took. */
class Receiver {
  readonly taken: Got[] = []
  readonly answers: { status: number; headers?: Record<string, string>; text?: string }[] = []
  asked = 0
  readonly #server: Server

  constructor(tls?: { cert: string; key: string }) {
    this.#server = tls === undefined ? createServer() : (createTlsServer(tls) as unknown as Server)
    this.#server.on('request', async (request, response) => {
      let body = ''
      for await (const part of request) body += String(part)
      this.asked++
      const { status, headers, text } = this.answers.shift() ?? { status: 200 }
      if (status === 200) this.taken.push({ headers: request.headers, body })
      response.writeHead(status, headers).end(text)
    })
  }

  async listen(port = 0): Promise<number> {
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
    return (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** What was told, in a few words. */
  told(): string[] {
    return this.taken.map(({ body }) => {
      const { state, code, subject, revision } = JSON.parse(body)
      return `${state} ${code} ${subject} ${revision}`
    })
  }
}

let kit: Kit
let receiver: Receiver
let port: number
let running: AbortController
let said: HealthReport[]
beforeEach(async () => {
  kit = openKit()
  receiver = new Receiver()
  port = await receiver.listen()
  running = new AbortController()
  said = []
})
afterEach(async () => {
  running.abort()
  await kit.close()
  await receiver.close()
})

function start(more: object = {}, raised: { code: string; subject: string }[] = []): Promise<void> {
  const one = { name: 'pager', url: `http://127.0.0.1:${port}/hook`, minInterval: '0s', ...more }
  const configs = parseConfig('test', [one], notifiers, {})
  const { store, clock } = kit
  const { report } = kit.context
  const health = (each: HealthReport): void => void said.push(each)
  return notify(
    configs,
    { store, clock, report, health, random: () => 0, raised: () => raised },
    running.signal,
  )
}

function health(code: HealthCode, subject: string, revision: number, status: 'open' | 'closed'): Alert {
  const alert = alertOf(`${code}-${subject}`, { revision, severity: HEALTH[code].severity })
  const own = { kind: 'health', status, group: { code, subject } } as const
  return {
    ...alert,
    rule: { id: `weir.health.${code}`, name: HEALTH[code].name },
    message: `${HEALTH[code].name}: ${subject}. So it is.`,
    weir: { alert: { ...alert.weir.alert, ...own }, remedy: HEALTH[code].remedy },
  }
}

async function happens(...alerts: readonly Alert[]): Promise<void> {
  const ship = alerts.map((alert) => {
    const { severity, kind } = alert.weir.alert
    return { alert, severity, kind, ship: true, once: false } as const
  })
  await commit(kit, { alerts: ship })
}

test('a condition is told as it is raised and as it is cleared, each once, with its essentials', async () => {
  void start()
  await happens(health('forwarder-gone', 'north', 1, 'open'), alertOf('a-detection'))
  await vi.waitFor(() => expect(receiver.told()).toEqual(['raised forwarder-gone north 1']))
  await happens(health('forwarder-gone', 'north', 2, 'closed'))
  await vi.waitFor(() =>
    expect(receiver.told()).toEqual(['raised forwarder-gone north 1', 'cleared forwarder-gone north 2']),
  )
  const { headers, body } = receiver.taken[0]!
  expect(headers['idempotency-key']).toBe('forwarder-gone-north-1')
  expect(headers['content-type']).toBe('application/json')
  expect(JSON.parse(body)).toEqual({
    id: 'forwarder-gone-north',
    revision: 1,
    state: 'raised',
    code: 'forwarder-gone',
    subject: 'north',
    severity: 'high',
    message: 'Forwarder stopped asking: north. So it is.',
    remedy: HEALTH['forwarder-gone'].remedy,
    since: '2026-03-01T12:00:00.000Z',
    at: '2026-03-01T12:00:00.000Z',
  })
})

test('what was not answered for is told again, as it is by then; a webhook that fails is a health alert', async () => {
  receiver.answers.push({ status: 503, text: 'not now' }, { status: 429, headers: { 'retry-after': '90' } })
  void start()
  await happens(health('disk-low', 'store', 1, 'open'))
  await kit.clock.sleeping(1000)
  expect(said).toEqual([])
  kit.clock.advance(1000)
  await kit.clock.sleeping(90_000)
  await happens(health('disk-low', 'store', 2, 'closed'), health('source-silent', 'hub', 1, 'open'))
  receiver.answers.push({ status: 500 })
  kit.clock.advance(90_000)
  await kit.clock.sleeping(4000)
  expect(said).toMatchObject([
    { code: 'notify-failed', subject: 'pager', state: 'raised', detail: 'HTTP 500' },
  ])
  expect(receiver.told()).toEqual([])
  kit.clock.advance(4000)
  // It came and went while nobody could be told: nobody was told of it as raised, so it is not told as cleared.
  await vi.waitFor(() =>
    expect(receiver.told()).toEqual(['passed disk-low store 2', 'raised source-silent hub 1']),
  )
  expect(said.at(-1)).toMatchObject({ code: 'notify-failed', state: 'cleared' })
})

test('a restart tells what was not acknowledged, and nothing twice', async () => {
  const first = start()
  await happens(health('forwarder-gone', 'north', 1, 'open'))
  await vi.waitFor(() => expect(receiver.told()).toHaveLength(1))
  await receiver.close()
  await happens(health('forwarder-gone', 'south', 1, 'open'), health('source-silent', 'hub', 1, 'open'))
  await kit.clock.sleeping(1000)
  running.abort()
  await first
  const before = receiver
  receiver = new Receiver()
  await receiver.listen(port)
  running = new AbortController()
  await happens(health('forwarder-gone', 'north', 2, 'closed'))
  void start()
  await vi.waitFor(() =>
    expect(receiver.told()).toEqual([
      'raised forwarder-gone south 1',
      'raised source-silent hub 1',
      'cleared forwarder-gone north 2',
    ]),
  )
  expect(before.told()).toEqual(['raised forwarder-gone north 1'])
})

test('a webhook that is new is told what stands, and not what is over', async () => {
  await happens(health('source-silent', 'hub', 1, 'open'), health('disk-low', 'store', 1, 'open'))
  await happens(health('disk-low', 'store', 2, 'closed'))
  void start()
  await vi.waitFor(() => expect(receiver.told()).toEqual(['raised source-silent hub 1']))
  await happens(health('clock-skew', 'hub', 1, 'open'))
  await vi.waitFor(() => expect(receiver.told()).toHaveLength(2))
})

test('of a long outage what stands is told, and of what is over the newest thousand changes', async () => {
  receiver.answers.push({ status: 503 })
  void start()
  await happens(health('source-silent', 'first', 1, 'open'))
  await kit.clock.sleeping(1000)
  for (let n = 0; n < 1010; n++) await happens(health('sequence-gap', `p${n}`, 2, 'closed'))
  kit.clock.advance(1000)
  await vi.waitFor(() => expect(receiver.taken).toHaveLength(1001), { timeout: 20_000 })
  expect(receiver.told().slice(0, 2)).toEqual(['raised source-silent first 1', 'passed sequence-gap p10 2'])
}, 30_000)

test('retention that takes the newest alert does not hide the next one', async () => {
  void start()
  await happens(health('disk-low', 'store', 1, 'closed'))
  await vi.waitFor(() => expect(receiver.told()).toEqual(['passed disk-low store 1']))
  const policy = { forwarders: [], alertDaysMax: 1, quarantineDaysMax: 1, ledgerDaysMax: 1 }
  const bounds = { feedBytesMax: 1e9, feedTombstonesMax: 10, storeBytesMax: 1e9 }
  await kit.store.retire({ ...policy, ...bounds }, kit.clock.now() + 3 * 86_400_000)
  expect(await kit.store.alert('disk-low-store')).toBeUndefined()
  await happens(health('source-silent', 'hub', 1, 'open'))
  await vi.waitFor(() => expect(receiver.told()).toHaveLength(2))
})

describe('what a receiver says', () => {
  test.each([400, 413, 422])(
    'HTTP %i is this notice: it is told of, and the next one follows',
    async (status) => {
      receiver.answers.push({ status, text: 'no such field' })
      void start()
      await happens(health('disk-low', 'store', 1, 'open'), health('source-silent', 'hub', 1, 'open'))
      await vi.waitFor(() => expect(receiver.told()).toEqual(['raised source-silent hub 1']))
      expect(said.map(({ state, detail }) => `${state} ${detail}`)).toEqual([
        `raised It refused one for good: HTTP ${status} no such field`,
        'cleared It takes notices again.',
      ])
    },
  )

  test.each([301, 401, 403, 404, 408, 500])(
    'HTTP %i is the receiver or the set-up: nothing is passed over',
    async (status) => {
      receiver.answers.push({ status, headers: { location: '/elsewhere' } })
      void start()
      await happens(health('disk-low', 'store', 1, 'open'))
      await kit.clock.sleeping(1000)
      expect(receiver.asked).toBe(1)
      kit.clock.advance(1000)
      await vi.waitFor(() => expect(receiver.told()).toEqual(['raised disk-low store 1']))
    },
  )

  test('one that never answers is given up after half a minute, and asked again', async () => {
    const mute = createServer(() => undefined)
    mute.listen(0, '127.0.0.1')
    await once(mute, 'listening')
    void start({ url: `http://127.0.0.1:${(mute.address() as AddressInfo).port}` })
    await happens(health('disk-low', 'store', 1, 'open'))
    await once(mute, 'request')
    kit.clock.advance(30_000)
    await kit.clock.sleeping(1000)
    expect(kit.log()).toContain('no answer in time')
    running.abort()
    mute.closeAllConnections()
    mute.close()
  })
})

test.each([
  ['codes', { codes: ['disk-low'] }, ['raised disk-low store 1']],
  ['severities', { severities: ['critical'] }, ['raised feed-bound feed 1']],
])('%s choose what is told; its own failure is nothing to tell by itself', async (_, choice, told) => {
  void start(choice)
  await happens(
    health('source-silent', 'hub', 1, 'open'),
    health('notify-failed', 'pager', 1, 'open'),
    health('disk-low', 'store', 1, 'open'),
    health('feed-bound', 'feed', 1, 'open'),
  )
  await vi.waitFor(() => expect(receiver.told()).toEqual(told))
  await kit.clock.sleeping(60_000)
  expect(receiver.told()).toEqual(told)
})

test('a body of one own has the alert and what is told of it; headers are set', async () => {
  const body = {
    text: '{{notice.state}}: {{message|cut(30)}}',
    severity: "{{weir.alert.severity|map('high=1','*=3')}}",
  }
  void start({ body, headers: { authorization: 'Bearer x' } })
  await happens(health('disk-low', 'store', 1, 'open'))
  await vi.waitFor(() => expect(receiver.taken).toHaveLength(1))
  expect(JSON.parse(receiver.taken[0]!.body)).toEqual({
    text: 'raised: Disk nearly full: store. So i…',
    severity: '1',
  })
  expect(receiver.taken[0]!.headers.authorization).toBe('Bearer x')
})

test('over HTTPS through a proxy, to a certificate of an authority of one own', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-notify-'))
  const authority = newAuthority('Weir test')
  const ca = join(folder, 'ca.pem')
  writeFileSync(ca, authority.cert)
  const secure = new Receiver(authority.issue('receiver'))
  const asked: string[] = []
  const proxy = createServer()
  proxy.on('connect', (request, socket) => {
    asked.push(String(request.url), String(request.headers['proxy-authorization']))
    const there = connect(Number(String(request.url).split(':').at(-1)), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      there.pipe(socket).pipe(there)
    })
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const [to, by] = [await secure.listen(), (proxy.address() as AddressInfo).port]
  try {
    void start({ url: `https://localhost:${to}/`, ca, proxy: `http://me:secret@127.0.0.1:${by}` })
    await happens(health('disk-low', 'store', 1, 'open'))
    await vi.waitFor(() => expect(secure.told()).toEqual(['raised disk-low store 1']))
    expect(asked).toEqual([`localhost:${to}`, `Basic ${Buffer.from('me:secret').toString('base64')}`])
  } finally {
    running.abort()
    proxy.closeAllConnections()
    proxy.close()
    await secure.close()
    rmSync(folder, { recursive: true })
  }
})

test('a webhook that is configured no more fails no more', async () => {
  void start({}, [{ code: 'notify-failed', subject: 'former' }])
  await vi.waitFor(() =>
    expect(said).toEqual([
      {
        code: 'notify-failed',
        subject: 'former',
        state: 'cleared',
        detail: 'It is not configured any more.',
      },
    ]),
  )
})

describe('recipes in deploy', () => {
  const folder = join(import.meta.dirname, '../../../deploy/notify')
  const secrets = {
    WEIR_NOTIFY_SLACK_URL: 'https://slack.example/x',
    WEIR_NOTIFY_TEAMS_URL: 'https://teams.example/x',
  }

  test.each(readdirSync(folder))(
    '%s says of a condition with awkward words what the receiver takes',
    (file) => {
      const [config] = parseConfig(
        file,
        [JSON.parse(readFileSync(join(folder, file), 'utf8'))],
        notifiers,
        secrets,
      )
      const alert = health('forwarder-gone', 'north <!channel> & "co"', 1, 'open')
      const long = { ...alert, message: `${alert.message} ${'ü'.repeat(9000)}` }
      const bodies = (
        [
          ['open', false],
          ['closed', true],
          ['closed', false],
        ] as const
      ).map(([status, told]) => {
        const { alert: inner } = long.weir
        const changed = { ...long, weir: { ...long.weir, alert: { ...inner, status } } }
        return JSON.parse(bodyOf({ changed: 1, alert: changed, told }, config!))
      })
      expect(bodies).toMatchSnapshot()
      expect(Buffer.byteLength(JSON.stringify(bodies[0]))).toBeLessThan(28_000)
    },
  )
})

test.each([
  ['an unknown code', { codes: ['no-such'] }, /codes.*docs\/health.md/],
  ['no URL', { url: 'pager.example' }, /url/],
  ['a header of the transport', { headers: { Host: 'x' } }, /not yours to set/],
  ['broken braces', { body: { text: '{{message' } }, /braces/],
])('%s is refused at start', (_, more, message) => {
  const one = { name: 'pager', url: 'https://pager.example/', ...more }
  expect(() => parseConfig('test', [one], notifiers, {})).toThrow(message)
})
