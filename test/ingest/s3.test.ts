import { gzipSync } from 'node:zlib'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { type Sqs, startSqs } from '@weir/emulator'
import { checkS3, S3_BOUNDS, type S3Config, s3Source } from '@weir/ingest'
import type { SourceContext } from '@weir/model'
import { unwrap } from '@weir/normalize'
import { createReport } from '@weir/runtime'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Recorder } from './recorder.ts'
import { S3_ENV, startS3, type TestS3 } from './s3.ts'
import { VirtualClock } from './virtual-clock.ts'

const NOW = Date.parse('2026-03-10T12:00:00Z')
const DAY = 86_400_000
const REGION = 'eu-west-1'
/** On a clock that stands still nobody waits for a turn. */
const BOUNDS = { ...S3_BOUNDS, listingsPerSecondMax: Number.POSITIVE_INFINITY }

let s3: TestS3
let sqs: Sqs
let sender: SQSClient
let bucket: string
let clock: WatchedClock
const running: Recorder[] = []

/** Also tells for how long it was slept on. */
class WatchedClock extends VirtualClock {
  readonly sleeps: number[] = []

  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.sleeps.push(ms)
    return super.sleep(ms, signal)
  }
}

beforeAll(async () => {
  s3 = await startS3()
})
afterAll(() => s3.stop())
beforeEach(async () => {
  bucket = await s3.bucket()
  clock = new WatchedClock(NOW)
  sqs = await startSqs([{ name: 'trail', visibilitySeconds: 30 }], clock)
  const credentials = { accessKeyId: S3_ENV.AWS_ACCESS_KEY_ID, secretAccessKey: 'S3RVER' }
  sender = new SQSClient({ region: REGION, endpoint: sqs.url, credentials })
})
afterEach(async () => {
  await Promise.all(running.splice(0).map((recorder) => recorder.stop()))
  sender.destroy()
  await sqs.stop()
})

function start(config: S3Config, cursors?: ReadonlyMap<string, string>): Recorder {
  const deps = { clock, report: createReport('silent'), random: () => 0 }
  const recorder = new Recorder(cursors).start(s3Source(config, deps))
  running.push(recorder)
  return recorder
}

function byQueue(more: Partial<S3Config> = {}): S3Config {
  const from = { kind: 'queue', url: sqs.queueUrl('trail'), endpoint: sqs.url } as const
  return { ...BOUNDS, name: 's3', place: { region: REGION }, endpoint: s3.endpoint, from, ...more }
}

function byListing(more: Partial<S3Config> = {}): S3Config {
  const from = { kind: 'listing', bucket, service: 'CloudTrail' } as const
  return { ...BOUNDS, name: 's3', place: { region: REGION }, endpoint: s3.endpoint, from, ...more }
}

/** Numbers of the records delivered, in the first messages or all, as the line would read them. */
function numbers(recorder: Recorder, messages?: number): number[] {
  return recorder.messages
    .slice(0, messages)
    .flatMap(({ bytes }) => unwrap(bytes).records.map(({ n }) => n as number))
}

function trail(from: number, to: number): Buffer {
  const Records = Array.from({ length: to - from }, (_, i) => ({ n: from + i, text: '{"[\\' }))
  return gzipSync(JSON.stringify({ Records }))
}

