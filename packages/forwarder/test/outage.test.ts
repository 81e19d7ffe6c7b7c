import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { alertV1 } from '@weir/contract'
import { createReport, systemClock } from '@weir/runtime'
import { afterEach, expect, test, vi } from 'vitest'
import { startForwarder } from '../src/index.ts'
import { linkDown, linkUp } from '../src/link/link-alert.ts'
import { read, setting, start } from './bench.ts'
import { FeedStandIn } from './support/aggregator.ts'
import { makeAlert } from './support/alert.ts'
import { SyslogReceiver } from './support/receiver.ts'

const opened: (() => Promise<unknown> | unknown)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

/** Quick enough to be seen; a poll that finds nothing is answered after a second. */
const LIMITS = { pollSeconds: 1, linkDownMs: 2500, linkLookMs: 20 }

async function network() {
  const feed = new FeedStandIn()
  const url = await feed.listen()
  const siem = new SyslogReceiver('octet')
  const port = await siem.listen()
  opened.push(() => siem.close())
  const output = { type: 'syslog', name: 'siem', host: '127.0.0.1', port, transport: 'tcp' }
  return { feed, siem, port: Number(new URL(url).port), of: setting({ url }, [output]) }
}

test('an aggregator from which nothing comes is one alert in the SIEM, closed when it is back, over restarts', async () => {
  const { feed, siem, port, of } = await network()
  const first = await start(of, LIMITS)
  feed.ship('bulk', makeAlert({ id: 'before' }))
  await siem.watched.until(() => siem.messages.length === 1)
  await feed.close()
  await siem.watched.until(() => siem.messages.length === 2)
  const [, down] = siem.cef()
  expect(down).toMatchObject({ name: 'Aggregator cannot be reached', severity: '10' })
  expect(down!.extension['msg']).toMatch(
    /^Aggregator cannot be reached: cloud\. Nothing came for \d+ s: .*unreachable|refused/i,
  )
  await first.forwarder.stop()

  const second = await start(of, LIMITS)
  opened.push(() => second.forwarder.stop())
  const back = new FeedStandIn()
  await back.listen(port)
  opened.push(() => back.close())
  back.ship('bulk', makeAlert({ id: 'after' }))
  await siem.watched.until(() => siem.messages.length === 4)
  const id = down!.extension['externalId']
  expect(siem.revisions()).toEqual(['before 1', `${id} 1`, ...siem.revisions().slice(2)])
  expect(siem.revisions().slice(2).sort()).toEqual(['after 1', `${id} 2`].sort())
  // What we say ourselves moves none of the aggregator's marks.
  await back.watched.until(() => back.delivered('siem', 'bulk') === 1)
  expect(back.delivered('siem', 'urgent')).toBe(0)
}, 30_000)

test('a lane that is broken is told to the aggregator until it is whole, and is an outage as well', async () => {
  const { feed, siem, of } = await network()
  opened.push(() => feed.close())
  const running = await start(of, LIMITS)
  opened.push(() => running.forwarder.stop())
  feed.ship('urgent', makeAlert({ id: 'good' }))
  await siem.watched.until(() => siem.messages.length === 1)
  feed.faults.push(...Array.from({ length: 400 }, () => 'spoil' as const))
  feed.ship('urgent', makeAlert({ id: 'spoiled' }))
  await vi.waitFor(
    () => expect(feed.sessions.at(-1)?.broken).toMatchObject({ lane: 'urgent', seq: 1 }),
    10_000,
  )
  await siem.watched.until(() => siem.messages.length === 2)
  expect(siem.cef()[1]!.extension['msg']).toContain('lane urgent does not continue after 1')
  feed.faults.length = 0
  await siem.watched.until(() => siem.revisions().includes('spoiled 1') && siem.messages.length === 4)
  await vi.waitFor(() => expect(feed.marks.at(-1)).not.toHaveProperty('broken'), 10_000)
}, 30_000)

test('a disk that is nearly full is told to the aggregator, until a tenth more than the least is free', async () => {
  const { feed, of } = await network()
  opened.push(() => feed.close())
  const disk = { free: 1e9 }
  const clock = {
    now: () => systemClock.now(),
    sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(Math.min(ms, 20), signal),
  }
  const tools = { clock, report: createReport('silent'), random: () => 0, freeBytes: async () => disk.free }
  const forwarder = await startForwarder(read(of), tools)
  opened.push(() => forwarder.stop())
  const told = (what: unknown) => vi.waitFor(() => expect(feed.marks.at(-1)?.disk).toEqual(what), 10_000)
  await told({ freeBytes: 1e9, freeBytesMin: 2e9 })
  disk.free = 2.1e9
  feed.ship('bulk', makeAlert({ id: 'a' }))
  await told({ freeBytes: 1e9, freeBytesMin: 2e9 })
  disk.free = 2.3e9
  await told(undefined)
}, 30_000)

test('what it says is an alert as the contract has it', () => {
  const down = linkDown('cloud', 0, '', 60_000)
  for (const alert of [down, linkUp(down, 90_000)]) expect(alertV1.parse(alert)).toEqual(alert)
  expect(down.message).toBe('Aggregator cannot be reached: cloud. Nothing came for 60 s: no answer')
})

test('what it says is what the catalogue says', () => {
  const catalogue = readFileSync(join(import.meta.dirname, '../../../docs/health.md'), 'utf8')
  const { rule, weir } = linkDown('cloud', 0, '', 60_000)
  const row = catalogue.split('\n').find((line) => line.startsWith('| `link-down` |'))!
  expect(rule.id).toBe('weir.health.link-down')
  expect(row).toContain(`| ${weir.alert.severity} | **${rule.name}.**`)
  expect(row).toContain(`| ${weir.remedy} |`)
})
