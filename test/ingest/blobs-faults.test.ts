import { randomUUID } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { BlobContainer } from '@weir/ingest'
import type { RawMessage } from '@weir/model'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Source, TestAggregator } from './aggregator.ts'
import { BlobReads, NOW, nameAt } from './blob-reads.ts'
import { captureFile } from './capture-file.ts'
import { FaultProxy } from './fault-proxy.ts'
import { testFaults } from './faults.ts'
import type { Recorder } from './recorder.ts'

type Kind = BlobContainer['kind']

const blobs = new BlobReads()
let proxy: FaultProxy

beforeAll(async () => {
  proxy = await FaultProxy.start(blobs.azurite.service.url)
})
afterAll(() => proxy.stop())

const KINDS: readonly Kind[] = ['append', 'flow', 'storage-analytics', 'capture', 'files']
const RECORDS = 1_000

function record(n: number, at = '2026-03-04T10:00:00Z'): string {
  return `{"time":"${at}","n":${n},"pad":"${'p'.repeat(40 + (n % 50))}"}`
}

function lines(from: number, to: number): string {
  return Array.from({ length: to - from }, (_, n) => `${record(from + n)}\n`).join('')
}

/** Rows of Storage Analytics that hold the records' numbers. */
function rows(from: number, to: number): string {
  const row = (n: number) =>
    `1.0;2026-03-04T10:00:00Z;GetBlob;Success;200;1;1;anonymous;;a;blob;"u?n=${n}";"/a/${n}";id-${n}` +
    ';0;192.0.2.1:5;v;1;1;1;1;1;;;;;;"agent";;\n'
  return Array.from({ length: to - from }, (_, n) => row(from + n)).join('')
}

/** A blob of each kind with the records from a number to another, of the hour that a time lies in. */
const WRITE: Readonly<Record<Kind, (time: number, from: number, to: number) => Promise<void>>> = {
  append: async (time, from, to) => {
    for (let n = from; n < to; n += 25_000)
      await blobs.append(nameAt(time), lines(n, Math.min(n + 25_000, to)))
  },
  flow: (time, from, to) => writeFlow(nameAt(time, 'flow/'), from, to),
  'storage-analytics': (time, from, to) =>
    blobs.upload(`blob/${folderAt(time)}00/000000.log`, rows(from, to)),
  capture: async (time, from, to) => {
    const events = lines(from, to)
      .split('\n', to - from)
      .map((body, sequence) => ({ sequence, enqueued: '', body }))
    await blobs.upload(
      `ns/hub/0/${folderAt(time)}/05/00.avro`,
      await captureFile(events, { blockSize: 5_000 }),
    )
  },
  // What does not compress, or the file would come in one request.
  files: (time, from, to) =>
    blobs.upload(`files/${folderAt(time)}/a.json.gz`, gzipSync(lines(from, to), { level: 0 })),
}

/** Where those are. */
const BELOW: Readonly<Record<Kind, string>> = {
  append: 'resourceId=/',
  flow: 'flow/',
  'storage-analytics': 'blob/',
  capture: 'ns/',
  files: 'files/',
}

function folderAt(time: number): string {
  return new Date(time).toISOString().slice(0, 13).replace(/[-T]/g, '/')
}

async function writeFlow(name: string, from: number, to: number): Promise<void> {
  const blob = blobs.container.getBlockBlobClient(name)
  const blocks = ['{"records":[']
  const each = (to - from) / 50
  for (let n = from; n < to; n += each)
    blocks.push(`${n === from ? '' : ','}${Array.from({ length: each }, (_, i) => record(n + i)).join(',')}`)
  blocks.push(']}')
  const ids = blocks.map((_, n) => Buffer.from(String(n).padStart(6, '0')).toString('base64'))
  for (const [n, text] of blocks.entries()) await blob.stageBlock(ids[n]!, text, text.length)
  await blob.commitBlockList(ids)
}

function patternOf(kind: Kind): { readonly pattern?: string } {
  return kind === 'files' ? { pattern: '{Year}/{Month}/{Day}/' } : {}
}

function read(kind: Kind, port?: number): Recorder {
  const connectionString = blobs.azurite.connectionString.replace(
    /(BlobEndpoint=http:\/\/127\.0\.0\.1:)\d+/,
    `$1${port}`,
  )
  const bounds = { chunkBytes: 10_000 }
  return blobs.read({ kind, bounds, ...patternOf(kind), ...(port && { connectionString }) })
}