function created(key: string, more: object = {}): string {
  const object = { key: encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/'), ...more }
  const record = {
    eventSource: 'aws:s3',
    eventName: 'ObjectCreated:Put',
    s3: { bucket: { name: bucket }, object },
  }
  return JSON.stringify({ Records: [record] })
}

async function send(body: string): Promise<void> {
  await sender.send(new SendMessageCommand({ QueueUrl: sqs.queueUrl('trail'), MessageBody: body }))
}

/** Resolves when somebody has gone to sleep for so long so many times. */
async function asleep(ms: number, times: number): Promise<void> {
  while (clock.sleeps.filter((each) => each === ms).length < times)
    await new Promise((next) => setImmediate(next))
}

/** Resolves when the queue holds so many messages, given or not. */
async function untilLeft(left: number): Promise<void> {
  while (sqs.queue('trail').bodies.length !== left) await new Promise((next) => setImmediate(next))
}

/** Until the queue has seen that a reader is gone: what comes before would be handed to nobody, and hidden. */
async function untilMissed(): Promise<void> {
  while (sqs.queue('trail').receiving > 0) await new Promise((next) => setImmediate(next))
}

describe('objects that a queue tells of', () => {
  const key = 'AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/10/a b+c.json.gz'
  const bodies: readonly (readonly [string, () => string])[] = [
    ['from S3', () => created(key)],
    ['from S3 through a topic', () => JSON.stringify({ Type: 'Notification', Message: created(key) })],
    ['from CloudTrail through a topic', () => wrapped({ s3Bucket: bucket, s3ObjectKey: [key] })],
    ['from CloudTrail, delivered raw', () => JSON.stringify({ s3Bucket: bucket, s3ObjectKey: [key] })],
    ['from EventBridge', () => JSON.stringify(bridged(key))],
  ]
  function wrapped(message: object): string {
    return JSON.stringify({ Type: 'Notification', Message: JSON.stringify(message) })
  }
  function bridged(of: string): object {
    const detail = { bucket: { name: bucket }, object: { key: of, size: 1 } }
    return { source: 'aws.s3', 'detail-type': 'Object Created', detail }
  }

  test.each(bodies)('%s are read, and the message is deleted', async (_, body) => {
    await s3.put(bucket, key, trail(0, 3))
    await send(body())
    const recorder = start(byQueue())
    await recorder.until((each) => numbers(each).length === 3)
    await untilLeft(0)
    expect(numbers(recorder)).toEqual([0, 1, 2])
    expect(recorder.partitions[0]!.partitions).toEqual(['trail'])
    expect(recorder.messages[0]!.at).toBe(`${bucket}/${key}@12`)
  })

  const beside: readonly (readonly [string, () => string])[] = [
    ['the test event', () => JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: bucket })],
    ['an object that was removed', () => created(key).replace('ObjectCreated:Put', 'ObjectRemoved:Delete')],
    ['a digest', () => created('AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/03/10/d.json.gz')],
    ['an insight', () => created('AWSLogs/111122223333/CloudTrail-Insight/eu-west-1/2026/03/10/i.json.gz')],
    ['a key outside of those asked for', () => created('other/x.json.gz')],
    [
      'the validation of a topic',
      () => JSON.stringify({ Type: 'Notification', Message: 'CloudTrail validation message.' }),
    ],
  ]
  test.each(beside)('%s is nothing to read, and the message goes', async (_, body) => {
    await send(body())
    const recorder = start(byQueue({ keys: 'AWSLogs/' }))
    await untilLeft(0)
    expect(recorder.messages).toEqual([])
  })

  test('the message stays until everything that it told of is committed', async () => {
    await s3.put(bucket, 'one', trail(0, 1))
    await s3.put(bucket, 'two', trail(1, 2))
    await send(JSON.stringify({ s3Bucket: bucket, s3ObjectKey: ['one', 'two'] }))
    const recorder = new Recorder()
    recorder.hold()
    const deps = { clock, report: createReport('silent'), random: () => 0 }
    running.push(recorder.start(s3Source(byQueue(), deps)))
    await recorder.until((each) => numbers(each).length === 2)
    // One that tells of nothing goes at once, and with it all that are done by then.
    const test = JSON.stringify({ Event: 's3:TestEvent' })
    await send(test)
    while (sqs.queue('trail').bodies.includes(test)) await new Promise((next) => setImmediate(next))
    expect(sqs.queue('trail').bodies).toHaveLength(1)
    recorder.release()
    await untilLeft(0)
  })

  test('a message stays hidden while its objects wait to be committed', async () => {
    await s3.put(bucket, 'one', trail(0, 1))
    await send(created('one'))
    const recorder = new Recorder()
    recorder.hold()
    const deps = { clock, report: createReport('silent'), random: () => 0 }
    running.push(recorder.start(s3Source(byQueue(), deps)))
    await recorder.until((each) => numbers(each).length === 1)
    for (let n = 1; n <= 10; n++) {
      await asleep(BOUNDS.visibilityMs / 3, n)
      clock.advance(BOUNDS.visibilityMs / 3)
    }
    await asleep(BOUNDS.visibilityMs / 3, 11)
    expect([sqs.queue('trail').hidden, numbers(recorder)]).toEqual([1, [0]])
    recorder.release()
    await untilLeft(0)
  })

  test('one that comes again is known by its object, in this run and after a restart', async () => {
    await s3.put(bucket, 'one', trail(0, 5))
    await send(created('one'))
    await send(created('one'))
    const first = start(byQueue())
    await first.until((each) => numbers(each).length === 5)
    await untilLeft(0)
    await first.stop()
    await untilMissed()
    await send(created('one'))
    const second = start(byQueue(), first.cursors)
    await untilLeft(0)
    expect([numbers(first).length, numbers(second).length]).toEqual([5, 0])
  })

  test('an object that was written anew under its key is another one', async () => {
    await s3.put(bucket, 'one', trail(0, 2))
    await send(created('one'))
    const recorder = start(byQueue())
    await untilLeft(0)
    await s3.put(bucket, 'one', trail(2, 4))
    await send(created('one'))
    await recorder.until((each) => numbers(each).length === 4)
    expect(numbers(recorder)).toEqual([0, 1, 2, 3])
  })

  test('one whose object is missing comes again, is left after some tries, and holds nothing up then', async () => {
    await send(created('late'))
    const recorder = start(byQueue({ receivesMax: 3 }))
    for (let tries = 1; tries < 3; tries++) {
      expect((await recorder.next('lagging')).reason).toBe('messages are to be tried again')
      sqs.queue('trail').showAll()
    }
    await recorder.next('caught-up')
    const told = recorder.batches.flatMap(({ notice }) => notice ?? [])
    expect(told).toEqual([
      { code: 'object-unread', detail: expect.stringContaining(`${bucket}/late is not there`) },
    ])
    expect(sqs.queue('trail').bodies).toHaveLength(1)
    await s3.put(bucket, 'late', trail(0, 1))
    sqs.queue('trail').showAll()
    await untilLeft(0)
    expect(numbers(recorder)).toEqual([0])
  })

  test('one whose object is refused by itself holds up no other', async () => {
    for (const n of [1, 2, 3]) await s3.put(bucket, `o/${n}`, trail(n, n + 1))
    s3.strike({ path: `GET /${bucket}/o/1`, times: 1, kind: 'denied' })
    for (const n of [1, 2]) sqs.queue('trail').send(created(`o/${n}`))
    const recorder = start(byQueue())
    expect((await recorder.next('lagging')).reason).toBe('messages are to be tried again')
    sqs.queue('trail').send(created('o/3'))
    await recorder.until((each) => numbers(each).includes(3))
    sqs.queue('trail').showAll()
    await untilLeft(0)
    expect(numbers(recorder).sort()).toEqual([1, 2, 3])
  })

  test('a service that has no room for some is left alone for a while', async () => {
    for (const n of [1, 2]) await s3.put(bucket, `o/${n}`, trail(n, n + 1))
    s3.strike({ path: `GET /${bucket}/o/1`, times: 3, kind: 'throttled' })
    for (const n of [1, 2]) sqs.queue('trail').send(created(`o/${n}`))
    const recorder = start(byQueue())
    expect((await recorder.next('cut-off')).reason).toContain('SlowDown')
    expect(numbers(recorder)).toEqual([2])
  })

  test('one that was left goes to the dead letters of its queue', async () => {
    await sqs.stop()
    sqs = await startSqs([{ name: 'trail', visibilitySeconds: 30, receivesMax: 2 }], clock)
    sqs.queue('trail').send(created('never'))
    const recorder = start(byQueue({ receivesMax: 2 }))
    await recorder.next('lagging')
    sqs.queue('trail').showAll()
    await recorder.next('caught-up')
    sqs.queue('trail').showAll()
    await untilLeft(0)
    expect(sqs.queue('trail-dead').bodies).toEqual([created('never')])
  })

  test('a body that nobody understands is left alone', async () => {
    await send('no JSON')
    const recorder = start(byQueue())
    await recorder.next('lagging')
    expect(sqs.queue('trail').bodies).toEqual(['no JSON'])
  })

  test('1 000 messages, each read once', async () => {
    for (let n = 0; n < 1_000; n++) {
      await s3.put(bucket, `o/${n}`, trail(n, n + 1))
      sqs.queue('trail').send(created(`o/${n}`))
    }
    const recorder = start(byQueue())
    await recorder.until((each) => each.messages.length === 1_000)
    await untilLeft(0)
    expect(new Set(numbers(recorder)).size).toBe(1_000)
    const cursors = [...recorder.cursors.keys()]
    expect(cursors.length).toBe(Math.ceil(1_000 / 64))
  })
})

