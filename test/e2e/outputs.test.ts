import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AlertV1 } from '@weir/contract'
import {
  type ForwarderFile,
  HEC_TOKENS,
  judge,
  type Kept,
  type Link,
  parseCef,
  parseSyslog,
  type Siem,
  startLink,
} from '@weir/emulator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask } from './ask.ts'
import { until } from './until.ts'
import { booksOf, smallScenario, World } from './world.ts'

const LIVE = ['siem', 'tcp-octet', 'tcp-lf', 'hec', 'hec-ack', 'file']
const scenario = smallScenario(101)

let world: World
/** Nobody listens here until the output comes back. */
let deadPort: number
/** Keeps that port from the stand-ins while they take theirs. */
let placeholder: Link

beforeAll(async () => {
  placeholder = await startLink({ listen: 0, target: { host: '127.0.0.1', port: 9 } })
  deadPort = placeholder.port
  world = await World.start({ mutualTls: true, forwarder })
  await world.flow(scenario)
  await world.settled(LIVE)
}, 120_000)
afterAll(() => world?.stop())

/** Every kind of output at once, and one of which the port is closed. */
function forwarder(usual: ForwarderFile, siem: Siem): object {
  void placeholder.stop()
  const { ca } = usual.aggregators[0]!
  const folder = join(ca, '..', '..')
  const secret = (name: 'plain' | 'acknowledging') => {
    writeFileSync(join(folder, name), HEC_TOKENS[name].value)
    return { file: name }
  }
  const tcp = { type: 'syslog', host: 'localhost', transport: 'tcp' }
  const port = siem.ready.syslogTcp
  const hec = { type: 'hec', url: siem.ready.hec, ca }
  return {
    ...usual,
    watch: { outputStuckSecondsMax: 2 },
    outputs: [
      ...usual.outputs,
      { ...tcp, name: 'tcp-octet', port, appName: 'tcp-octet', framing: 'octet' },
      { ...tcp, name: 'tcp-lf', port, appName: 'tcp-lf', framing: 'lf' },
      { ...hec, name: 'hec', host: 'hec', token: secret('plain') },
      { ...hec, name: 'hec-ack', host: 'hec-ack', token: secret('acknowledging'), ack: true },
      { type: 'file', name: 'file', path: 'alerts.ndjson' },
      { ...tcp, name: 'dead', port: deadPort, appName: 'dead' },
    ],
  }
}

/** What an output received: alert id and revision of every message, in order. */
type Received = readonly { readonly id: string; readonly revision: number }[]

async function receivedBy(output: string): Promise<Received> {
  if (output === 'file') return fileAlerts().map(({ weir }) => weir.alert)
  const messages: Kept[] = []
  for (;;) {
    const page = await world.network.siem.raw(messages.length)
    if (page.length === 0) return messages.filter((each) => outputOf(each) === output).map(alertOf)
    messages.push(...page)
  }
}

function fileAlerts(): AlertV1[] {
  const lines = readFileSync(join(world.folder, 'alerts.ndjson'), 'utf8').trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line) as AlertV1)
}

/** Each output names itself in what it sends. */
function outputOf({ via, text }: Kept): string | undefined {
  if (via === 'hec') return (JSON.parse(text) as { host: string }).host
  return via === 'tls' ? 'siem' : parseSyslog(text)?.app
}

function alertOf({ via, text }: Kept): Received[number] {
  if (via === 'hec') return JSON.parse(text).event.weir.alert
  const { extension, labels } = parseCef(parseSyslog(text)!.message)!
  return { id: extension['externalId']!, revision: Number(labels['revision']) }
}

/** Every alert with its last revision, as the aggregator has it. */
async function alerts(kind: 'detection' | 'health'): Promise<Record<string, number>> {
  const client = world.network.client()
  try {
    const last: Record<string, number> = {}
    for await (const { items } of client.alerts({ kind, limit: 1000 }))
      for (const { weir } of items) last[weir.alert.id] = weir.alert.revision
    return last
  } finally {
    await client.close()
  }
}

function lastOf(received: Received): Record<string, number> {
  const last: Record<string, number> = {}
  for (const { id, revision } of received) last[id] = Math.max(revision, last[id] ?? 0)
  return last
}

test('the attack is found, over client certificates on both connections', async () => {
  expect(judge(await world.kept(), scenario.planted).missed).toEqual([])
  expect(await world.books()).toEqual(booksOf(scenario))
  expect(await world.network.siem.state()).toMatchObject({ unreadable: 0, tls: { handshakesFailed: 0 } })
})

test.for(LIVE)('output %s gets the last revision of every alert, and nothing twice', async (output) => {
  const received = await receivedBy(output)
  const detections = await alerts('detection')
  expect(Object.keys(detections).length).toBeGreaterThanOrEqual(scenario.planted.length)
  expect(lastOf(received)).toMatchObject(detections)
  const copies = received.map(({ id, revision }) => `${id} ${revision}`)
  expect(copies).toHaveLength(new Set(copies).size)
})

test('a caller without a certificate gets no further than the handshake', async () => {
  const { aggregator, certificates, readerToken } = world.network
  const call = ask(`${aggregator.ready.url}/v1/health`, { ca: certificates.ca, token: readerToken })
  await expect(call).rejects.toThrow(/certificate required|ECONNRESET|socket hang up/)
})

test('a dead output is a health alert; it gets everything when it is back, and the alert closes', async () => {
  expect(await receivedBy('dead')).toEqual([])
  const refused = await until('the stuck output is told of', () => outputRefused('open'))
  expect(refused.message).toContain('on-prem dead')
  // Another process may have been given the port meanwhile; then it is no Weir that answers there.
  expect(refused.message).toMatch(/ECONNREFUSED|lost the connection/)

  const target = { host: '127.0.0.1', port: world.network.siem.ready.syslogTcp }
  const back = await startLink({ listen: deadPort, target })
  try {
    await until('the alert closes', () => outputRefused('closed'))
    await world.settled([...LIVE, 'dead'])
    const received = lastOf(await receivedBy('dead'))
    expect(received).toMatchObject(await alerts('detection'))
    expect(received).toMatchObject(await alerts('health'))
  } finally {
    await back.stop()
  }
})

/** The file has it word for word, whichever output told the SIEM first. */
async function outputRefused(status: string): Promise<AlertV1 | undefined> {
  return fileAlerts().find(
    ({ rule, weir }) => rule.id === 'weir.health.output-refused' && weir.alert.status === status,
  )
}
