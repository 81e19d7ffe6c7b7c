import { type Iam, startIam } from '@weir/emulator'
import { afterAll, beforeAll, expect } from 'vitest'
import { type Source, TestAggregator } from './aggregator.ts'
import { testFaults } from './faults.ts'
import { HEADER, userRow, userRows } from './iam-report.ts'
import { S3_ENV } from './s3.ts'

const HOUR = 3_600_000
const NAME = 'iam'
const standIns: Iam[] = []
/** By how much the service's clock is ahead. */
let ahead = 0

beforeAll(() => void Object.assign(process.env, S3_ENV))
afterAll(() => Promise.all(standIns.map((iam) => iam.stop())))

/** A service whose reports have these rows, and an aggregator that reads them. */
async function reading(rows: readonly string[], befall: (iam: Iam) => void = () => undefined) {
  const iam = await startIam({ steps: 2, freshMs: 12 * HOUR }, { now: () => Date.now() + ahead })
  standIns.push(iam)
  iam.say([HEADER, ...rows])
  befall(iam)
  const source = {
    type: 'iam-credential-report',
    name: NAME,
    endpoint: iam.url,
    every: '100ms',
    askEvery: '10ms',
  }
  return { iam, weir: await TestAggregator.start([source]) }
}

async function settled(weir: TestAggregator, records: number): Promise<object> {
  const source = await weir.until(
    `${records} records are read and nothing waits`,
    NAME,
    ({ read, partitions }) => read >= records && partitions[0]?.state === 'caught-up',
  )
  return booksOf(source)
}

function booksOf({ read, normalized, duplicates, quarantined }: Source): object {
  return { read, normalized, duplicates, quarantined }
}

const THREE = { read: 3, normalized: 3, duplicates: 0, quarantined: 0 }

async function struck(befall: (iam: Iam) => void, word: string): Promise<void> {
  const { weir } = await reading(userRows(0, 3), befall)
  expect(await settled(weir, 3)).toEqual(THREE)
  expect(weir.log).toContain(word)
  await weir.stop()
}

testFaults('a source of IAM credential reports', {
  'first run': async () => {
    const { weir } = await reading(userRows(0, 3))
    expect(await settled(weir, 3)).toEqual(THREE)
    await weir.stop()
  },
  restart: async () => {
    const { weir } = await reading(userRows(0, 3))
    await settled(weir, 3)
    await weir.killAndRestart()
    expect(await settled(weir, 3)).toEqual(THREE)
    await weir.stop()
  },
  'kill -9': async () => {
    const rows = 20_000
    const { weir } = await reading(userRows(0, rows))
    for (const share of [0.1, 0.5]) {
      await weir.until('some is read', NAME, ({ read }) => read >= share * rows)
      await weir.killAndRestart()
    }
    expect(await settled(weir, rows)).toEqual({ read: rows, normalized: rows, duplicates: 0, quarantined: 0 })
    await weir.stop()
  },
  'token expired': async () => {
    await struck((iam) => iam.strike({ kind: 'expired-token', times: 1 }), 'ExpiredToken')
  },
  throttled: async () => {
    await struck((iam) => iam.strike({ kind: 'throttled', times: 3 }), 'ThrottlingException')
  },
  'network cut mid-page': async () => {
    await struck(
      (iam) => iam.strike({ kind: 'cut', times: 3, action: 'GetCredentialReport' }),
      'source_cut_off',
    )
  },
  'truncated body': async () => {
    await struck(
      (iam) => iam.strike({ kind: 'garbage', times: 1, action: 'GetCredentialReport' }),
      'source_cut_off',
    )
  },
  'clock skew': async () => {
    ahead = 30 * 24 * HOUR
    const { weir } = await reading(userRows(0, 3))
    await settled(weir, 3)
    const source = await weir.until('it is read', NAME, ({ read }) => read === 3)
    ahead = 0
    expect(source.partitions[0]!.state).toBe('caught-up')
    expect(booksOf(source)).toEqual(THREE)
    await weir.stop()
  },
  duplicates: async () => {
    const { iam, weir } = await reading([...userRows(0, 3), userRow('user0')])
    const first = { read: 4, normalized: 3, duplicates: 1, quarantined: 0 }
    expect(await settled(weir, 4)).toEqual(first)
    iam.takeRequests()
    await weir.until('it has asked again', NAME, () => iam.takeRequests().includes('GetCredentialReport'))
    expect(await settled(weir, 4)).toEqual(first)
    await weir.stop()
  },
  'poison record': async () => {
    const { weir } = await reading([userRow('ada'), 'bob,too,short', userRow('cy')])
    expect(await settled(weir, 3)).toEqual({ read: 3, normalized: 2, duplicates: 0, quarantined: 1 })
    await weir.stop()
  },
})
