import { EVENT_HUBS_BOUNDS, type EventHubsBounds, type EventHubsConfig, eventHubsSource } from '@weir/ingest'
import { createReport, systemClock } from '@weir/runtime'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { startEventHubs, type TestEventHubs } from './event-hubs.ts'
import { Recorder } from './recorder.ts'

const BOUNDS: EventHubsBounds = {
  ...EVENT_HUBS_BOUNDS,
  statusMs: 50,
  questionsPerSecondMax: 200,
  retryMsFirst: 20,
  hopelessRetryMs: 100,
}

let hubs: TestEventHubs
let running: Recorder[] = []

beforeAll(async () => {
  hubs = await startEventHubs(['logs:3', 'more:1', 'busy:1'])
})
afterAll(() => hubs.stop())
beforeEach(async () => {
  await hubs.restartEmpty()
})
afterEach(async () => {
  for (const recorder of running) await recorder.stop()
  running = []
})

function configured(change: Partial<EventHubsConfig> = {}): EventHubsConfig {
  const auth = { kind: 'emulator', connectionString: hubs.connectionString } as const
  const start = { hubs: ['logs'], consumerGroup: '$Default', transport: 'amqp', start: 'earliest' } as const
  return { ...BOUNDS, name: 'hubs', auth, ...start, ...change }
}

function read(change: Partial<EventHubsConfig> = {}, cursors?: ReadonlyMap<string, string>): Recorder {
  const deps = { clock: systemClock, report: createReport('silent'), random: Math.random }
  const recorder = new Recorder(cursors).start(eventHubsSource(configured(change), deps))
  running.push(recorder)
  return recorder
}

/** `{"n":0}` and so on, a hundred to each of three partitions. */
async function sendHundreds(from = 0): Promise<void> {
  for (const partition of ['0', '1', '2']) await hubs.send('logs', partition, numbered(from, 100))
}

function numbered(from: number, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `{"n":${from + n}}`)
}

/** Sequence numbers delivered, by partition. */
function delivered(recorder: Recorder): Record<string, string[]> {
  const by: Record<string, string[]> = {}
  for (const { partition, messages } of recorder.batches)
    by[partition] = [...(by[partition] ?? []), ...messages.map(({ at }) => at)]
  return by
}

function sequence(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, n) => String(from + n))
}

const THREE = (from: number, to: number): Record<string, string[]> => ({
  'logs/0': sequence(from, to),
  'logs/1': sequence(from, to),
  'logs/2': sequence(from, to),
})

test('every partition of every hub is announced, read in order, and told to be caught up after its last message', async () => {
  await sendHundreds()
  await hubs.send('more', '0', ['{"m":1}'])
  const recorder = read({ hubs: ['logs', 'more'] })
  for (const partition of ['logs/0', 'logs/1', 'logs/2', 'more/0'])
    await recorder.next('caught-up', partition)
  expect(recorder.partitions[0]?.partitions).toEqual(['logs/0', 'logs/1', 'logs/2', 'more/0'])
  expect(delivered(recorder)).toEqual({ ...THREE(0, 100), 'more/0': ['0'] })
  const first = recorder.batches.find(({ partition }) => partition === 'more/0')?.messages[0]
  expect(Buffer.from(first!.bytes).toString()).toBe('{"m":1}')
  expect(Math.abs(first!.arrival - Date.now())).toBeLessThan(60_000)
})

test('a partition without messages is caught up, again and again', async () => {
  const recorder = read()
  const one = await recorder.next('caught-up', 'logs/1')
  const two = await recorder.next('caught-up', 'logs/1')
  expect(two.now).toBeGreaterThan(one.now)
})

test('after a restart reading goes on behind the committed cursors', async () => {
  await sendHundreds()
  const first = read()
  await first.until(({ messages }) => messages.length === 300)
  await first.stop()
  await sendHundreds()
  const second = read({}, first.cursors)
  await second.until(({ messages }) => messages.length === 300)
  expect(delivered(second)).toEqual(THREE(100, 200))
  expect(second.batches.some(({ gap }) => gap !== undefined)).toBe(false)
})

test('what was delivered but not committed is delivered again after a restart', async () => {
  await hubs.send('more', '0', numbered(0, 10))
  const first = read({ hubs: ['more'] })
  first.hold()
  await first.until(({ messages }) => messages.length === 10)
  await first.stop()
  const second = read({ hubs: ['more'] }, first.cursors)
  await second.until(({ messages }) => messages.length === 10)
  expect(delivered(second)).toEqual({ 'more/0': sequence(0, 10) })
})

