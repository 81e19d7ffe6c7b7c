import { EVENT_HUBS_BOUNDS, type EventHubsConfig, eventHubsSource } from '@weir/ingest'
import { createReport, systemClock } from '@weir/runtime'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { startEventHubs, type TestEventHubs } from './event-hubs.ts'
import { Recorder } from './recorder.ts'

const BOUNDS = {
  ...EVENT_HUBS_BOUNDS,
  statusMs: 50,
  questionsPerSecondMax: 200,
  discoverMs: 50,
  retryMsFirst: 20,
  hopelessRetryMs: 100,
}

let hubs: TestEventHubs
let running: Recorder[] = []
let told: Record<string, unknown>[] = []

beforeAll(async () => {
  hubs = await startEventHubs(['logs:2', 'one:1'])
})
afterAll(() => hubs.stop())
beforeEach(async () => {
  await hubs.restartEmpty()
  told = []
})
afterEach(async () => {
  for (const recorder of running) await recorder.stop()
  running = []
})

function read(change: Partial<EventHubsConfig>, cursors?: ReadonlyMap<string, string>): Recorder {
  const auth = { kind: 'emulator', connectionString: hubs.connectionString } as const
  const where = { hubs: ['one'], consumerGroup: 'weir', transport: 'amqp', start: 'earliest' } as const
  const report = createReport('warn', { write: (line) => void told.push(JSON.parse(line)) })
  const deps = { clock: systemClock, report, random: Math.random }
  const config = { ...BOUNDS, name: 'hubs', auth, ...where, ...change }
  const recorder = new Recorder(cursors).start(eventHubsSource(config, deps))
  running.push(recorder)
  return recorder
}

function bodies(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, n) => `{"n":${from + n}}`)
}

/** What was read of a partition, as numbers of its bodies. */
function numbers(recorder: Recorder, partition: string): number[] {
  return recorder.batches
    .filter((batch) => batch.partition === partition)
    .flatMap(({ messages }) => messages)
    .map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString()).n)
}

/** Reads what there is, and leaves. */
async function readOnce(change: Partial<EventHubsConfig>, messages: number): Promise<Recorder> {
  const recorder = read(change)
  await recorder.until((each) => each.messages.length >= messages)
  await recorder.next('caught-up')
  await recorder.stop()
  return recorder
}

function gapsAndNotices(recorder: Recorder): unknown[] {
  return recorder.batches.flatMap(({ gap, notice }) => [gap ?? [], notice?.code ?? []].flat())
}

test.each(['earliest', 'latest', '2100-01-01T00:00:00Z'])(
  'a partition that comes up while we run is read from its first message, whatever the start: %s',
  async (start) => {
    const recorder = read({ hubs: ['logs'], start })
    await recorder.next('caught-up', 'logs/1')
    await hubs.control('POST', '/grow', { hub: 'logs', partitions: 3 })
    await hubs.send('logs', '2', bodies(0, 50))
    await recorder.until(() => numbers(recorder, 'logs/2').length === 50)
    expect(numbers(recorder, 'logs/2')).toEqual([...bodies(0, 50).keys()])
    expect(recorder.partitions.at(-1)?.partitions).toEqual(['logs/0', 'logs/1', 'logs/2'])
  },
)

test.each(['latest', '2100-01-01T00:00:00Z'])(
  'a partition that came up while we were away is read from its first message, an old one is not: %s',
  async (start) => {
    await hubs.send('logs', '0', bodies(0, 5))
    const first = read({ hubs: ['logs'], start })
    await Promise.all(['logs/0', 'logs/1'].map((each) => first.next('caught-up', each)))
    await first.stop()
    await hubs.control('POST', '/grow', { hub: 'logs', partitions: 4 })
    await hubs.send('logs', '3', bodies(0, 20))
    const second = read({ hubs: ['logs'], start }, first.cursors)
    await second.until(() => numbers(second, 'logs/3').length === 20)
    await second.next('caught-up', 'logs/0')
    expect(second.messages).toHaveLength(20)
  },
)

test('a store that knows of no start takes a partition without a cursor for a new one', async () => {
  await hubs.send('logs', '0', bodies(0, 5))
  await hubs.send('logs', '1', bodies(0, 5))
  const first = await readOnce({ hubs: ['logs'] }, 10)
  first.cursors.delete('logs/1')
  const second = read({ hubs: ['logs'], start: 'latest' }, first.cursors)
  await second.until(() => numbers(second, 'logs/1').length === 5)
  expect(second.messages).toHaveLength(5)
})

