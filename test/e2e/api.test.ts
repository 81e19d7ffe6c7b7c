import { createHash } from 'node:crypto'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import type { AlertV1, EvidenceLine } from '@weir/contract'
import { type Delivery, judge } from '@weir/emulator'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, ask } from './ask.ts'
import { until } from './until.ts'
import { Valve } from './valve.ts'
import { smallScenario, World } from './world.ts'

const SHIPPED_RULES = fileURLToPath(new URL('../../rules', import.meta.url))
/** Not there at first; what it finds comes late in the scenario. */
const LATE_RULE = 'aws/cloudtrail/cloudtrail-stopped.json'
const LATE_RULE_ID = 'aws.cloudtrail-stopped'

const scenario = smallScenario(501)
const deliveries = [...scenario.deliveries()]

let world: World
let rulesFolder: string

beforeAll(async () => {
  world = await World.start({
    aggregator: (usual) => {
      rulesFolder = join(usual.store.path, '..', 'rules')
      cpSync(SHIPPED_RULES, rulesFolder, { recursive: true })
      rmSync(join(rulesFolder, LATE_RULE))
      return { ...usual, rules: { folders: [rulesFolder], reloadEvery: '200ms' } }
    },
  })
}, 60_000)
afterAll(() => world?.stop())

function call(path: string, token?: string, method = 'GET', body?: unknown): Promise<Answer> {
  const { aggregator, certificates } = world.network
  const given = token === undefined ? {} : { token }
  return ask(`${aggregator.ready.url}${path}`, { ca: certificates.ca, method, body, ...given })
}

/** What a reader gets as JSON. */
async function read<T>(path: string): Promise<T> {
  const { status, text } = await call(path, world.network.readerToken)
  if (status !== 200) throw new Error(`${path}: ${status} ${text}`)
  return JSON.parse(text) as T
}

interface Rules {
  readonly hash: string
  readonly refused: readonly string[]
  readonly rules: readonly { readonly id: string }[]
}

interface Page {
  readonly items: readonly AlertV1[]
  readonly next?: string
}

const rules = () => read<Rules>('/v1/rules')

/** The rules-refused alert at the SIEM, once it has come that far. */
function refusedAtSiem(status: string) {
  return until(`rules-refused is ${status} at the SIEM`, async () =>
    (await world.kept()).find(
      ({ rule, labels }) => rule === 'weir.health.rules-refused' && labels['status'] === status,
    ),
  )
}

test('a broken rule file changes nothing and is told everywhere; mended, it works without a restart', async () => {
  const { pid } = world.network.aggregator
  const valve = new Valve(deliveriesBefore('StopLogging'))
  const flowing = world.flow(scenario, valve.gate)
  const before = await rules()
  expect(before).toMatchObject({ refused: [] })
  expect(before.rules.map(({ id }) => id)).not.toContain(LATE_RULE_ID)

  const rule = readFileSync(join(SHIPPED_RULES, LATE_RULE), 'utf8')
  writeFileSync(join(rulesFolder, LATE_RULE), rule.replace('"conditions"', '"condition"'))
  const refused = await until('the set is refused', async () => {
    const now = await rules()
    return now.refused.length > 0 && now
  })
  expect(refused.hash).toBe(before.hash)
  expect(refused.refused.join('\n')).toMatch(/cloudtrail-stopped\.json:\d+:\d+ error .*condition/)
  await valve.reached
  await refusedAtSiem('open')
  await until('the old set still finds', async () =>
    (await world.kept()).find((alert) => alert.rule === 'entra.password-spray'),
  )

  writeFileSync(join(rulesFolder, LATE_RULE), rule)
  await until('the new set is in force', async () => (await rules()).hash !== before.hash)
  expect(await rules()).toMatchObject({ refused: [] })
  valve.open()
  await flowing
  await world.settled()
  await refusedAtSiem('closed')
  expect(judge(await world.kept(), scenario.planted).missed).toEqual([])
  expect(world.network.aggregator.pid).toBe(pid)
}, 120_000)

/** Deliveries before the first one that tells of something. */
function deliveriesBefore(word: string): number {
  const first = deliveries.findIndex((each) => plain(each).includes(word))
  expect(first).toBeGreaterThan(0)
  return first
}

/** The bytes of a delivery as its service wrote them. */
function plain(delivery: Delivery): Buffer {
  switch (delivery.kind) {
    case 'hub':
      return unpacked(delivery.body)
    case 'append':
      return delivery.bytes
    case 'flow':
      return delivery.block
    default:
      return delivery satisfies never
  }
}

/** Some messages are compressed, and some of those are cut short. */
function unpacked(body: Buffer): Buffer {
  try {
    return gunzipSync(body)
  } catch {
    return body
  }
}