const FAULTS: readonly (readonly [string, () => Promise<unknown>])[] = [
  ['connections drop', () => hubs.control('POST', '/drop-connections', {})],
  ['receivers are detached', () => hubs.control('POST', '/detach', { hub: 'logs' })],
  [
    'the server is busy',
    () => hubs.control('POST', '/detach', { hub: 'logs', condition: 'com.microsoft:server-busy' }),
  ],
  ['attaching is refused twice', () => refuse('attach', 'com.microsoft:server-busy', 2)],
  ['tokens are refused twice', () => refuse('put-token', 'com.microsoft:server-busy', 2)],
  ['connecting is refused twice', () => refuse('connection', 'amqp:connection:forced', 2)],
  ['a delivery stalls', () => fault({ point: 'deliver', action: 'stall', ms: 300 })],
  ['messages are delivered twice', () => fault({ point: 'deliver', action: 'duplicate', times: 50 })],
  ['the link breaks within a batch', () => fault({ point: 'deliver', action: 'drop', after: 40 })],
]

async function refuse(point: string, condition: string, times: number): Promise<void> {
  await fault({ point, action: 'refuse', condition, times })
  await hubs.control('POST', '/drop-connections', {})
}

function fault(rule: object): Promise<unknown> {
  return hubs.control('POST', '/faults', rule)
}

test.each(FAULTS)('every message comes exactly once when %s', async (_, strike) => {
  await sendHundreds()
  const recorder = read()
  await recorder.until(({ messages }) => messages.length === 300)
  await strike()
  await sendHundreds(100)
  await recorder.until(({ messages }) => messages.length >= 600)
  await recorder.next('caught-up', 'logs/2')
  expect(delivered(recorder)).toEqual(THREE(0, 200))
  expect(recorder.batches.some(({ gap }) => gap !== undefined)).toBe(false)
})

test('every message comes exactly once when the service is killed and comes back', async () => {
  await sendHundreds()
  const recorder = read()
  await recorder.until(({ messages }) => messages.length === 300)
  const cut = recorder.next('cut-off', 'logs/0')
  await hubs.kill()
  await cut
  await hubs.restart()
  await sendHundreds(100)
  await recorder.until(({ messages }) => messages.length >= 600)
  expect(delivered(recorder)).toEqual(THREE(0, 200))
})

test('a service that no longer answers is given up after the time allowed, and read on when it is back', async () => {
  const recorder = read({ hubs: ['more'], answerMsMax: 300 })
  await recorder.next('caught-up', 'more/0')
  const cut = recorder.next('cut-off', 'more/0')
  await fault({ point: 'management', action: 'never-reply', times: 1 })
  expect((await cut).reason).toContain('took longer than 300 ms')
  await hubs.send('more', '0', ['{"n":1}'])
  await recorder.until(({ messages }) => messages.length === 1)
})

test('a connection that ends while a partition asks how it stands is not waited for', async () => {
  const recorder = read({ statusMs: 3_600_000, answerMsMax: 3_600_000 })
  await sendHundreds()
  await recorder.until(({ messages }) => messages.length === 300)
  await fault({ point: 'management', match: { partition: '0' }, action: 'stall', ms: 300 })
  await hubs.control('POST', '/detach', { hub: 'logs', partition: '0' })
  while ((await hubs.state()).faults.length > 0);
  // Ends the connection of the messages alone.
  await fault({ point: 'deliver', action: 'drop' })
  await hubs.send('logs', '1', numbered(100, 1))
  await hubs.send('logs', '0', numbered(100, 1))
  await recorder.until(({ messages }) => messages.length === 302)
})

test('a jump in sequence numbers is told with the first batch behind it', async () => {
  await hubs.send('more', '0', numbered(0, 10))
  const first = read({ hubs: ['more'] })
  await first.until(({ messages }) => messages.length === 10)
  await first.stop()
  await hubs.send('more', '0', numbered(10, 20))
  await hubs.control('POST', '/retain', { hub: 'more', partition: '0', from: 25 })
  const second = read({ hubs: ['more'] }, first.cursors)
  await second.until(({ messages }) => messages.length === 5)
  expect(second.batches[0]?.gap).toEqual({ after: '9', next: '25' })
})

test('the first message of a partition never seen is no gap, whatever its number', async () => {
  await hubs.send('more', '0', numbered(0, 10))
  await hubs.control('POST', '/retain', { hub: 'more', partition: '0', from: 5 })
  const recorder = read({ hubs: ['more'] })
  await recorder.until(({ messages }) => messages.length === 5)
  expect(recorder.batches[0]?.gap).toBeUndefined()
})

test('a hub made anew under its name is read from its beginning, and told', async () => {
  await hubs.send('more', '0', numbered(0, 10))
  const recorder = read({ hubs: ['more'] })
  await recorder.until(({ messages }) => messages.length === 10)
  await hubs.restartEmpty()
  await hubs.send('more', '0', ['{"new":1}'])
  await recorder.until(({ messages }) => messages.length === 11)
  const told = recorder.batches.flatMap(({ notice }) => notice ?? [])
  expect(told.map(({ code }) => code)).toEqual(['position-reset'])
  expect(told[0]?.detail).toMatch(
    /sequence number 9, but (nothing was ever sent here|the last one here is 0)/,
  )
})

