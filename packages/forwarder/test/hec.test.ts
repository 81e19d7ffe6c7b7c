import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createReport, parseConfig, systemClock } from '@weir/runtime'
import { afterEach, describe, expect, test } from 'vitest'
import { doctor, LIMITS, type Limits } from '../src/index.ts'
import { hecConfig } from '../src/outputs/hec/config.ts'
import { ackVerdictOf, verdictOf } from '../src/outputs/hec/retry.ts'
import { createHecOutput } from '../src/outputs/hec/send.ts'
import { read, setting, start } from './bench.ts'
import { FeedStandIn } from './support/aggregator.ts'
import { makeAlert } from './support/alert.ts'
import { Balancer } from './support/balancer.ts'
import { Collector, HEC_TOKEN } from './support/collector.ts'

const opened: (() => Promise<unknown> | unknown)[] = []

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

describe('a reply', () => {
  test.each([
    [200, 0, 'taken'],
    [200, 24, 'taken'],
    [200, 25, 'taken'],
    [200, undefined, 'setup'],
    [400, 5, 'bad'],
    [400, 6, 'bad'],
    [400, 12, 'bad'],
    [400, 13, 'bad'],
    [400, 15, 'bad'],
    [413, undefined, 'bad'],
    [413, 27, 'bad'],
    [403, 1, 'setup'],
    [401, 2, 'setup'],
    [401, 3, 'setup'],
    [403, 4, 'setup'],
    [400, 7, 'setup'],
    [400, 10, 'setup'],
    [400, 11, 'setup'],
    [400, 14, 'setup'],
    [400, 16, 'setup'],
    [404, undefined, 'setup'],
    [302, undefined, 'setup'],
    [500, 8, 'later'],
    [503, 9, 'later'],
    [503, 18, 'later'],
    [400, 21, 'later'],
    [503, 23, 'later'],
    [429, 26, 'later'],
    [429, 27, 'later'],
    [429, undefined, 'later'],
    [408, undefined, 'later'],
    [502, undefined, 'later'],
  ])('HTTP %d with code %s means %s', (status, code, verdict) => {
    expect(verdictOf(status, code)).toBe(verdict)
  })

  test.each([
    [200, 'told'],
    [400, 'setup'],
    [403, 'setup'],
    [429, 'later'],
    [503, 'later'],
  ])('about acknowledgements, HTTP %d means %s', (status, verdict) => {
    expect(ackVerdictOf(status)).toBe(verdict)
  })
})

test('all that goes over one connection goes in one channel', async () => {
  const { collector, send } = await open()
  await send('a')
  await send('b')
  expect(collector.channels.size).toBe(1)
})

test('a new connection has a new channel', async () => {
  const { collector, send } = await open()
  await send('a')
  collector.cut()
  await sendUntilTaken(send, 'b')
  expect(new Set(collector.revisions())).toEqual(new Set(['a 1', 'b 1']))
  expect(collector.channels.size).toBe(2)
})

test('another collector behind a balancer does not acknowledge what it never had', async () => {
  const [first, second] = [await collecting(), await collecting()]
  first.ackFromPoll = Number.POSITIVE_INFINITY
  const balancer = new Balancer([first.url, second.url])
  const url = await balancer.listen()
  opened.push(() => balancer.close())
  const { send } = outputTo(url, { hecAckPollMs: { firstMs: 200, maxMs: 200 }, hecAckEndedMs: 1000 })
  const waits = failure(send('a'))
  // Its answer and the first one about its acknowledgement: now it waits to ask again.
  await balancer.watched.until(() => balancer.handedBack === 2)
  balancer.to = 1
  balancer.cut()
  await sendUntilTaken(send, 'b')
  const failed = await waits
  // Events that went to the second in the first one's channel end all that waits in that channel.
  const mixed = [...first.channels].some((channel) => second.channels.has(channel))
  expect(failed).toMatch(mixed ? /lost its connection between/ : /has not told 1 acknowledgement/)
  expect(new Set(second.revisions())).toEqual(new Set(['b 1']))
})

test('a collector that ends each connection is asked over others, also while a batch is divided', async () => {
  const { collector, send } = await open()
  collector.hangsUp = true
  collector.ackFromPoll = 3
  collector.bad = ({ fields }) => fields['alert_id'] === 'c'
  expect(await send('a', 'b', 'c', 'd')).toEqual(['c'])
  expect(new Set(collector.revisions())).toEqual(new Set(['a 1', 'b 1', 'd 1']))
})

test('a cookie of a balancer is shown to it, and not over the next connection', async () => {
  const { collector, send } = await open()
  collector.cookie = 'node=one'
  await send('a')
  expect(collector.cookiesShown).toEqual([undefined, 'node=one'])
  collector.hangsUp = true
  collector.cookie = 'node=two'
  await send('b')
  await send('c')
  expect(collector.cookiesShown.slice(2)).toEqual(['node=one', 'node=two', undefined, 'node=two'])
})

test('a collector that is busy when it is asked for acknowledgements is asked again, and nothing is repeated', async () => {
  const { collector, send } = await open()
  collector.scriptedAcks.push({ status: 503, code: 9 }, { status: 429, code: 27 })
  await send('a')
  expect([collector.polls, collector.revisions()]).toEqual([3, ['a 1']])
})

test('a collector that knows no acknowledgements is a refusal of the set-up', async () => {
  const { collector, send } = await open()
  collector.scriptedAcks.push({ status: 400, code: 14 })
  expect(await failure(send('a'))).toBe(
    'SetupRefused: output out tells no acknowledgements: HTTP 400, code 14, as told',
  )
})

