import { O365StandIn } from '@weir/emulator'
import { afterEach, beforeEach, expect, onTestFinished } from 'vitest'
import { type Source, TestAggregator } from './aggregator.ts'
import { startApplication } from './application.ts'
import { testFaults } from './faults.ts'

const TENANT = '5f6d0e8a-3f0b-4c6e-9a51-6a3a1f2b7c10'
const TYPE = 'Audit.General'
const MINUTE_MS = 60_000
const PER_CONTENT = 10

let o365: O365StandIn
let weir: TestAggregator | undefined

beforeEach(async () => {
  o365 = await O365StandIn.start(TENANT)
})
afterEach(async () => {
  await weir?.stop()
  weir = undefined
  o365.stop()
})

/** Records in contents that were created half an hour ago; `n` is the id. */
function put(from: number, to: number, minutesAgo = 30): void {
  for (let n = from; n < to; n += PER_CONTENT) {
    const records = Array.from({ length: Math.min(PER_CONTENT, to - n) }, (_, i) => record(n + i))
    o365.put(TYPE, records, o365.server.now() - minutesAgo * MINUTE_MS + n)
  }
}

function record(n: number): string {
  const time = new Date(o365.server.now() - 60 * MINUTE_MS).toISOString().slice(0, 19)
  return `{"CreationTime":"${time}","Id":"id-${n}","Operation":"FileAccessed","RecordType":6,"UserId":"u@example.com"}`
}

/** An aggregator that reads one content type, quickly. */
async function start(
  more: object = {},
  env: Readonly<Record<string, string>> = { ...o365.server.identity },
): Promise<void> {
  const source = {
    type: 'o365',
    name: 'o365',
    auth: { kind: 'entra', credential: 'managed-identity' },
    tenantId: TENANT,
    root: o365.server.url,
    contentTypes: [TYPE],
    pollEvery: '50ms',
    requestsPerSecondMax: 500,
    retryFirst: '50ms',
    retryHopeless: '300ms',
    first: '3h',
    ...more,
  }
  weir = await TestAggregator.start([source], {}, env)
}

function until(what: string, condition: (source: Source) => boolean): Promise<Source> {
  return weir!.until(what, 'o365', condition)
}

/** The books once so many records are read, and several listings later, so that one read twice would show. */
async function booksAfter(records: number): Promise<readonly number[]> {
  await until(`${records} records are read`, ({ read }) => read >= records)
  const seen = o365.server.requests.length
  const source = await until('it has looked again', () => o365.server.requests.length > seen + 6)
  const { read, normalized, duplicates, quarantined } = source
  return [read, normalized, duplicates, quarantined]
}

testFaults('a source of Office 365', {
  'first run': async () => {
    put(0, 100)
    put(100, 110, 5 * 60)
    await start()
    expect(await booksAfter(100)).toEqual([100, 100, 0, 0])
    expect([...o365.subscribed]).toEqual([TYPE])
  },
  restart: async () => {
    put(0, 100)
    await start()
    await booksAfter(100)
    put(100, 150, 20)
    await weir!.killAndRestart()
    expect(await booksAfter(150)).toEqual([150, 150, 0, 0])
  },
  'kill -9': async () => {
    const records = 4_000
    put(0, records)
    await start()
    for (const share of [0.1, 0.4, 0.7]) {
      await until('some is read', ({ read }) => read >= share * records)
      await weir!.killAndRestart()
    }
    expect(await booksAfter(records)).toEqual([records, records, 0, 0])
  },
  'token expired': async () => {
    put(0, 50)
    const application = await startApplication(o365.server.tokens)
    onTestFinished(application.stop)
    await start({ auth: application.auth }, application.env)
    await booksAfter(50)
    o365.server.tokens.withdrawAll()
    put(50, 100, 10)
    expect(await booksAfter(100)).toEqual([100, 100, 0, 0])
    expect(o365.server.tokens.issued).toBe(2)
  },
  throttled: async () => {
    put(0, 200)
    const { faults } = o365.server
    faults.plan({ kind: 'status', status: 429, code: 'AF429', retryAfter: '1' }, 1, /nextPage/)
    faults.plan({ kind: 'status', status: 429, code: 'AF429' }, 3, /\/audit\//)
    faults.plan({ kind: 'status', status: 403, code: 'AF429' }, 1, /\/audit\//)
    await start()
    expect(await booksAfter(200)).toEqual([200, 200, 0, 0])
    expect(faults.waiting).toBe(0)
    expect(weir!.log).toContain('source_throttled')
    expect(weir!.log).not.toContain('source_cut_off')
  },
  'network cut mid-page': async () => {
    put(0, 200)
    o365.server.faults.plan({ kind: 'cut' }, 2, /nextPage/)
    o365.server.faults.plan({ kind: 'cut' }, 3, /\/audit\//)
    await start()
    expect(await booksAfter(200)).toEqual([200, 200, 0, 0])
    expect(o365.server.faults.waiting).toBe(0)
  },
  'truncated body': async () => {
    put(0, 200)
    o365.server.faults.plan({ kind: 'truncate' }, 2, /nextPage/)
    o365.server.faults.plan({ kind: 'truncate' }, 3, /\/audit\//)
    await start()
    expect(await booksAfter(200)).toEqual([200, 200, 0, 0])
    expect(weir!.log).toContain('is cut off or is no JSON')
  },
  'clock skew': async () => {
    // By the service's clock everything happens three days later than by ours.
    o365.server.skewMs = 3 * 24 * 60 * MINUTE_MS
    put(0, 50, 1)
    await start()
    expect(await booksAfter(50)).toEqual([50, 50, 0, 0])
  },
  duplicates: async () => {
    put(0, 50)
    // The provider puts a record into two contents; the line knows it by its id.
    o365.put(TYPE, [record(0), record(50)], o365.server.now() - MINUTE_MS)
    await start()
    expect(await booksAfter(52)).toEqual([52, 51, 1, 0])
  },
  'poison record': async () => {
    put(0, 50)
    o365.put(TYPE, [record(50), '"no record"', record(51)], o365.server.now() - MINUTE_MS)
    await start()
    expect(await booksAfter(53)).toEqual([53, 52, 0, 1])
  },
})