test('start latest passes over what is there, and is kept: what comes while we are away is read', async () => {
  await hubs.send('more', '0', numbered(0, 10))
  const first = read({ hubs: ['more'], start: 'latest' })
  await first.next('caught-up', 'more/0')
  await first.stop()
  await hubs.send('more', '0', ['{"n":10}'])
  const second = read({ hubs: ['more'], start: 'latest' }, first.cursors)
  await second.until(({ messages }) => messages.length === 1)
  expect([first.text, second.text]).toEqual(['', '{"n":10}'])
})

test('start at a time passes over what arrived before it', async () => {
  await hubs.send('more', '0', ['{"n":1}'])
  const start = new Date(Date.now() + 5).toISOString()
  while (Date.now() <= Date.parse(start));
  await hubs.send('more', '0', ['{"n":2}'])
  const recorder = read({ hubs: ['more'], start })
  await recorder.next('caught-up', 'more/0')
  expect(recorder.text).toBe('{"n":2}')
})

test('a partition that has more than is committed says that it lags, and by how much', async () => {
  const recorder = read({ hubs: ['busy'], bytesInFlightMax: 2_000_000, messageBytesMax: 1_000_000 })
  recorder.hold()
  await recorder.next('caught-up', 'busy/0')
  await hubs.send('busy', '0', Array<Buffer>(10).fill(Buffer.alloc(900_000, 'x')))
  const lagging = await recorder.next('lagging', 'busy/0')
  expect(lagging.behind).toBeGreaterThanOrEqual(8)
  expect(recorder.messages.length).toBeLessThanOrEqual(2)
  recorder.release()
  await recorder.until(({ messages }) => messages.length === 10)
  await recorder.next('caught-up', 'busy/0')
})

test('a hub that is not there is cut off with the remedy and waited for; the others are read', async () => {
  await hubs.send('more', '0', ['{"n":1}'])
  const recorder = read({ hubs: ['nowhere', 'more'] })
  const cut = await recorder.next('cut-off', 'nowhere')
  await recorder.until(({ messages }) => messages.length === 1)
  expect(cut.reason).toMatch(/^amqp:not-found: .*look at their names/)
  expect(recorder.partitions[0]?.partitions).toEqual(['nowhere', 'more/0'])
})

test('an identity without the role is cut off with the name of the role, and tried again', async () => {
  await fault({ point: 'put-token', action: 'refuse', condition: 'amqp:unauthorized-access', times: 1 })
  const recorder = read({ hubs: ['more'] })
  const cut = await recorder.next('cut-off', 'more')
  expect(cut.reason).toContain('Azure Event Hubs Data Receiver')
  await recorder.next('caught-up', 'more/0')
  expect(recorder.partitions.map(({ partitions }) => partitions)).toEqual([['more'], ['more/0']])
})

test('a reader with an epoch that takes over our consumer group is named as the reason', async () => {
  const recorder = read({ hubs: ['more'] })
  await recorder.next('caught-up', 'more/0')
  const cut = recorder.next('cut-off', 'more/0')
  await hubs.control('POST', '/detach', { hub: 'more', condition: 'amqp:link:stolen' })
  expect((await cut).reason).toMatch(/another reader with an epoch.*group of its own/)
  await recorder.next('caught-up', 'more/0')
})

test('no server at all: cut off, not rejected, and stopped at once', async () => {
  await hubs.kill()
  const recorder = read({ hubs: ['more'] })
  await recorder.next('cut-off', 'more')
  await recorder.stop()
  expect(recorder.messages).toEqual([])
})

const KEY = 'SharedAccessKeyName=weir;SharedAccessKey=d2Vpcg=='

test.each([
  [`Endpoint=sb://contoso.servicebus.windows.net;${KEY}`, 'lacks UseDevelopmentEmulator=true'],
  [
    `Endpoint=sb://contoso.servicebus.windows.net;${KEY};UseDevelopmentEmulator=true`,
    'leads to "contoso.servicebus.windows.net"',
  ],
  [`Endpoint=sb://10.0.0.5:5672;${KEY};UseDevelopmentEmulator=true`, 'leads to "10.0.0.5"'],
  [`Endpoint=sb://localhost.evil.example;${KEY};UseDevelopmentEmulator=true`, 'not to this machine'],
])(
  'a connection string to anything but a local emulator is refused with a remedy: %s',
  (connectionString, why) => {
    const deps = { clock: systemClock, report: createReport('silent'), random: Math.random }
    const make = () => eventHubsSource(configured({ auth: { kind: 'emulator', connectionString } }), deps)
    expect(make).toThrow(why)
    expect(make).toThrow(/"credential": "managed-identity"/)
  },
)

test('a start that is no time is refused', () => {
  const deps = { clock: systemClock, report: createReport('silent'), random: Math.random }
  expect(() => eventHubsSource(configured({ start: 'yesterday' }), deps)).toThrow(/start is "yesterday"/)
})