describe('objects', () => {
  test.each([
    ['gzip', trail(0, 1_000)],
    ['plain', JSON.stringify({ Records: Array.from({ length: 1_000 }, (_, n) => ({ n })) })],
    [
      'indented',
      JSON.stringify({ Records: Array.from({ length: 1_000 }, (_, n) => ({ n, a: [{}] })) }, null, 2),
    ],
    ['lines', Array.from({ length: 1_000 }, (_, n) => `{"n":${n}}\n`).join('')],
  ])('that are %s are cut between records, into pieces of about the size asked for', async (_, body) => {
    await s3.put(bucket, 'big', body)
    await send(created('big'))
    const recorder = start(byQueue({ chunkBytes: 1_000 }))
    await recorder.until((each) => numbers(each).length === 1_000)
    await untilLeft(0)
    expect(numbers(recorder)).toEqual(Array.from({ length: 1_000 }, (_, n) => n))
    for (const { bytes } of recorder.messages) {
      expect(bytes.length).toBeLessThan(2_100)
      expect(unwrap(bytes).quarantined).toEqual([])
    }
  })

  test('read side by side are delivered one by one, because a cursor also holds for those before it', async () => {
    for (let n = 0; n < 10; n++) {
      await s3.put(bucket, `o/${n}`, trail(n * 100, (n + 1) * 100))
      sqs.queue('trail').send(created(`o/${n}`))
    }
    const stop = new AbortController()
    const standing = { now: 0, most: 0, batches: 0 }
    const deliver: SourceContext['deliver'] = async ({ kind }) => {
      if (kind !== 'batch') return
      standing.most = Math.max(standing.most, ++standing.now)
      await new Promise((next) => setImmediate(next))
      standing.now--
      if (++standing.batches === 10) stop.abort()
    }
    const deps = { clock, report: createReport('silent'), random: () => 0 }
    await s3Source(byQueue(), deps).run({ cursors: new Map(), signal: stop.signal, deliver })
    expect(standing).toEqual({ now: 0, most: 1, batches: 10 })
  })

  test('that are read halfway when the reader dies are read on where the last commit was', async () => {
    await s3.put(bucket, 'big', trail(0, 1_000))
    await send(created('big'))
    const config = byQueue({ chunkBytes: 1_000 })
    const first = start(config)
    await first.until((each) => numbers(each).length > 100)
    first.hold()
    await first.stop()
    const committed = first.batches.filter(({ cursors }) =>
      cursors.every(({ key, value }) => value === '' || reached(first, key) >= endOf(value)),
    )
    const before = committed.flatMap(({ messages }) =>
      messages.flatMap(({ bytes }) => unwrap(bytes).records),
    ).length
    sqs.queue('trail').showAll()
    const second = start(config, first.cursors)
    await untilLeft(0)
    expect(numbers(second)[0]).toBe(before)
    expect(before + numbers(second).length).toBe(1_000)
    expect([...second.cursors.keys()].some((key) => key.startsWith('part/'))).toBe(false)
  })
  const endOf = (value: string): number => (JSON.parse(value) as { end: number }).end
  const reached = (recorder: Recorder, key: string): number =>
    endOf(recorder.cursors.get(key) ?? '{"end":-1}')

  test.each([
    ['cut short', trail(0, 10_000).subarray(0, 10_000), 'some'],
    [
      'no gzip at all behind its first bytes',
      Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255]),
      'none',
    ],
    ['a list that breaks off', '{"Records":[{"n":0},{"n":1},{"n"', 'some'],
  ])(
    'that are %s: what can be read is read, the rest is quarantined, and once is enough',
    async (_, body, read) => {
      await s3.put(bucket, 'bad', body)
      await send(created('bad'))
      const recorder = start(byQueue())
      await untilLeft(0)
      const all = recorder.messages.map(({ bytes }) => unwrap(bytes))
      expect(all.flatMap(({ quarantined }) => quarantined)).toHaveLength(1)
      expect(numbers(recorder).length > 0).toBe(read === 'some')
    },
  )

  test('that inflate beyond the bound end in quarantine', async () => {
    await s3.put(bucket, 'bomb', gzipSync(`{"Records":[${'{"n":1},'.repeat(10_000)}{"n":1}]}`))
    await send(created('bomb'))
    const recorder = start(byQueue({ inflatedBytesMax: 10_000 }))
    await untilLeft(0)
    expect(numbers(recorder).length).toBeLessThan(1_300)
    expect(recorder.text.length).toBeLessThan(11_000)
  })

  test('that are too large are left, and the message with them', async () => {
    await s3.put(bucket, 'huge', '{"n":1}\n'.repeat(1_000))
    await send(created('huge'))
    const recorder = start(byQueue({ objectBytesMax: 1_000 }))
    await recorder.next('lagging')
    expect([recorder.messages.length, sqs.queue('trail').bodies.length]).toEqual([0, 1])
  })

  test('of a dataset carry its name', async () => {
    await s3.put(bucket, 'export/x.jsonl.gz', gzipSync('{"n":1}\n'))
    await send(created('export/x.jsonl.gz'))
    const recorder = start(byQueue({ dataset: 'generic' }))
    await untilLeft(0)
    expect(recorder.messages[0]!.dataset).toBe('generic')
  })
})

