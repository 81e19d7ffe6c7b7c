import { copyFileSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { judge, type Kept, parseCef, parseSyslog } from '@weir/emulator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from './until.ts'
import { Valve } from './valve.ts'
import { weir } from './weir.ts'
import { booksOf, hasty, smallScenario, World } from './world.ts'

const scenarios = [smallScenario(301), smallScenario(302), smallScenario(303)] as const
const [first, second, third] = scenarios
/** Undelivered alerts on premises; a single alert is over it. */
const SPOOL_BYTES_MAX = '1KB'
/** Pages that the store may still grow by; far less than a scenario needs. */
const PAGES_LEFT = 30

let world: World

beforeAll(async () => {
  world = await World.start({
    forwarder: (usual) => ({ ...usual, spool: { ...usual.spool, bytesMax: SPOOL_BYTES_MAX } }),
  })
}, 60_000)
afterAll(() => world?.stop())

/** Steps of the attacks so far that the SIEM knows nothing of. */
async function missed(upTo: number): Promise<readonly string[]> {
  const planted = scenarios.slice(0, upTo).flatMap((scenario) => scenario.planted)
  return judge(await world.kept(), planted).missed
}

async function urgentLane(): Promise<{ readonly head: number; readonly spooled: number }> {
  const client = world.network.client()
  try {
    const { forwarders } = await client.ledger()
    return forwarders[0]!.lanes['urgent']!
  } finally {
    await client.close()
  }
}

test('a full spool pauses pulling, loses nothing, and goes on when the output takes alerts again', async () => {
  const { siem } = world.network
  await siem.fault({ refuseTls: true })
  const half = new Valve([...first.deliveries()].length / 2)
  const flowing = world.flow(first, half.gate)
  await until('the spool is full', async () =>
    world.log('forwarder').some(({ happening, lane }) => happening === 'spool_full' && lane === 'urgent'),
  )
  const { spooled } = await urgentLane()
  half.open()
  await flowing
  await until('more has been found than was pulled', async () => (await urgentLane()).head > spooled)
  expect((await urgentLane()).spooled).toBe(spooled)
  expect(await siem.alerts()).toEqual([])

  await siem.heal()
  await world.settled()
  expect(await missed(1)).toEqual([])
}, 120_000)

test('a full disk stops the line and says so; with more room everything arrives, counted once', async () => {
  const { network } = world
  const pages = statSync(join(world.folder, 'weir.db')).size / 4096
  network.configure.aggregator((usual) => ({
    ...hasty(usual),
    store: { ...usual.store, pagesMax: pages + PAGES_LEFT },
  }))
  await network.restartAggregator()
  await world.flow(second)
  await until('commits fail', () => raised('commit-failed'))
  const before = (await world.books()).read
  expect(before).toBeLessThan(booksOf(first, second).read)

  network.configure.aggregator(hasty)
  await network.aggregator.stop()
  await network.restartAggregator()
  await world.settled()
  await until('the store is well again', async () => !(await raised('commit-failed')))
  const books = await world.books()
  const expected = booksOf(first, second)
  expect(books).toMatchObject({ read: expected.read, quarantined: expected.quarantined })
  expect(books.normalized + books.duplicates).toBe(expected.normalized + expected.duplicates)
  expect(await missed(2)).toEqual([])
}, 120_000)

async function raised(code: string): Promise<boolean> {
  const client = world.network.client()
  try {
    const health = await client.health()
    const found = health.raised.some((each) => each.code === code)
    if (found) expect(health.status).toBe('degraded')
    return found
  } finally {
    await client.close()
  }
}

test('a restored database begins a new epoch; the SIEM gets nothing twice and misses nothing', async () => {
  const { network } = world
  const file = join(world.folder, 'weir.db')
  await network.aggregator.stop()
  copyFileSync(file, `${file}.backup`)
  await network.restartAggregator()
  await world.flow(third)
  await world.settled()

  await network.aggregator.stop()
  copyFileSync(`${file}.backup`, file)
  await network.restartAggregator()
  await world.settled()
  const forked = await until('the fork is told', async () =>
    (await world.kept()).find(({ rule }) => rule === 'weir.health.feed-forked'),
  )
  expect(forked.fields['msg']).toContain('on-prem')
  expect(world.log('forwarder').some(({ happening }) => happening === 'feed_restarted')).toBe(true)
  expect(await missed(3)).toEqual([])
  expect(await repeats()).toEqual([])
  expect((await world.books()).read).toBe(booksOf(...scenarios).read)
  const verified = await weir(['verify', '--config', network.files.aggregator], network.env)
  expect(verified).toMatchObject({ code: 0 })
}, 120_000)

/** What the SIEM was told of an alert twice in a row: after a restore it hears of one again only where that says another thing. */
async function repeats(): Promise<readonly string[]> {
  const lines = readFileSync(join(world.folder, 'siem.ndjson'), 'utf8').trimEnd().split('\n')
  const last = new Map<string, string>()
  return lines.flatMap((line) => {
    const { message } = parseSyslog((JSON.parse(line) as Kept).text)!
    const id = parseCef(message)!.extension['externalId']!
    const again = last.get(id) === message
    last.set(id, message)
    return again ? [message] : []
  })
}