test('a page that is no collector’s acknowledges nothing, and the doctor says what it is not', async () => {
  const page = createServer((_, response) => response.end('<html>Please sign in</html>'))
  await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve))
  opened.push(() => new Promise((resolve) => page.close(resolve)))
  const url = `http://127.0.0.1:${(page.address() as AddressInfo).port}`
  const { send } = outputTo(url, {}, false)
  expect(await failure(send('a'))).toBe('SetupRefused: output out refuses its set-up: HTTP 200')
  const of = setting({ url }, [{ type: 'hec', name: 'out', url, token: { file: 'hec-token' } }])
  const seen = (await doctor(read(of))).find(({ name }) => name === 'output out')
  expect(seen).toMatchObject({ ok: false, detail: `${url} answers, and is no HTTP Event Collector` })
})

test('batches are sent while others wait for their acknowledgements', async () => {
  const { collector, output, send } = await open()
  collector.ackFromPoll = Number.POSITIVE_INFINITY
  expect(output.sendsMax).toBe(8)
  const all = ['a', 'b', 'c'].map((id) => send(id))
  await collector.watched.until(() => collector.events.length === 3)
  expect(collector.channels.size).toBe(1)
  collector.ackFromPoll = 0
  await Promise.all(all)
  expect(collector.revisions()).toEqual(['a 1', 'b 1', 'c 1'])
})

test('an acknowledgement that was told and lost on its way comes by sending again', async () => {
  const { collector, send } = await open({ hecAckEndedMs: 50 })
  collector.ackFromPoll = 2
  const first = failure(send('a'))
  await collector.watched.until(() => collector.polls === 1)
  collector.ackFromPoll = Number.POSITIVE_INFINITY
  collector.cut()
  expect(await first).toMatch(/^WeirError/)
  collector.ackFromPoll = 0
  await sendUntilTaken(send, 'a')
  expect(new Set(collector.revisions())).toEqual(new Set(['a 1']))
  expect(collector.channels.size).toBe(2)
})

test('around a bad event that is named only what stood before it comes twice', async () => {
  const { collector, send } = await open()
  collector.namesBad = true
  collector.bad = ({ fields }) => fields['alert_id'] === 'c'
  expect(await send('a', 'b', 'c', 'd')).toEqual(['c'])
  expect(collector.revisions()).toEqual(['a 1', 'b 1', 'a 1', 'b 1', 'd 1'])
  expect(collector.requests).toBe(4)
})

/** As the worker does it. */
async function sendUntilTaken(send: (id: string) => Promise<unknown>, id: string): Promise<void> {
  for (let tries = 0; tries < 5; tries++) {
    const error = await failure(send(id))
    if (error === 'none') return
  }
  throw new Error(`${id} was never taken`)
}

test('what waited for its acknowledgement when the process stopped is sent by the next one, in a channel of its own', async () => {
  const collector = await collecting()
  collector.ackFromPoll = Number.POSITIVE_INFINITY
  const feed = new FeedStandIn()
  opened.push(() => feed.close())
  const output = { type: 'hec', name: 'out', url: collector.url, token: { file: 'hec-token' }, ack: true }
  const of = setting({ url: await feed.listen() }, [output])
  const { forwarder } = await start(of)
  feed.ship('urgent', makeAlert({ id: 'a' }))
  await collector.watched.until(() => collector.polls > 1)
  await forwarder.stop()
  expect(feed.delivered('out', 'urgent') ?? 0).toBe(0)
  collector.ackFromPoll = 0
  const { forwarder: next } = await start(of)
  opened.push(() => next.stop())
  await feed.watched.until(() => feed.delivered('out', 'urgent') === 1)
  expect(collector.revisions()).toEqual(['a 1', 'a 1'])
  expect(collector.channels.size).toBe(2)
})

async function collecting() {
  const collector = new Collector()
  collector.ackFromPoll = 0
  const url = await collector.listen()
  opened.push(() => collector.close())
  return Object.assign(collector, { url })
}

async function open(limits: Partial<Limits> = {}) {
  const collector = await collecting()
  return { collector, ...outputTo(collector.url, limits) }
}

/** The output by itself; `send` resolves to the ids that were refused. */
function outputTo(url: string, limits: Partial<Limits> = {}, ack = true) {
  const config = parseConfig(
    'here',
    { type: 'hec', name: 'out', url, token: { env: 'TOKEN' }, ack },
    hecConfig,
    { TOKEN: HEC_TOKEN },
  )
  const output = createHecOutput(config, {
    clock: systemClock,
    report: createReport('silent'),
    random: Math.random,
    limits: { ...LIMITS, hecAckPollMs: { firstMs: 5, maxMs: 5 }, ...limits },
    wake: () => undefined,
  })
  opened.push(() => output.close())
  const send = async (...ids: string[]): Promise<string[]> => {
    const messages = ids.map((id) => ({ entry: { id } as never, bytes: output.encode(makeAlert({ id })) }))
    const refused = await output.send(messages, AbortSignal.timeout(20_000))
    return refused.map(({ entry }) => entry.id)
  }
  return { output, send }
}

async function failure(sending: Promise<unknown>): Promise<string> {
  const error = await sending.catch((caught: unknown) => caught)
  return error instanceof Error ? `${error.constructor.name}: ${error.message}` : 'none'
}