test('start latest of a partition without messages is kept too: what comes before the first restart is read', async () => {
  const first = await readOnce({ start: 'latest' }, 0)
  await hubs.send('one', '0', bodies(0, 3))
  const second = read({ start: 'latest' }, first.cursors)
  await second.until(({ messages }) => messages.length === 3)
  expect(numbers(second, 'one/0')).toEqual([0, 1, 2])
  expect(gapsAndNotices(second)).toEqual([])
})

test('retention that has passed our position is told at once, with what is gone, and what is left is read', async () => {
  await hubs.send('one', '0', bodies(0, 10))
  const first = await readOnce({}, 10)
  await hubs.send('one', '0', bodies(10, 30))
  await hubs.control('POST', '/retain', { hub: 'one', partition: '0', from: 25 })
  const second = read({}, first.cursors)
  await second.until(({ messages }) => messages.length === 5)
  expect(numbers(second, 'one/0')).toEqual([25, 26, 27, 28, 29])
  expect(gapsAndNotices(second)).toEqual([{ after: '9', next: '25' }])
  expect(told).toContainEqual(
    expect.objectContaining({ happening: 'sequence_gap', partition: 'one/0', from: 10, to: 24, records: 15 }),
  )
})

test('an emptied hub is told without a message to tell it by, once, and read on', async () => {
  await hubs.send('one', '0', bodies(0, 10))
  const first = await readOnce({}, 10)
  await hubs.send('one', '0', bodies(10, 30))
  await hubs.control('POST', '/empty', { hub: 'one' })
  const second = read({}, first.cursors)
  await second.next('caught-up', 'one/0')
  await second.stop()
  expect(gapsAndNotices(second)).toEqual([{ after: '9', next: '30' }])
  await hubs.send('one', '0', bodies(30, 31))
  const third = read({}, second.cursors)
  await third.until(({ messages }) => messages.length === 1)
  expect(gapsAndNotices(third)).toEqual([])
})

test('a hub emptied before we had missed anything is no gap', async () => {
  await hubs.send('one', '0', bodies(0, 10))
  const first = await readOnce({}, 10)
  await hubs.control('POST', '/empty', { hub: 'one' })
  const second = read({}, first.cursors)
  await second.next('caught-up', 'one/0')
  expect(gapsAndNotices(second)).toEqual([])
})

test.each([0, 4])(
  'a stored position ahead of the hub, which has %i, is told and everything there is read',
  async (count) => {
    if (count > 0) await hubs.send('one', '0', bodies(0, count))
    const cursors = new Map([
      ['one/0', JSON.stringify({ sequenceNumber: 99, offset: '9999', enqueuedTime: Date.now() })],
    ])
    const first = read({}, cursors)
    await first.next('caught-up', 'one/0')
    await first.stop()
    expect(numbers(first, 'one/0')).toEqual([...bodies(0, count).keys()])
    expect(gapsAndNotices(first)).toEqual(['position-reset'])
    expect(told).toContainEqual(expect.objectContaining({ happening: 'position_reset', partition: 'one/0' }))
    const second = read({}, first.cursors)
    await second.next('caught-up', 'one/0')
    expect([second.messages, gapsAndNotices(second)]).toEqual([[], []])
  },
)

test('a hub made anew that has grown past our position is known by its age', async () => {
  await hubs.send('one', '0', bodies(0, 10))
  const lastWeek = Date.now() - 7 * 86_400_000
  const cursor = { sequenceNumber: 3, offset: '120', enqueuedTime: lastWeek }
  const recorder = read({}, new Map([['one/0', JSON.stringify(cursor)]]))
  await recorder.until(({ messages }) => messages.length === 10)
  const notice = recorder.batches.flatMap((batch) => batch.notice ?? [])[0]
  expect(notice?.detail).toContain(new Date(lastWeek).toISOString())
})

test('a receiver to which nothing comes although messages wait is given up for a new one', async () => {
  const recorder = read({ stallMsMax: 200 })
  await recorder.next('caught-up', 'one/0')
  await hubs.control('POST', '/faults', { point: 'deliver', action: 'never-reply' })
  await hubs.send('one', '0', bodies(0, 5))
  const cut = await recorder.next('cut-off', 'one/0')
  expect(cut.reason).toBe('nothing came for 200 ms although messages wait')
  await recorder.until(({ messages }) => messages.length === 5)
})

test('a receiver that waits for room is left alone, however long', async () => {
  const recorder = read({ stallMsMax: 300, bytesInFlightMax: 2_000_000, messageBytesMax: 1_000_000 })
  recorder.hold()
  await hubs.send('one', '0', Array<Buffer>(10).fill(Buffer.alloc(900_000, ' ')))
  for (let n = 0; n < 20; n++) await recorder.next('lagging', 'one/0')
  expect(recorder.states.filter(({ state }) => state === 'cut-off')).toEqual([])
})
