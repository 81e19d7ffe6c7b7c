import { LANES, type Lane } from '@weir/contract'
import type { HealthReport, Retention } from '@weir/model'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { keepUp } from '../src/upkeep.ts'
import { alertOf, type Kit, openKit, openSession, pull, ship, walk } from './api-kit.ts'

const FIVE_MINUTES_MS = 300_000
const LOOK_MS = 30_000
/** One every five minutes of a day. */
const ALERTS = 288

let kit: Kit
beforeEach(() => {
  kit = openKit()
})
afterEach(() => kit.close())

const RETENTION: Retention = {
  forwarders: ['north'],
  alertDaysMax: 90,
  quarantineDaysMax: 30,
  feedBytesMax: 10e9,
  feedTombstonesMax: 100_000,
  storeBytesMax: 50e9,
  ledgerDaysMax: 400,
}

/** A day without the link, with an alert every five minutes, every seventh of them urgent, and upkeep as it always is. */
async function day(retention: Retention): Promise<readonly HealthReport[]> {
  const { store, clock, context } = kit
  const told: HealthReport[] = []
  const over = new AbortController()
  const ports = { store, clock, report: context.report, health: (each: HealthReport) => void told.push(each) }
  const upkeep = keepUp({ retention, forwarderGoneSecondsMax: 900 }, ports, over.signal)
  for (let n = 0; n < ALERTS; n++) {
    await ship(kit, alertOf(`a${n}`, { severity: n % 7 === 0 ? 'critical' : 'low' }))
    await clock.sleeping(LOOK_MS)
    clock.advance(FIVE_MINUTES_MS)
  }
  await clock.sleeping(LOOK_MS)
  over.abort()
  await upkeep
  return told
}

/** Everything that the forwarder is given when it is back, by lane. */
async function fetched(lane: Lane) {
  const { session, lanes } = await openSession(kit)
  const alerts: string[] = []
  const skips: string[] = []
  let at = lanes[lane]
  for (;;) {
    const reply = await pull(kit, session, `${lane}?after=${at.seq}`)
    if (reply.statusCode === 204) return { alerts, skips }
    const page = walk(lane, at, reply.body)
    alerts.push(...page.alerts)
    skips.push(...page.skips)
    at = page
  }
}

describe('a link that is down for 24 hours', () => {
  test('costs disk and no alert, and the forwarder that is gone is told of', async () => {
    const told = await day(RETENTION)
    const found = await Promise.all(LANES.map((lane) => fetched(lane)))
    const all = Array.from({ length: ALERTS }, (_, n) => n)
    expect(found[0]).toEqual({ alerts: all.filter((n) => n % 7 === 0).map((n) => `a${n}.1`), skips: [] })
    expect(found[1]).toEqual({ alerts: all.filter((n) => n % 7 !== 0).map((n) => `a${n}.1`), skips: [] })
    const raised = told.filter(({ state }) => state === 'raised').map(({ code }) => code)
    expect(new Set(raised)).toEqual(new Set(['forwarder-gone']))
  })

  test('beyond the bound of the feed closes the oldest, says which and how many, and the alerts stay to be asked for', async () => {
    const told = await day({ ...RETENTION, feedBytesMax: 80_000 })
    const bulk = await fetched('bulk')
    const urgent = await fetched('urgent')
    expect(urgent.alerts.length + bulk.alerts.length).toBeLessThan(ALERTS)
    expect([urgent.alerts.at(-1), bulk.alerts.at(-1)]).toEqual([`a${ALERTS - 1}.1`, `a${ALERTS - 2}.1`])
    expect([...urgent.skips, ...bulk.skips].every((skip) => skip.endsWith('closed'))).toBe(true)
    const bound = told.filter(({ code, state }) => code === 'feed-bound' && state === 'raised').at(-1)
    expect(bound?.detail).toMatch(/entra\.spray/)
    expect((await kit.store.alert('a1'))?.weir.alert.id).toBe('a1')
  })
})
