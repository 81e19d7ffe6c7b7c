import type { HealthReport, Retired, Store } from '@weir/model'
import { createReport } from '@weir/runtime'
import { expect, test } from 'vitest'
import { keepUp } from '../src/upkeep.ts'
import { ManualClock } from './api-kit.ts'

const LOOK_MS = 30_000
const NOTHING: Retired = {
  alerts: 0,
  quarantine: 0,
  feedEntries: 0,
  feedClosed: 0,
  feedClosedBy: [],
  bound: { alerts: 0, quarantine: 0, bytesOver: 0 },
}

test('alerts that went for the bound of the store are a health alert, until an hour has passed without', async () => {
  const clock = new ManualClock()
  const over = new AbortController()
  const said: HealthReport[] = []
  let retired: Retired = NOTHING
  const store = { retire: async () => retired, forwarders: async () => [] } as Partial<Store> as Store
  const retention = {
    forwarders: [],
    alertDaysMax: 1,
    quarantineDaysMax: 1,
    feedBytesMax: 1,
    feedTombstonesMax: 1,
    storeBytesMax: 1,
    ledgerDaysMax: 1,
  }
  const health = (report: HealthReport): void => {
    if (report.code === 'store-bound') said.push(report)
  }
  const ports = { store, clock, report: createReport('silent'), health }
  const running = keepUp({ retention, forwarderGoneSecondsMax: 60 }, ports, over.signal)
  const look = async (): Promise<string[]> => {
    await clock.sleeping(LOOK_MS)
    clock.advance(LOOK_MS)
    await clock.sleeping(LOOK_MS)
    return said.splice(0).map(({ state, detail }) => `${state}: ${detail}`)
  }

  expect(await look()).toEqual([])
  retired = { ...NOTHING, bound: { alerts: 3, quarantine: 2, alertsUpTo: 0, bytesOver: 0 } }
  await look()
  expect(await look()).toEqual([
    'raised: At 2026-03-01T12:01:30.000Z 6 closed alerts, those up to 1970-01-01T00:00:00.000Z, and 4 quarantined ' +
      'records were removed to keep within storeBytesMax.',
  ])
  retired = NOTHING
  let quiet = 0
  let last: string[] = []
  while (last.length === 0) {
    last = await look()
    quiet += LOOK_MS
  }
  expect([quiet, last]).toEqual([3_600_000, ['cleared: The store is within its bound.']])
  over.abort()
  await running
})