const ACCOUNT = '111122223333'

function keyAt(time: number, n: number, region = REGION, root = ''): string {
  const iso = new Date(time).toISOString()
  const stamp = iso.slice(0, 16).replace(/[-:]/g, '')
  const day = iso.slice(0, 10).replaceAll('-', '/')
  const folder = `${root}AWSLogs/${ACCOUNT}/CloudTrail/${region}/${day}/`
  return `${folder}${ACCOUNT}_CloudTrail_${region}_${stamp}Z_${String(n).padStart(16, 'x')}.json.gz`
}

async function poll(recorder: Recorder, ms = BOUNDS.pollMs): Promise<void> {
  const caughtUp = recorder.next('caught-up')
  clock.advance(ms)
  await caughtUp
}

describe('objects that a listing finds', () => {
  test('are those of the days from the first run on, of every account and region, digests aside', async () => {
    await s3.put(bucket, keyAt(NOW - 2 * DAY, 0), trail(0, 1))
    await s3.put(bucket, keyAt(NOW - DAY, 1), trail(1, 2))
    await s3.put(bucket, keyAt(NOW, 2), trail(2, 3))
    await s3.put(bucket, keyAt(NOW, 3, 'us-east-1'), trail(3, 4))
    await s3.put(bucket, keyAt(NOW, 4).replace('/CloudTrail/', '/CloudTrail-Digest/'), trail(4, 5))
    await s3.put(bucket, keyAt(NOW, 5, REGION, 'other/'), trail(5, 6))
    const recorder = start(byListing())
    await recorder.next('caught-up')
    expect(numbers(recorder).sort()).toEqual([1, 2, 3])
  })

  test('are found also where a clock that was a year ahead had begun', async () => {
    await s3.put(bucket, keyAt(NOW, 1), trail(1, 2))
    const recorder = start(byListing(), new Map([['#since', String(NOW + 365 * DAY)]]))
    await recorder.next('caught-up')
    expect(numbers(recorder)).toEqual([1])
  })

  test('lie below a prefix and an organization', async () => {
    await s3.put(
      bucket,
      keyAt(NOW, 1, REGION, 'trail/').replace('AWSLogs/', 'AWSLogs/o-ab12cd34ef/'),
      trail(1, 2),
    )
    await s3.put(bucket, keyAt(NOW, 2, REGION), trail(2, 3))
    const from = { kind: 'listing', bucket, service: 'CloudTrail', prefix: 'trail/' } as const
    const recorder = start(byListing({ from }))
    await recorder.next('caught-up')
    expect(numbers(recorder)).toEqual([1])
  })

  test('are read once, over polls, rechecks and a restart', async () => {
    await s3.put(bucket, keyAt(NOW, 1), trail(1, 2))
    const first = start(byListing())
    await first.next('caught-up')
    await s3.put(bucket, keyAt(NOW + 60_000, 2), trail(2, 3))
    await poll(first)
    await poll(first, BOUNDS.recheckMs)
    await first.stop()
    await s3.put(bucket, keyAt(NOW + 60_000, 3), trail(3, 4))
    const second = start(byListing(), first.cursors)
    await second.next('caught-up')
    expect([numbers(first), numbers(second)]).toEqual([[1, 2], [3]])
  })

  test('that came late are found within the overlap at once, and beyond it by the recheck', async () => {
    await s3.put(bucket, keyAt(NOW, 1), trail(1, 2))
    const recorder = start(byListing())
    await recorder.next('caught-up')
    await s3.put(bucket, keyAt(NOW - 20 * 60_000, 2), trail(2, 3))
    await s3.put(bucket, keyAt(NOW - 120 * 60_000, 3), trail(3, 4))
    await poll(recorder)
    expect(numbers(recorder)).toEqual([1, 2])
    await poll(recorder, BOUNDS.recheckMs)
    expect(numbers(recorder)).toEqual([1, 2, 3])
  })

  test('of the day before are found around midnight', async () => {
    const midnight = NOW + DAY / 2
    clock = new WatchedClock(midnight - 60_000)
    await s3.put(bucket, keyAt(midnight - 60_000, 1), trail(1, 2))
    const recorder = start(byListing())
    await recorder.next('caught-up')
    await s3.put(bucket, keyAt(midnight - 30_000, 2), trail(2, 3))
    await s3.put(bucket, keyAt(midnight, 3), trail(3, 4))
    await poll(recorder, 120_000)
    expect(numbers(recorder).sort()).toEqual([1, 2, 3])
  })

  test('are listed page by page', async () => {
    const all = Array.from({ length: 1_010 }, (_, n) => n)
    for (let at = 0; at < all.length; at += 50)
      await Promise.all(all.slice(at, at + 50).map((n) => s3.put(bucket, keyAt(NOW, n), trail(n, n + 1))))
    const recorder = start(byListing())
    await recorder.next('caught-up')
    expect(new Set(numbers(recorder)).size).toBe(1_010)
    expect(s3.takeRequests().filter((line) => line.includes('continuation-token')).length).toBe(1)
  })

  test('of which one is refused: the others are read, whatever page they are on, and it is told by name', async () => {
    const all = Array.from({ length: 1_003 }, (_, n) => n)
    for (let at = 0; at < all.length; at += 50)
      await Promise.all(all.slice(at, at + 50).map((n) => s3.put(bucket, keyAt(NOW, n), trail(n, n + 1))))
    const refused = keyAt(NOW, 7)
    s3.strike({ path: `GET /${bucket}/${refused}`, times: 1, kind: 'denied' })
    const recorder = start(byListing())
    const { reason } = await recorder.next('cut-off')
    expect(reason).toContain(`s3:GetObject (${bucket}/${refused})`)
    expect(numbers(recorder)).toHaveLength(1_002)
    await poll(recorder)
    expect(new Set(numbers(recorder)).size).toBe(1_003)
  })

  test('cost one request a folder and poll, and begin behind what was seen', async () => {
    for (const region of ['eu-west-1', 'us-east-1']) await s3.put(bucket, keyAt(NOW, 1, region), trail(1, 2))
    const recorder = start(byListing())
    await recorder.next('caught-up')
    s3.takeRequests()
    await poll(recorder)
    const requests = s3.takeRequests()
    expect(requests).toHaveLength(2)
    expect(requests.every((line) => /start-after=AWSLogs\/.*_20260310T1130Z/.test(line))).toBe(true)
  })

  test('of another layout are found by a template of days', async () => {
    await s3.put(bucket, 'export/2026/03/10/a.jsonl.gz', gzipSync('{"n":1}\n{"n":2}\n'))
    await s3.put(bucket, 'export/2026/03/11/a.jsonl.gz', gzipSync('{"n":3}\n'))
    const from = { kind: 'listing', bucket, service: 'CloudTrail', days: 'export/{yyyy}/{mm}/{dd}/' } as const
    const recorder = start(byListing({ from, dataset: 'generic' }))
    await recorder.next('caught-up')
    expect(numbers(recorder)).toEqual([1, 2])
    await s3.put(bucket, 'export/2026/03/10/A.jsonl.gz', gzipSync('{"n":4}\n'))
    await poll(recorder)
    expect(numbers(recorder)).toEqual([1, 2, 4])
  })

  test('that are too large are told once, and not tried again', async () => {
    await s3.put(bucket, keyAt(NOW, 1), '{"n":1}\n'.repeat(1_000))
    const recorder = start(byListing({ objectBytesMax: 1_000 }))
    await recorder.next('caught-up')
    await poll(recorder)
    const told = recorder.batches.flatMap(({ notice }) => notice?.detail ?? [])
    expect(told).toEqual([`${bucket}/${keyAt(NOW, 1)} has more than 1000 bytes`])
  })

  test('are forgotten when their day is no longer listed, and the oldest day when there are too many', async () => {
    await s3.put(bucket, keyAt(NOW, 1), trail(1, 2))
    const recorder = start(byListing({ objectsRememberedMax: 1 }))
    await recorder.next('caught-up')
    await s3.put(bucket, keyAt(NOW + DAY, 2), trail(2, 3))
    await poll(recorder, DAY)
    const seen = [...recorder.cursors.keys()].filter((key) => key.startsWith('seen/'))
    expect(seen).toEqual([`seen/${Math.floor((NOW + DAY) / DAY)}/0`])
    await poll(recorder, BOUNDS.recheckMs)
    expect(numbers(recorder)).toEqual([1, 2])
  })
})