describe('who may do what', () => {
  interface Openapi {
    readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  }
  const routes = async (): Promise<string[]> => {
    const { paths } = await read<Openapi>('/openapi.json')
    return Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
  }

  test('the API describes every route', async () => {
    expect((await routes()).sort()).toEqual([
      'GET /metrics',
      'GET /openapi.json',
      'GET /v1/alerts',
      'GET /v1/alerts/{id}',
      'GET /v1/alerts/{id}/evidence',
      'GET /v1/alerts/{id}/evidence/size',
      'GET /v1/audit',
      'GET /v1/canaries',
      'GET /v1/feed/{lane}',
      'GET /v1/health',
      'GET /v1/ledger',
      'GET /v1/me',
      'GET /v1/quarantine',
      'GET /v1/rules',
      'GET /v1/sources',
      'POST /v1/feed/marks',
      'POST /v1/feed/session',
      'POST /v1/records',
    ])
  })

  test('nothing but health is served without a token, or with one that nobody gave out', async () => {
    const open: string[] = []
    for (const route of await routes()) {
      const [method, path] = route.replace('{id}', 'x').replace('{lane}', 'urgent?after=0').split(' ')
      for (const token of [undefined, 'x'.repeat(32)]) {
        const { status, text } = await call(path!, token, method, method === 'POST' ? {} : undefined)
        if (status === 200) open.push(route)
        else
          expect({ route, status, text }).toMatchObject({
            status: 401,
            text: expect.stringContaining('NO_TOKEN'),
          })
      }
    }
    expect(open).toEqual(['GET /v1/health', 'GET /v1/health'])
  })

  test.for([
    ['a reader', 'GET', '/v1/feed/urgent?after=0'],
    ['a reader', 'POST', '/v1/feed/session'],
    ['a reader', 'POST', '/v1/feed/marks'],
    ['a reader', 'GET', '/v1/audit'],
    ['a forwarder', 'GET', '/v1/alerts/x/evidence'],
    ['a forwarder', 'GET', '/v1/alerts'],
    ['a forwarder', 'GET', '/v1/ledger'],
    ['a forwarder', 'GET', '/metrics'],
  ] as const)('%s may not %s %s', async ([who, method, path]) => {
    const { readerToken, forwarderToken } = world.network
    const token = who === 'a reader' ? readerToken : forwarderToken
    const { status, text } = await call(path, token, method, method === 'POST' ? { outputs: [] } : undefined)
    expect(status).toBe(403)
    expect(JSON.parse(text).error.code).toBe('WRONG_ROLE')
  })
})

test('pages of alerts, one after the other, are the whole list once', async () => {
  const { items: all } = await read<Page>('/v1/alerts?limit=1000')
  const ids: string[] = []
  for (let page = await read<Page>('/v1/alerts?limit=4'); ; ) {
    expect(page.items.length).toBeLessThanOrEqual(4)
    ids.push(...page.items.map(({ weir }) => weir.alert.id))
    if (page.next === undefined) break
    page = await read<Page>(`/v1/alerts?limit=4&after=${encodeURIComponent(page.next)}`)
  }
  expect(ids).toEqual(all.map(({ weir }) => weir.alert.id))
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.length).toBeGreaterThanOrEqual(scenario.planted.length)
})

test('the evidence of an alert is what the producer sent, byte for byte', async () => {
  const { items } = await read<Page>('/v1/alerts?limit=1000&kind=detection')
  const sent = [...wholes()]
  let compared = 0
  for (const { weir } of items) {
    const { text } = await call(`/v1/alerts/${weir.alert.id}/evidence`, world.network.readerToken)
    for (const line of text
      .trimEnd()
      .split('\n')
      .map((each) => JSON.parse(each) as EvidenceLine)) {
      if (line.bytes === undefined) continue
      const record = Buffer.from(line.bytes, 'base64')
      expect(createHash('sha256').update(record).digest('hex')).toBe(line.sha256)
      expect(sent.some((whole) => isRecordOf(whole, record))).toBe(true)
      compared += 1
    }
  }
  expect(compared).toBeGreaterThanOrEqual(scenario.planted.length)
})

/** Messages, and blobs as they are in the end, because an append may end in the middle of a record. */
function* wholes(): Iterable<Buffer> {
  const blobs = new Map<string, Buffer[]>()
  for (const delivery of deliveries) {
    if (delivery.kind === 'hub') yield plain(delivery)
    else {
      const parts = blobs.get(delivery.blob) ?? []
      blobs.set(delivery.blob, parts)
      parts.push(plain(delivery), Buffer.from(delivery.kind === 'flow' ? ',' : ''))
    }
  }
  for (const parts of blobs.values()) yield Buffer.concat(parts)
}

/** Whether the bytes stand there as a whole record, from one separator to the next. */
function isRecordOf(whole: Buffer, record: Buffer): boolean {
  const at = whole.indexOf(record)
  if (at === -1) return false
  const around = [whole[at - 1], whole[at + record.length]]
  return around.every((byte) => byte === undefined || '[],\n'.includes(String.fromCharCode(byte)))
}

test('metrics are in the text format of Prometheus, and count what the books count', async () => {
  const { text } = await call('/metrics', world.network.readerToken)
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const labels = String.raw`\{[a-zA-Z_]\w*="(?:[^"\\]|\\.)*"(?:,[a-zA-Z_]\w*="(?:[^"\\]|\\.)*")*\}`
  const sample = new RegExp(`^[a-zA-Z_:][\\w:]*(?:${labels})? -?[\\d.e+-]+$`)
  expect(samples.filter((line) => !sample.test(line))).toEqual([])
  const read = samples.filter((line) => line.startsWith('weir_records_read_total'))
  const records = read.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
  expect(records).toBe((await world.books()).read)
})
