import { afterAll, beforeAll, expect } from 'vitest'
import { type Source, TestAggregator } from './aggregator.ts'
import { startEventHubs, type TestEventHubs } from './event-hubs.ts'
import { testFaults } from './faults.ts'

let hubs: TestEventHubs
let count = 0

beforeAll(async () => {
  const rows = Array.from({ length: 20 }, (_, n) => `hub${n}:2`)
  hubs = await startEventHubs(rows)
})
afterAll(() => hubs.stop())

/** An aggregator that reads a hub which nobody has used yet. */
async function reading(): Promise<{ hub: string; weir: TestAggregator }> {
  const hub = `hub${count++}`
  const auth = { kind: 'emulator', connectionString: hubs.connectionString }
  const quick = { statusEvery: '50ms', retryFirst: '20ms' }
  const source = { type: 'event-hubs', name: 'hubs', auth, hubs: [hub], ...quick }
  return { hub, weir: await TestAggregator.start([source]) }
}

/** Two records to a message, as a diagnostic setting writes them. */
function bodies(from: number, to: number, at = '2026-01-02T03:04:05Z'): string[] {
  const record = (n: number): string => `{"time":"${at}","n":${n},"pad":"${'p'.repeat(200)}"}`
  const messages = Array.from({ length: (to - from) / 2 }, (_, m) => from + 2 * m)
  return messages.map((n) => `{"records":[${record(n)},${record(n + 1)}]}`)
}

/** Half of the records to each partition. */
async function send(hub: string, from: number, to: number): Promise<void> {
  const middle = from + (to - from) / 2
  await hubs.send(hub, '0', bodies(from, middle))
  await hubs.send(hub, '1', bodies(middle, to))
}

function until(weir: TestAggregator, read: number): Promise<Source> {
  return weir.until(`${read} records are read`, 'hubs', (each) => each.read >= read)
}

function booksOf({ read, normalized, duplicates, quarantined }: Source): object {
  return { read, normalized, duplicates, quarantined }
}

/** Everything once, and nothing else. */
function exactly(records: number): object {
  return { read: records, normalized: records, duplicates: 0, quarantined: 0 }
}

/** Some is read, then comes the fault, then more: and the books are exact. */
async function survives(strike: (hub: string) => Promise<unknown>): Promise<void> {
  const { hub, weir } = await reading()
  await send(hub, 0, 200)
  await until(weir, 200)
  await strike(hub)
  await send(hub, 200, 600)
  const source = await until(weir, 600)
  // Whoever asks for what was read last is told: that the rest came once shows only after it was settled.
  await weir.until('it is caught up', 'hubs', ({ partitions }) =>
    partitions.every((each) => each.state === 'caught-up'),
  )
  const after = (await weir.source('hubs'))!
  await weir.stop()
  expect([booksOf(source), booksOf(after)]).toEqual([exactly(600), exactly(600)])
  expect((await hubs.state()).faults).toEqual([])
}

async function fault(rule: object): Promise<void> {
  await hubs.control('POST', '/faults', rule)
}

/** The books of what one aggregator makes of these bodies. */
async function booksAfter(messages: readonly string[], read: number): Promise<object> {
  const { hub, weir } = await reading()
  await hubs.send(hub, '0', messages)
  const source = await until(weir, read)
  await weir.stop()
  return booksOf(source)
}

testFaults('a source of Event Hubs', {
  'first run': async () => {
    const { hub, weir } = await reading()
    await send(hub, 0, 400)
    const source = await until(weir, 400)
    await weir.stop()
    expect(booksOf(source)).toEqual(exactly(400))
  },
  restart: () =>
    survives(async (hub) => {
      await hubs.control('POST', '/detach', { hub })
      await hubs.restart()
    }),
  'kill -9': async () => {
    const { hub, weir } = await reading()
    const sent = send(hub, 0, 20_000)
    for (const share of [0.1, 0.4, 0.7]) {
      await until(weir, share * 20_000)
      await weir.killAndRestart()
    }
    await sent
    const source = await until(weir, 20_000)
    await weir.stop()
    expect(booksOf(source)).toEqual(exactly(20_000))
  },
  'token expired': () =>
    survives(async (hub) => {
      const condition = 'amqp:unauthorized-access'
      await fault({ point: 'put-token', match: { hub }, action: 'refuse', condition })
      await hubs.control('POST', '/drop-connections', {})
      while ((await hubs.state()).faults.length > 0);
    }),
  throttled: () =>
    survives(async (hub) => {
      const condition = 'com.microsoft:server-busy'
      await fault({ point: 'attach', match: { hub, group: 'weir' }, action: 'refuse', condition, times: 3 })
      await hubs.control('POST', '/detach', { hub, condition })
    }),
  'network cut mid-page': () =>
    survives((hub) => fault({ point: 'deliver', match: { hub }, action: 'drop', after: 20 })),
  'truncated body': async () => {
    const whole = bodies(0, 10)
    const cut = '{"records":[{"time":"2026-01-02T03:04:05Z","n":10},{"time":"2026-01-0'
    expect(await booksAfter([...whole.slice(0, 2), cut, ...whole.slice(2)], 11)).toMatchObject({
      quarantined: 1,
    })
  },
  'clock skew': async () => {
    const { hub, weir } = await reading()
    await hubs.send(hub, '0', [...bodies(0, 2, '2099-01-01T00:00:00Z'), ...bodies(2, 4)])
    const { partitions } = await until(weir, 4)
    await weir.stop()
    const clocks = partitions.flatMap(({ clock }) => clock ?? [])
    expect(Math.max(...clocks.map((clock) => Date.parse(clock)))).toBeLessThan(
      Date.parse('2098-01-01T00:00:00Z'),
    )
  },
  duplicates: async () => {
    await survives((hub) => fault({ point: 'deliver', match: { hub }, action: 'duplicate', times: 50 }))
    const books = await booksAfter([...bodies(0, 10), ...bodies(0, 10)], 20)
    expect(books).toEqual({ read: 20, normalized: 10, duplicates: 10, quarantined: 0 })
  },
  'poison record': async () => {
    const books = await booksAfter([...bodies(0, 4), 'no record at all', ...bodies(4, 10)], 11)
    expect(books).toEqual({ read: 11, normalized: 10, duplicates: 0, quarantined: 1 })
  },
})
