import { type Iam, startIam } from '@weir/emulator'
import {
  CREDENTIAL_REPORT_BOUNDS,
  type CredentialReportConfig,
  checkCredentialReport,
  credentialReportSource,
} from '@weir/ingest'
import { classify, unwrap } from '@weir/normalize'
import { createReport } from '@weir/runtime'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { HEADER, userRow, userRows } from './iam-report.ts'
import { Recorder } from './recorder.ts'
import { S3_ENV } from './s3.ts'
import { VirtualClock } from './virtual-clock.ts'

const NOW = Date.parse('2026-03-10T03:00:00Z')
const HOUR = 3_600_000

let clock: VirtualClock
let iam: Iam
const running: Recorder[] = []

beforeEach(async () => {
  Object.assign(process.env, S3_ENV)
  clock = new VirtualClock(NOW)
  iam = await startIam({ steps: 0, freshMs: 4 * HOUR }, clock)
})
afterEach(async () => {
  await Promise.all(running.splice(0).map((recorder) => recorder.stop()))
  await iam.stop()
})

function config(more: Partial<CredentialReportConfig> = {}): CredentialReportConfig {
  const place = { region: 'us-east-1' }
  return { ...CREDENTIAL_REPORT_BOUNDS, name: 'iam', place, endpoint: iam.url, ...more }
}

function start(more: Partial<CredentialReportConfig> = {}, cursors?: ReadonlyMap<string, string>): Recorder {
  const deps = { clock, report: createReport('silent'), random: () => 0 }
  const recorder = new Recorder(cursors).start(credentialReportSource(config(more), deps))
  running.push(recorder)
  return recorder
}

/** Users delivered, as the line would read them; those of a repeated message in brackets. */
function users(recorder: Recorder): string[] {
  return recorder.messages.flatMap(({ bytes, format, repeated }) =>
    unwrap(bytes, format).records.map(({ user }) => (repeated ? `(${user})` : String(user))),
  )
}

async function later(recorder: Recorder, ms: number): Promise<void> {
  const caughtUp = recorder.next('caught-up')
  clock.advance(ms)
  await caughtUp
}

test('each row is a record that knows when its report was made', async () => {
  iam.say([HEADER, userRow('ada', false), userRow('bob')])
  const recorder = start()
  await recorder.next('caught-up')
  const [message] = recorder.messages
  const unwrapped = unwrap(message!.bytes, message!.format)
  expect(unwrapped.records[0]).toMatchObject({
    user: 'ada',
    mfa_active: 'false',
    report_time: '2026-03-10T03:00:00.000Z',
  })
  expect(unwrapped.records.map((record) => classify(record, message!.dataset).name)).toEqual([
    'aws.iam_credential_report',
    'aws.iam_credential_report',
  ])
  expect(Buffer.from(unwrapped.bytesOf(1)).toString()).toBe(userRow('bob'))
  expect([message!.arrival, message!.at]).toEqual([NOW, '2026-03-10T03:00:00.000Z@0'])
})

test('a report that takes its time is waited for', async () => {
  await iam.stop()
  iam = await startIam({ steps: 3, freshMs: 4 * HOUR }, clock)
  iam.say([HEADER, userRow('ada')])
  const recorder = start({ askMs: 0 })
  await recorder.next('caught-up')
  expect(users(recorder)).toEqual(['ada'])
  expect(iam.takeRequests()).toEqual([...Array(4).fill('GenerateCredentialReport'), 'GetCredentialReport'])
})

test('one that is never complete is given up and said', async () => {
  await iam.stop()
  iam = await startIam({ steps: 1_000, freshMs: 4 * HOUR }, clock)
  const recorder = start({ askMs: 0, completeMsMax: 0 })
  expect((await recorder.next('cut-off')).reason).toContain('not complete after 0 ms: STARTED')
})

test('a later report of the same day is a repeat, that of the next day is news', async () => {
  iam.say([HEADER, userRow('ada')])
  const recorder = start()
  await recorder.next('caught-up')
  iam.say([HEADER, userRow('ada'), userRow('bob')])
  await later(recorder, 4 * HOUR)
  await later(recorder, 20 * HOUR)
  expect(users(recorder)).toEqual(['ada', '(ada)', '(bob)', 'ada', 'bob'])
})

test('between two reports it asks nothing, and says that nothing waits', async () => {
  iam.say([HEADER, userRow('ada')])
  const recorder = start()
  await recorder.next('caught-up')
  iam.takeRequests()
  for (let minutes = 1; minutes <= 5; minutes++) await later(recorder, CREDENTIAL_REPORT_BOUNDS.statusMs)
  expect(iam.takeRequests()).toEqual([])
  expect(recorder.states.at(-1)).toMatchObject({ state: 'caught-up', now: NOW + 5 * 60_000 })
})

test('the same report after a restart is not delivered again', async () => {
  iam.say([HEADER, userRow('ada')])
  const first = start()
  await first.next('caught-up')
  await first.stop()
  const second = start({}, first.cursors)
  await second.next('caught-up')
  expect(users(second)).toEqual([])
})

test('a report is read on behind the rows that were committed', async () => {
  iam.say([HEADER, ...userRows(0, 100)])
  const first = start({ chunkBytes: 1_000 })
  await first.until(({ batches }) => batches.length >= 3)
  first.hold()
  await first.stop()
  const { offset } = JSON.parse(first.cursors.get('report')!) as { readonly offset: number }
  const before = first.messages.filter(({ at }) => Number(at.split('@')[1]) < offset)
  const committed = before.flatMap(({ bytes, format }) => unwrap(bytes, format).records).length
  const second = start({ chunkBytes: 1_000 }, first.cursors)
  await second.next('caught-up')
  expect(users(second)).toEqual(Array.from({ length: 100 - committed }, (_, n) => `user${committed + n}`))
})

test('a repeat that is read on after a restart is still a repeat', async () => {
  iam.say([HEADER, ...userRows(0, 100)])
  const first = start()
  await first.next('caught-up')
  await first.stop()
  clock.advance(4 * HOUR)
  const second = start({ chunkBytes: 1_000 }, first.cursors)
  await second.until(({ batches }) => batches.length >= 3)
  second.hold()
  await second.stop()
  const third = start({ chunkBytes: 1_000 }, second.cursors)
  await third.next('caught-up')
  expect(third.messages.length).toBeGreaterThan(1)
  expect(third.messages.map(({ repeated }) => repeated)).toEqual(third.messages.map(() => true))
})

test('an answer that is no report is said, and nothing of it is delivered', async () => {
  iam.say(['<html>'])
  const recorder = start()
  expect((await recorder.next('cut-off')).reason).toContain('no credential report')
  expect(recorder.messages).toEqual([])
})

test('the doctor asks for the last report, and names the permission that is missing', async () => {
  const checks = () => checkCredentialReport(config(), clock)
  expect((await checks())[1]).toMatchObject({
    ok: true,
    detail: expect.stringContaining('no report is ready'),
  })
  iam.say([HEADER])
  const recorder = start()
  await recorder.next('caught-up')
  expect((await checks()).map(({ detail }) => detail)).toEqual([
    'access key S3RVER',
    'the last report is of 2026-03-10T03:00:00.000Z',
  ])
  iam.strike({ times: 3, kind: 'denied' })
  expect((await checks())[1]).toEqual({
    name: 'iam report',
    ok: false,
    detail: 'AccessDenied: the identity lacks the permission iam:GetCredentialReport',
    remedy: expect.stringContaining('iam:GenerateCredentialReport'),
  })
})