test('an endpoint that is not on this machine is refused', () => {
  const deps = { clock, report: createReport('silent'), random: () => 0 }
  expect(() => s3Source(byQueue({ endpoint: 'http://10.0.0.1:9000' }), deps)).toThrow(
    /source s3: http:\/\/10.0.0.1:9000 is not on this machine/,
  )
})

describe('the doctor', () => {
  test('asks a queue for its attributes, receives nothing, and says where dead letters go', async () => {
    await send('hidden by nobody')
    const details = (await checkS3(byQueue(), clock)).map(({ name, detail }) => [name, detail])
    expect(details).toEqual([
      ['s3 credential', 'access key S3RVER'],
      ['s3 queue trail', expect.stringMatching(/^1 messages wait; it has no queue for dead letters/)],
    ])
    expect([sqs.takeRequests().includes('ReceiveMessage'), sqs.queue('trail').visible]).toEqual([false, 1])
  })

  test('lists one entry of a bucket', async () => {
    expect((await checkS3(byListing(), clock))[1]!.detail).toBe('can be listed; nothing is below AWSLogs/')
    await s3.put(bucket, keyAt(NOW, 1), trail(0, 1))
    expect((await checkS3(byListing(), clock))[1]).toMatchObject({ ok: true, detail: 'can be listed' })
  })

  test('tells a queue or a bucket that is not there, and a permission that is missing', async () => {
    const gone = { kind: 'queue', url: sqs.queueUrl('gone'), endpoint: sqs.url } as const
    const missing = { kind: 'listing', bucket: 'no-such-bucket', service: 'CloudTrail' } as const
    s3.strike({ path: `/${bucket}/?`, times: 3, kind: 'denied' })
    const checks = [byQueue({ from: gone }), byListing({ from: missing }), byListing()]
    const looked = await Promise.all(checks.map((config) => checkS3(config, clock)))
    expect(looked.map(([, what]) => [what!.ok, what!.detail])).toEqual([
      [false, 'QueueDoesNotExist: there is no queue at this address in this region'],
      [false, 'NoSuchBucket: there is no bucket of this name'],
      [false, 'AccessDenied: the identity lacks the permission s3:ListBucket'],
    ])
  })
})