/** The fault strikes while each kind is read; what comes is what comes without it, no less and no more. */
async function survives(plan: () => void): Promise<void> {
  for (const kind of KINDS) {
    await newContainer(kind)
    await WRITE[kind](NOW, 0, RECORDS)
    const clean = read(kind)
    await clean.next('caught-up')
    const before = proxy.struck
    plan()
    const recorder = read(kind, proxy.port)
    await untilCaughtUp(recorder)
    const places = recorder.messages.map(({ at }) => at)
    expect(clean.text.length, kind).toBeGreaterThan(50_000)
    expect(recorder.text, kind).toBe(clean.text)
    expect(new Set(places).size, kind).toBe(places.length)
    expect(recorder.messages.map(endsItsLine), kind).toEqual(clean.messages.map(endsItsLine))
    expect(proxy.struck, kind).toBeGreaterThan(before)
    expect(
      recorder.states.map(({ state }) => state),
      kind,
    ).toContain('cut-off')
  }
}

/** A line that is torn is two that cannot be read, although their text is the same. */
function endsItsLine({ bytes }: RawMessage): boolean {
  return bytes.at(-1) === 0x0a
}

async function newContainer(kind: Kind): Promise<void> {
  await blobs.container.delete()
  blobs.container = blobs.azurite.service.getContainerClient(`${kind}-${randomUUID()}`)
  await blobs.container.create()
}

/** Moves the clock as long as the source waits to try again. */
async function untilCaughtUp(recorder: Recorder): Promise<void> {
  for (let seen = 0; ; ) {
    await recorder.until(({ states }) => states.slice(seen).some(({ state }) => state !== 'lagging'))
    if (recorder.states.slice(seen).some(({ state }) => state === 'caught-up')) return
    seen = recorder.states.length
    blobs.clock.advance(60_000)
  }
}

/** The body of a blob, and not a listing. */
const BODY = /^GET [^?]*(?:json|log|avro|gz)(?:\?|$)/

function error(code: string): string {
  return `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>no</Message></Error>`
}

function refusal(status: number, code: string, more: Readonly<Record<string, string>> = {}) {
  return {
    status,
    headers: { 'x-ms-error-code': code, 'content-type': 'application/xml', ...more },
    body: error(code),
  }
}

/** An aggregator over this container, which looks at it ten times a second; a source for each kind, named by it. */
function aggregator(kinds: readonly Kind[] = ['append']): Promise<TestAggregator> {
  const auth = { kind: 'emulator', connectionString: blobs.azurite.connectionString }
  const often = { pollEvery: '100ms', recheckEvery: '300ms', discoverEvery: '300ms' }
  const { containerName: container } = blobs.container
  const sources = kinds.map((kind) => {
    const containers = [{ container, kind, prefixes: [BELOW[kind]], ...patternOf(kind) }]
    return { type: 'blobs', name: kind, auth, containers, ...often }
  })
  return TestAggregator.start(sources)
}

function booksOf({ read, normalized, duplicates, quarantined }: Source): object {
  return { read, normalized, duplicates, quarantined }
}

async function booksFor(text: string, read: number): Promise<object> {
  await blobs.append(nameAt(Date.now()), text)
  const weir = await aggregator()
  const source = await weir.until(`${read} records are read`, 'append', (each) => each.read >= read)
  await weir.stop()
  return booksOf(source)
}

test('a blob that is refused by itself is told by name, with the remedy; the others are read', async () => {
  await newContainer('append')
  await WRITE.append(NOW, 0, 10)
  const other = nameAt(NOW, `${BELOW.append}OTHER/`)
  await blobs.append(other, lines(10, 20))
  proxy.plan(1, refusal(403, 'AuthorizationPermissionMismatch'), /OTHER.*h(?:=|%3D)10.*json/)
  const recorder = read('append', proxy.port)
  const { reason } = await recorder.next('cut-off')
  expect(reason).toContain('Storage Blob Data Reader')
  expect(reason).toContain(`(${other})`)
  expect(recorder.text).toBe(lines(0, 10))
  // It alone is asked for again, without another listing of all days, until it can be read or its hour is over.
  proxy.plan(2, refusal(403, 'AuthorizationPermissionMismatch'), /OTHER.*h(?:=|%3D)10.*json/)
  await blobs.requests()
  for (let tries = 0; tries < 3; tries++) {
    const told = recorder.next(tries < 2 ? 'cut-off' : 'caught-up')
    blobs.clock.advance(60_000)
    await told
  }
  expect((await blobs.requests()).filter((line) => line.includes('comp=list'))).toEqual([])
  expect(recorder.text).toBe(lines(0, 20))
})

