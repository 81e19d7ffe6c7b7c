import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { TestAggregator, TOKEN } from '../ingest/aggregator.ts'
import { startAzurite, type TestAzurite } from '../ingest/azurite.ts'
import { startEventHubs, type TestEventHubs } from '../ingest/event-hubs.ts'
import { type Ended, weir } from './weir.ts'

const HUB = 'entra'
const CONTAINER = 'insights-logs-signinlogs'
const HOUR = 3_600_000
/** The hour before this one; the records lie within its last half. */
const HOUR_START = Math.floor(Date.now() / HOUR) * HOUR - HOUR
const iso = (time: number): string => new Date(time).toISOString()
const FROM = HOUR_START
const TO = HOUR_START + HOUR

let hubs: TestEventHubs
let azurite: TestAzurite
let aggregator: TestAggregator
/** Names the blob source, which the aggregator does not read. */
let others: string

function signIn(n: number, time = HOUR_START + HOUR / 2 + n * 1_000): string {
  return JSON.stringify({
    time: iso(time),
    resourceId: '/tenants/t/providers/Microsoft.aadiam',
    operationName: 'Sign-in activity',
    category: 'SignInLogs',
    properties: { id: `s${n}`, userPrincipalName: 'ada@example.test', ipAddress: '198.51.100.7' },
  })
}

const signIns = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, n) => signIn(from + n))

/** The same setting writes to both; a few are on one side alone, and one lies outside the interval on each. */
beforeAll(async () => {
  hubs = await startEventHubs([`${HUB}:2`])
  azurite = await startAzurite()
  await hubs.send(HUB, '0', [JSON.stringify({ records: signIns(0, 150).map((text) => JSON.parse(text)) })])
  await hubs.send(HUB, '1', [...signIns(150, 297), signIn(900, TO + 1_000)])
  const container = azurite.service.getContainerClient(CONTAINER)
  await container.create()
  const [day, hour] = [iso(FROM).slice(0, 10).split('-'), iso(FROM).slice(11, 13)]
  const name = `resourceId=/TENANTS/T/y=${day[0]}/m=${day[1]}/d=${day[2]}/h=${hour}/m=00/PT1H.json`
  const blob = container.getAppendBlobClient(name)
  await blob.create()
  const lines = [...signIns(2, 300), signIn(901, FROM - 1_000)].map((line) => `${line}\r\n`).join('')
  await blob.appendBlock(lines, Buffer.byteLength(lines))
  const hubSource = {
    type: 'event-hubs',
    name: 'hubs',
    auth: { kind: 'emulator', connectionString: hubs.connectionString },
    hubs: [HUB],
    statusEvery: '50ms',
  }
  aggregator = await TestAggregator.start([hubSource])
  others = join(aggregator.folder, 'others.json')
  const auth = { kind: 'emulator', connectionString: azurite.connectionString }
  const blobs = { type: 'blobs', name: 'blobs', auth, containers: [{ container: CONTAINER, kind: 'append' }] }
  const bare = { ...hubSource, name: 'empty', hubs: ['none'] }
  writeFileSync(others, JSON.stringify({ sources: [blobs, bare] }))
}, 60_000)
afterAll(async () => {
  await aggregator?.stop()
  await azurite?.kill()
  await hubs?.stop()
})

function reconcile(...args: readonly string[]): Promise<Ended> {
  const config = join(aggregator.folder, 'aggregator.json')
  const usual = ['--config', config, '--with', others, '--from', iso(FROM), '--to', iso(TO)]
  return weir(['verify', ...usual, ...args], {
    WEIR_TEST_TOKEN: TOKEN,
    WEIR_TOKEN: TOKEN,
    WEIR_URL: aggregator.url,
  })
}

const SIDES = ['--reconcile', 'hubs', 'blobs', '--consumer-group', '$Default']

test('what one side alone had is listed, whatever the shape in which the other one wrote its records: exit 1', async () => {
  await aggregator.until('the hub is read', 'hubs', ({ read }) => read === 298)
  const { code, stdout, stderr } = await reconcile(...SIDES, '--json')
  expect([code, stderr]).toEqual([
    1,
    expect.stringContaining('295 events on both sides, 5 on one alone; 3 missed'),
  ])
  const told = JSON.parse(stdout)
  expect(told.sides).toEqual([
    { source: 'hubs', events: 297, only: 2, unreadable: 0 },
    { source: 'blobs', events: 298, only: 3, unreadable: 0 },
  ])
  expect(told).toMatchObject({ both: 295, missed: 3, processed: 0 })
  const ids = (side: string): string[] =>
    told.listed.filter((each: { side: string }) => each.side === side).map((each: { id: string }) => each.id)
  expect([ids('hubs').sort(), ids('blobs').sort()]).toEqual([
    ['s0', 's1'],
    ['s297', 's298', 's299'],
  ])
  expect(told.listed.find((each: { id: string }) => each.id === 's1')).toMatchObject({
    dataset: 'azure.signinlogs',
    time: iso(HOUR_START + HOUR / 2 + 1_000),
    position: { partition: `${HUB}/0`, index: 1 },
  })
  expect(await aggregator.source('reconcile')).toMatchObject({ read: 0 })
}, 120_000)

test('what the aggregator missed is handed to it, once, and is in its books', async () => {
  for (const duplicates of [0, 3]) {
    const { code, stderr } = await reconcile(...SIDES, '--process')
    expect([code, stderr]).toEqual([1, expect.stringContaining('3 records handed to the aggregator')])
    expect(await aggregator.source('reconcile')).toMatchObject({
      read: 3 + duplicates,
      normalized: 3,
      duplicates,
    })
  }
}, 120_000)

test('nothing is called missing when a side cannot be read', async () => {
  const { code, stdout, stderr } = await reconcile('--reconcile', 'empty', 'blobs')
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(/weir: SOURCE_UNREACHABLE empty .* cannot be reached: .*; nothing was compared/)
}, 120_000)

test('an interval in which both sides have the same ends with 0', async () => {
  const [from, to] = [HOUR_START + HOUR / 2 + 10_000, HOUR_START + HOUR / 2 + 20_000]
  const { code, stdout } = await reconcile(...SIDES, '--from', iso(from), '--to', iso(to))
  expect(code).toBe(0)
  expect(stdout).toBe(
    'hubs  10 events, 0 that the other side lacks, 0 unreadable\nblobs  10 events, 0 that the other side lacks, 0 unreadable\n',
  )
}, 120_000)

test.each([
  [['--reconcile', 'hubs', 'nobody'], 'there is no source "nobody"; there are hubs, blobs, empty'],
  [['--reconcile', 'hubs'], 'takes the names of two sources'],
  [[...SIDES, '--to', iso(Date.now() + HOUR)], '--to must not lie in the future'],
  [[...SIDES, '--to', iso(FROM)], '--from must lie before --to'],
])(
  '%j is wrong use',
  async (args, message) => {
    const { code, stderr } = await reconcile(...args)
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
  },
  60_000,
)
