import { O365StandIn } from '@weir/emulator'
import { checkO365, O365_BOUNDS, type O365Config, o365Source } from '@weir/ingest'
import { createReport, systemClock } from '@weir/runtime'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { withIdentity } from './identity.ts'
import { Recorder } from './recorder.ts'

const TENANT = '5f6d0e8a-3f0b-4c6e-9a51-6a3a1f2b7c10'
const TYPE = 'Audit.Exchange'
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const deps = { clock: systemClock, report: createReport('silent'), random: Math.random }

let o365: O365StandIn
let forgetIdentity: () => void
let recorder: Recorder | undefined

beforeAll(async () => {
  o365 = await O365StandIn.start(TENANT)
  forgetIdentity = withIdentity(o365.server)
})
afterEach(async () => {
  await recorder?.stop()
  recorder = undefined
  o365.clear()
  o365.server.faults.clear()
  o365.server.requests.splice(0)
  o365.denied = false
})
afterAll(() => {
  forgetIdentity()
  o365.stop()
})

function configOf(more: Partial<O365Config> = {}): O365Config {
  return {
    ...O365_BOUNDS,
    name: 'o365',
    auth: { kind: 'entra', credential: 'managed-identity' },
    tenantId: TENANT,
    root: o365.server.url,
    contentTypes: [TYPE],
    pollMs: 20,
    requestsPerSecondMax: 1_000,
    retryMsFirst: 10,
    retryMsMax: 50,
    hopelessRetryMs: 50,
    ...more,
  }
}

function read(more: Partial<O365Config> = {}, cursors?: ReadonlyMap<string, string>): Recorder {
  recorder = new Recorder(cursors).start(o365Source(configOf(more), deps))
  return recorder
}

/** One content of so long ago, with one record. */
function put(id: string, agoMs: number): string {
  const text = `{ "Id":"${id}","CreationTime":"2026-01-02T03:04:05" }`
  o365.put(TYPE, [text], Date.now() - agoMs)
  return text
}

function texts({ messages }: Recorder): string[] {
  return messages.map(({ bytes }) => Buffer.from(bytes).toString())
}

function gaps({ batches }: Recorder): object[] {
  return batches.flatMap(({ gap }) => (gap === undefined ? [] : [gap]))
}

async function looks(reading: Recorder, times = 3): Promise<void> {
  for (let n = 0; n < times; n++) await reading.next('caught-up')
}

test('content is listed by when it was created, in windows the service takes, and fetched once, after a restart too', async () => {
  const week = Array.from({ length: 6 }, (_, day) => put(`${day}`, day * DAY_MS + HOUR_MS))
  o365.pageContents = 2
  const reading = read({ firstMs: 7 * DAY_MS, overlapMs: 7 * DAY_MS })
  await looks(reading)
  o365.pageContents = 10
  expect(texts(reading).sort()).toEqual([...week].sort())
  await reading.stop()
  expect(o365.server.requests.filter((line) => line.endsWith(' 400'))).toEqual([])
  const again = read({ firstMs: 7 * DAY_MS, overlapMs: 7 * DAY_MS }, reading.cursors)
  await looks(again)
  expect(texts(again)).toEqual([])
})

test('every request names the publisher, and no subscription is ever ended', async () => {
  for (let n = 0; n < 25; n++) put(`${n}`, HOUR_MS)
  const reading = read({ publisherId: '11111111-2222-4333-8444-555555555555' })
  await looks(reading, 1)
  const asked = o365.server.requests.filter((line) => !line.includes('/msi/'))
  expect(asked.length).toBeGreaterThan(27)
  for (const line of asked) expect(line).toContain('PublisherIdentifier=11111111-2222-4333-8444-555555555555')
  expect(asked.filter((line) => line.includes('/stop'))).toEqual([])
})

test('content that is listed late is found as far back as the overlap reaches, and no further', async () => {
  const reading = read({ overlapMs: 2 * HOUR_MS, firstMs: 12 * HOUR_MS })
  await looks(reading, 1)
  const late = put('late', 1.9 * HOUR_MS)
  put('too late', 2.5 * HOUR_MS)
  await looks(reading)
  expect(texts(reading)).toEqual([late])
})

test('a subscription that is there already is fine; one that somebody ends is begun again', async () => {
  o365.subscribed.add(TYPE)
  const first = put('first', HOUR_MS)
  const reading = read()
  await looks(reading, 1)
  o365.subscribed.clear()
  const second = put('second', HOUR_MS)
  await looks(reading)
  expect(texts(reading)).toEqual([first, second])
})