testFaults('a source of blobs', {
  'first run': async () => {
    const books = await booksFor(lines(0, 100), 100)
    expect(books).toEqual({ read: 100, normalized: 100, duplicates: 0, quarantined: 0 })
  },
  restart: async () => {
    await blobs.append(nameAt(Date.now()), lines(0, 100))
    const weir = await aggregator()
    await weir.until('the blob is read', 'append', ({ read }) => read >= 100)
    await weir.killAndRestart()
    await blobs.append(nameAt(Date.now()), lines(100, 150))
    const source = await weir.until('the rest is read', 'append', ({ read }) => read >= 150)
    await weir.stop()
    expect(booksOf(source)).toEqual({ read: 150, normalized: 150, duplicates: 0, quarantined: 0 })
  },
  'kill -9': async () => {
    const records = 30_000
    // Other ones in each, for the line drops a repeat whichever source it comes from.
    for (const [n, kind] of KINDS.entries()) await WRITE[kind](Date.now(), n * records, (n + 1) * records)
    const weir = await aggregator(KINDS)
    for (const share of [0.1, 0.5])
      for (const kind of ['append', 'capture']) {
        await weir.until('some is read', kind, ({ read }) => read >= share * records)
        await weir.killAndRestart()
      }
    const books = { read: records, normalized: records, duplicates: 0, quarantined: 0 }
    for (const kind of KINDS) {
      const source = await weir.until('all is read', kind, ({ read }) => read >= records)
      expect(booksOf(source), kind).toEqual(books)
    }
    await weir.stop()
  },
  'token expired': () => survives(() => proxy.plan(4, refusal(403, 'AuthenticationFailed'))),
  throttled: async () => {
    proxy.plan(1, refusal(429, 'TooManyRequests', { 'retry-after': '30' }))
    const recorder = read('append', proxy.port)
    await recorder.next('cut-off')
    blobs.clock.advance(29_000)
    await blobs.container.getProperties()
    expect(recorder.states.map(({ state }) => state)).toEqual(['cut-off'])
    blobs.clock.advance(1_000)
    await recorder.next('caught-up')
    await survives(() => {
      proxy.plan(4, refusal(503, 'ServerBusy', { 'retry-after': '1' }))
      proxy.plan(3, refusal(429, 'TooManyRequests', { 'retry-after': '1' }), BODY)
    })
  },
  'network cut mid-page': () =>
    survives(() => {
      proxy.plan(2, { cutAfter: 100 }, /comp=list/)
      // After some requests that succeed, and oftener than the SDK tries by itself.
      proxy.plan(9, { cutAfter: 4_000 }, BODY, 3)
    }),
  'truncated body': () => survives(() => proxy.plan(3, { shortenTo: 4_000 }, BODY, 2)),
  'clock skew': async () => {
    await blobs.append(nameAt(Date.now()), `${record(0, '2099-01-01T00:00:00Z')}\n${lines(1, 3)}`)
    const weir = await aggregator()
    const { partitions } = await weir.until('all is read', 'append', ({ read }) => read >= 3)
    await weir.stop()
    expect(Date.parse(partitions[0]!.clock!)).toBeLessThan(Date.parse('2098-01-01T00:00:00Z'))
  },
  duplicates: async () => {
    const books = await booksFor(lines(0, 10) + lines(0, 10), 20)
    expect(books).toEqual({ read: 20, normalized: 10, duplicates: 10, quarantined: 0 })
  },
  'poison record': async () => {
    const books = await booksFor(`${lines(0, 5)}no record at all\n${lines(5, 10)}`, 11)
    expect(books).toEqual({ read: 11, normalized: 10, duplicates: 0, quarantined: 1 })
  },
})
