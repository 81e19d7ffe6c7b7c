import { GraphStandIn } from '@weir/emulator'
import { afterEach, beforeEach, expect, onTestFinished } from 'vitest'
import { type Source, TestAggregator } from './aggregator.ts'
import { startApplication } from './application.ts'
import { testFaults } from './faults.ts'

const PATH = '/v1.0/auditLogs/signIns'
const MINUTE_MS = 60_000

let graph: GraphStandIn
let weir: TestAggregator | undefined

beforeEach(async () => {
  graph = await GraphStandIn.start()
})
afterEach(async () => {
  await weir?.stop()
  weir = undefined
  graph.stop()
})

/** Sign-ins of the last half hour; `n` is the id. */
function put(from: number, to: number, minutesAgo = 30): void {
  for (let n = from; n < to; n++) {
    const at = Date.now() - minutesAgo * MINUTE_MS + n
    graph.put(PATH, signIn(n, at), at, `${n}`)
  }
}

function signIn(n: number, at: number, errorCode = 0): string {
  const time = new Date(at).toISOString()
  return `{"id":"id-${n}","createdDateTime":"${time}","appDisplayName":"App","userPrincipalName":"u${n}@example.com","status":{"errorCode":${errorCode}}}`
}

/** An aggregator that reads sign-ins, quickly. */
async function start(
  more: object = {},
  env: Readonly<Record<string, string>> = { ...graph.server.identity },
): Promise<TestAggregator> {
  const source = {
    type: 'graph',
    name: 'graph',
    auth: { kind: 'entra', credential: 'managed-identity' },
    root: graph.server.url,
    streams: ['signIns'],
    pollEvery: '50ms',
    pageRecords: 20,
    reportsPerSecondMax: 200,
    retryFirst: '50ms',
    retryHopeless: '300ms',
    first: '3h',
    ...more,
  }
  weir = await TestAggregator.start([source], {}, env)
  return weir
}

function until(what: string, condition: (source: Source) => boolean): Promise<Source> {
  return weir!.until(what, 'graph', condition)
}

/** Several more looks at the same records, so that one read twice would show. */
async function lookAgain(): Promise<void> {
  const seen = graph.server.requests.length
  await until('it has looked again', () => graph.server.requests.length > seen + 6)
}

function books({ read, normalized, duplicates, quarantined }: Source): readonly number[] {
  return [read, normalized, duplicates, quarantined]
}

async function booksAfter(records: number): Promise<readonly number[]> {
  await until(`${records} records are read`, ({ read }) => read >= records)
  await lookAgain()
  return books((await weir!.source('graph'))!)
}

testFaults('a source of Graph', {
  'first run': async () => {
    put(0, 100)
    put(100, 110, 5 * 60)
    await start()
    expect(await booksAfter(100)).toEqual([100, 100, 0, 0])
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
    const records = 3_000
    put(0, records)
    await start({ pageRecords: 10 })
    for (const share of [0.1, 0.4, 0.7]) {
      await until('some is read', ({ read }) => read >= share * records)
      await weir!.killAndRestart()
    }
    expect(await booksAfter(records)).toEqual([records, records, 0, 0])
  },
  'token expired': async () => {
    put(0, 50)
    const application = await startApplication(graph.server.tokens)
    onTestFinished(application.stop)
    await start({ auth: application.auth }, application.env)
    await booksAfter(50)
    graph.server.tokens.withdrawAll()
    put(50, 100, 10)
    expect(await booksAfter(100)).toEqual([100, 100, 0, 0])
    expect(graph.server.requests.filter((line) => line.endsWith(' 401'))).toHaveLength(1)
    expect(graph.server.tokens.issued).toBe(2)
  },
  throttled: async () => {
    put(0, 100)
    const { faults } = graph.server
    faults.plan({ kind: 'status', status: 429, code: 'TooManyRequests', retryAfter: '1' }, 1, /skiptoken/)
    faults.plan({ kind: 'status', status: 429, code: 'TooManyRequests' }, 3, /skiptoken/)
    await start()
    expect(await booksAfter(100)).toEqual([100, 100, 0, 0])
    expect(faults.waiting).toBe(0)
    expect(weir!.log).toContain('source_throttled')
    expect(weir!.log).not.toContain('source_cut_off')
  },
  'network cut mid-page': async () => {
    put(0, 100)
    graph.server.faults.plan({ kind: 'cut' }, 3, /skiptoken/)
    await start()
    expect(await booksAfter(100)).toEqual([100, 100, 0, 0])
    expect(graph.server.faults.waiting).toBe(0)
  },
  'truncated body': async () => {
    put(0, 100)
    graph.server.faults.plan({ kind: 'truncate' }, 3, /skiptoken/)
    await start()
    expect(await booksAfter(100)).toEqual([100, 100, 0, 0])
    expect(weir!.log).toContain('is cut off or is no JSON')
  },
  'clock skew': async () => {
    // By the service's clock everything happens three days later than by ours.
    graph.server.skewMs = 3 * 24 * 60 * MINUTE_MS
    for (let n = 0; n < 50; n++) {
      const at = graph.server.now() - MINUTE_MS + n
      graph.put(PATH, signIn(n, at), at, `${n}`)
    }
    await start()
    expect(await booksAfter(50)).toEqual([50, 50, 0, 0])
  },
  duplicates: async () => {
    put(0, 50)
    // The provider lists one record twice, with the same bytes and with others.
    const at = Date.now() - MINUTE_MS
    for (const key of ['twice', 'again']) graph.put(PATH, signIn(50, at), at, key)
    graph.put(PATH, signIn(50, at).replace('{', '{ '), at, 'other bytes')
    await start()
    expect(await booksAfter(52)).toEqual([52, 51, 1, 0])
  },
  'poison record': async () => {
    put(0, 50)
    const at = Date.now() - MINUTE_MS
    graph.put(PATH, '"no record"', at)
    put(50, 60)
    await start()
    expect(await booksAfter(61)).toEqual([61, 60, 0, 1])
  },
})
