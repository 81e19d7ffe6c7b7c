import { afterEach, describe, expect, test, vi } from 'vitest'
import { doctor, type Forwarder } from '../src/index.ts'
import { read, setting, start } from './bench.ts'
import { ELASTIC_PLACE, ELASTIC_STREAM_PLACE } from './places/elastic.ts'
import { FILE_PLACE } from './places/file.ts'
import { HEC_ACK_PLACE, HEC_PLACE } from './places/hec.ts'
import { KAFKA_PLACE } from './places/kafka.ts'
import { LOGS_INGESTION_PLACE } from './places/logs-ingestion.ts'
import type { OutputPlace, OutputPlaceType } from './places/place.ts'
import { SYSLOG_PLACE, SYSLOG_TLS_PLACE, SYSLOG_UDP_PLACE } from './places/syslog.ts'
import { WEBHOOK_PLACE } from './places/webhook.ts'
import { FeedStandIn } from './support/aggregator.ts'
import { makeAlert } from './support/alert.ts'

/** What every output must do, whatever it speaks. */
const PLACES: readonly OutputPlaceType[] = [
  ELASTIC_PLACE,
  ELASTIC_STREAM_PLACE,
  FILE_PLACE,
  HEC_ACK_PLACE,
  HEC_PLACE,
  KAFKA_PLACE,
  LOGS_INGESTION_PLACE,
  SYSLOG_PLACE,
  SYSLOG_TLS_PLACE,
  SYSLOG_UDP_PLACE,
  WEBHOOK_PLACE,
]

const opened: (() => Promise<unknown> | unknown)[] = []

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

describe.each(PLACES)('$name', (type) => {
  test('every alert arrives, and counts as delivered only then', async () => {
    const { place, feed, delivered } = await line(type)
    for (const id of IDS) feed.ship('bulk', makeAlert({ id, message: AWKWARD }))
    feed.ship('urgent', makeAlert({ id: 'first' }))
    await delivered('urgent', 1)
    await delivered('bulk', IDS.length)
    expect(new Set(place.received())).toEqual(new Set([...IDS, 'first'].map((id) => `${id} 1`)))
  })

  test('a receiver that is away holds everything back, and gets it when it is there again', async () => {
    const { place, feed, forwarder, delivered } = await line(type)
    await place.down()
    for (const id of IDS) feed.ship('bulk', makeAlert({ id }))
    await failing(forwarder)
    expect(place.received()).toEqual([])
    expect(feed.delivered('out', 'bulk') ?? 0).toBe(0)
    await place.up()
    await delivered('bulk', IDS.length)
    expect(new Set(place.received())).toEqual(new Set(IDS.map((id) => `${id} 1`)))
  })

  test('what was acknowledged is not sent again by the next process', async () => {
    const { place, feed, of, forwarder, delivered } = await line(type)
    feed.ship('urgent', makeAlert({ id: 'a' }))
    await delivered('urgent', 1)
    await forwarder.stop()
    const { forwarder: next } = await start(of)
    opened.push(() => next.stop())
    feed.ship('urgent', makeAlert({ id: 'a', revision: 2 }))
    await delivered('urgent', 2)
    expect(place.received()).toEqual(['a 1', 'a 2'])
  })

  test('the doctor reaches it, and says so when it cannot be reached or is not ready', async () => {
    const { place, of } = await line(type)
    const check = async () => (await doctor(read(of))).find(({ name }) => name === 'output out')
    expect(await check()).toMatchObject({ ok: true })
    await place.down()
    expect(await check()).toMatchObject({ ok: false })
  })

  const refuses = type.can.includes('refuse one') ? test : undefined
  refuses?.(
    'an alert that is refused by itself is set aside with a reason, and every other arrives',
    async () => {
      const { place, feed, forwarder, delivered } = await line(type)
      place.refuse!('a-7')
      for (const id of IDS) feed.ship('bulk', makeAlert({ id }))
      await delivered('bulk', IDS.length)
      const others = IDS.filter((id) => id !== 'a-7')
      expect(new Set(place.received())).toEqual(new Set(others.map((id) => `${id} 1`)))
      expect(forwarder.status().spool.outputs[0]?.quarantined).toBe(1)
    },
  )

  const refusesUs = type.can.includes('refuse us') ? test : undefined
  refusesUs?.(
    'a refusal of ourselves sets nothing aside, and everything arrives once it is mended',
    async () => {
      const { place, feed, forwarder, delivered } = await line(type)
      place.refuseSetup!(true)
      for (const id of IDS) feed.ship('bulk', makeAlert({ id }))
      await failing(forwarder)
      place.refuseSetup!(false)
      await delivered('bulk', IDS.length)
      expect(new Set(place.received())).toEqual(new Set(IDS.map((id) => `${id} 1`)))
      expect(forwarder.status().spool.outputs[0]?.quarantined).toBe(0)
    },
  )
})

const IDS = Array.from({ length: 30 }, (_, i) => `a-${i}`)
const AWKWARD = 'one\ntwo|three=four\\five 🐟 "six" ]'

async function failing(forwarder: Forwarder): Promise<void> {
  await vi.waitFor(() => expect(forwarder.status().outputs[0]!.reason).not.toBe(''), { timeout: 4000 })
}

/** A forwarder between a feed and one output to the place. */
async function line(type: OutputPlaceType) {
  const place: OutputPlace = await type.open()
  opened.push(() => place.close())
  const feed = new FeedStandIn()
  const url = await feed.listen()
  opened.push(() => feed.close())
  const of = setting({ url }, [{ name: 'out', ...place.config }])
  const { forwarder } = await start(of)
  opened.push(() => forwarder.stop())
  const delivered = (lane: 'urgent' | 'bulk', seq: number) =>
    feed.watched.until(() => feed.delivered('out', lane) === seq)
  return { place, feed, of, forwarder, delivered }
}