test('content that is gone is told as a hole and left; what is beside it is read', async () => {
  const kept = put('kept', HOUR_MS)
  const id = o365.put(TYPE, ['{"Id":"gone"}'], Date.now() - HOUR_MS)
  o365.expire(id)
  const reading = read()
  await looks(reading)
  expect(texts(reading)).toEqual([kept])
  expect(gaps(reading)).toEqual([{ after: expect.any(String), next: 'content that is gone' }])
})

test('content that is larger than may be taken is told as a hole and blocks nothing', async () => {
  const kept = put('kept', HOUR_MS)
  put('large '.repeat(1_000), HOUR_MS)
  const reading = read({ bodyBytesMax: 5_000 })
  await looks(reading)
  expect(texts(reading)).toEqual([kept])
  expect(gaps(reading)).toHaveLength(1)
})

test('after a stop of more than seven days it says what is missing, and goes on with what there is', async () => {
  const kept = put('kept', 6 * DAY_MS)
  const long = Date.now() - 9 * DAY_MS
  const cursors = new Map([
    [`${TYPE}/since`, String(long)],
    [`${TYPE}/read`, String(long)],
  ])
  const reading = read({}, cursors)
  await looks(reading, 1)
  expect(texts(reading)).toEqual([kept])
  expect(gaps(reading)).toMatchObject([{ after: new Date(long).toISOString() }])
  expect(o365.server.requests.filter((line) => line.endsWith(' 400'))).toEqual([])
})

test('a listing whose next page is no longer there is begun anew; nothing is lost, nothing comes twice', async () => {
  const written = Array.from({ length: 30 }, (_, n) => put(`${n}`, HOUR_MS))
  o365.server.faults.plan({ kind: 'status', status: 400, code: 'AF20031' }, 2, /nextPage/)
  const reading = read()
  await looks(reading)
  expect(reading.states.map(({ reason }) => reason)).toContainEqual(expect.stringContaining('AF20031'))
  expect(o365.server.faults.waiting).toBe(0)
  expect(texts(reading).sort()).toEqual([...written].sort())
})

test('content that the service fails to give holds up none behind it, and is read when it comes', async () => {
  const early = put('early', 60 * HOUR_MS)
  const bad = o365.put(TYPE, ['{"Id":"bad"}'], Date.now() - 50 * HOUR_MS)
  const late = put('late', HOUR_MS)
  const place = new RegExp(`audit/${encodeURIComponent(bad)}\\?`)
  const fault = { kind: 'status', status: 500, code: 'AF50000' } as const
  o365.server.faults.plan(fault, Number.POSITIVE_INFINITY, place)
  const reading = read({ firstMs: 3 * DAY_MS, brokenAttemptsMax: 2 })
  await reading.until((each) => texts(each).length === 2)
  const later = put('later', 60_000)
  await reading.until((each) => texts(each).length === 3)
  expect(texts(reading)).toEqual([early, late, later])
  expect(reading.states.map(({ state }) => state)).not.toContain('caught-up')
  expect(reading.states.map(({ reason }) => reason)).toContainEqual(expect.stringContaining('AF50000'))
  o365.server.faults.clear()
  await looks(reading, 1)
  expect(texts(reading)).toEqual([early, late, later, '{"Id":"bad"}'])
  await reading.stop()
  const again = read({ firstMs: 3 * DAY_MS }, reading.cursors)
  await looks(again)
  expect(texts(again)).toEqual([])
})

test('content that stays unreadable goes into quarantine whole, and blocks nothing', async () => {
  const good = put('good', HOUR_MS)
  o365.put(TYPE, ['{"Id":"bad"'], Date.now() - HOUR_MS)
  const reading = read({ brokenAttemptsMax: 2 })
  await looks(reading)
  expect(texts(reading).sort()).toEqual([good, '[{"Id":"bad"]'].sort())
})

test.each([
  ['a permission that is missing', { denied: true }, {}, 'ActivityFeed.Read'],
  ['another tenant', {}, { tenantId: '11111111-2222-4333-8444-555555555555' }, 'another tenant'],
])('%s is explained, by the source and by the doctor', async (_, service, config, words) => {
  Object.assign(o365, service)
  const reading = read(config)
  const { reason } = await reading.next('cut-off')
  expect(reason).toContain(words)
  const checks = await checkO365(configOf(config), systemClock)
  expect(checks.map(({ name, ok }) => [name, ok])).toEqual([
    ['o365 credential', true],
    ['o365 activity feed', false],
  ])
  expect(checks[1]!.detail).toContain(words)
})

test('the doctor begins no subscription', async () => {
  const checks = await checkO365(configOf(), systemClock)
  expect(checks[1]).toMatchObject({
    ok: true,
    detail: expect.stringContaining('Audit.Exchange will be subscribed'),
  })
  expect(o365.subscribed.size).toBe(0)
})
