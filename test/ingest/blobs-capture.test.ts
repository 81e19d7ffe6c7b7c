import { expect, test } from 'vitest'
import { BlobReads, BOUNDS, HOUR, NOW } from './blob-reads.ts'
import { type Captured, captureFile } from './capture-file.ts'
import type { Recorder } from './recorder.ts'

const blobs = new BlobReads()

function captureName(time: number, hub = 'ns/hub/0'): string {
  const [day, clock] = new Date(time).toISOString().split('T') as [string, string]
  return `${hub}/${day.replaceAll('-', '/')}/${clock.slice(0, 8).replaceAll(':', '/')}.avro`
}

function events(from: number, to: number): Captured[] {
  return Array.from({ length: to - from }, (_, i) => ({
    sequence: from + i,
    enqueued: '3/4/2026 10:02:03 AM',
    body: `{"n":${from + i}}`,
  }))
}

function bodies(recorder: Recorder): string[] {
  return recorder.messages.map(({ bytes }) => Buffer.from(bytes).toString())
}

test.each(['null', 'deflate'])('each captured message comes as it was, with the codec %s', async (codec) => {
  const name = captureName(NOW)
  const odd = [
    { sequence: 7, enqueued: '12/31/2025 11:59:58 PM', body: '{"records":[{"a":1},{"a":2}]}' },
    { sequence: 8, enqueued: '2026-03-04T10:00:01.5Z', body: null },
    { sequence: 9, enqueued: '2026-03-04T10:00:01.5Z', body: new Uint8Array([0x1f, 0x8b]) },
    { sequence: 10, enqueued: 'no time at all', body: '{}' },
  ]
  await blobs.upload(name, await captureFile(odd, { codec }))
  const recorder = blobs.read({ kind: 'capture' })
  await recorder.next('caught-up')
  const written = (await blobs.container.getBlobClient(name).getProperties()).lastModified!.getTime()
  expect(recorder.messages).toEqual([
    {
      bytes: Buffer.from(odd[0]!.body as string),
      at: `${name}@7`,
      arrival: Date.parse('2025-12-31T23:59:58Z'),
    },
    { bytes: Buffer.from([0x1f, 0x8b]), at: `${name}@9`, arrival: Date.parse('2026-03-04T10:00:01.500Z') },
    { bytes: Buffer.from('{}'), at: `${name}@10`, arrival: written },
  ])
})

test('files of many blocks come once each and in order, in requests smaller than a block too', async () => {
  await blobs.upload(captureName(NOW), await captureFile(events(0, 3_000), { blockSize: 5_000 }))
  const recorder = blobs.read({ kind: 'capture', bounds: { chunkBytes: 1_000 } })
  await recorder.next('caught-up')
  await blobs.upload(captureName(NOW + 60_000), await captureFile(events(3_000, 3_100)))
  await blobs.poll(recorder)
  await blobs.poll(recorder)
  expect(bodies(recorder)).toEqual(events(0, 3_100).map(({ body }) => body))
  expect(recorder.batches.filter(({ messages }) => messages.length > 0).length).toBeGreaterThan(10)
})

test('an empty file is looked at once, also over a restart', async () => {
  await blobs.upload(captureName(NOW), await captureFile([]))
  const first = blobs.read({ kind: 'capture' })
  await first.next('caught-up')
  await first.stop()
  await blobs.gets()
  const second = blobs.read({ kind: 'capture', cursors: first.cursors })
  await second.next('caught-up')
  expect(second.messages).toEqual([])
  expect(
    (await blobs.gets()).filter((line) => /\.avro[? ]/.test(line) && !line.includes('comp=list')),
  ).toEqual([])
})

test('what was committed of a file is not read again after a restart', async () => {
  await blobs.upload(captureName(NOW), await captureFile(events(0, 500), { blockSize: 1_000 }))
  const first = blobs.read({ kind: 'capture', bounds: { bytesInFlightMax: 3_000 } })
  first.hold()
  await first.until(({ batches }) => batches.length >= 3)
  // Commits what came until now, and no more.
  const committed = first.cursors
  first.release()
  first.hold()
  const before = first.batches.length
  await first.stop()
  const second = blobs.read({ kind: 'capture', cursors: committed })
  await second.next('caught-up')
  const known = first.batches.slice(0, before).flatMap(({ messages }) => messages).length
  expect(known).toBeGreaterThan(0)
  expect(bodies(second)).toEqual(events(known, 500).map(({ body }) => body))
})

test('a damaged block is set aside as it is, once; those around it are read', async () => {
  const name = captureName(NOW)
  const file = await captureFile(events(0, 300), { blockSize: 2_000 })
  const at = file.indexOf('{"n":150}') - 3
  // A record whose text says to be longer than the block.
  file.fill(0x7f, at, at + 4)
  await blobs.upload(name, file)
  const recorder = blobs.read({ kind: 'capture' })
  await recorder.next('caught-up')
  await blobs.poll(recorder)
  const [bad, ...more] = recorder.messages.filter(({ format }) => format !== undefined)
  expect(more).toEqual([])
  expect(bad!.format?.kind).toBe('unreadable')
  expect(file.includes(Buffer.from(bad!.bytes))).toBe(true)
  expect(Buffer.from(bad!.bytes).includes(file.subarray(at, at + 20))).toBe(true)
  const read = recorder.messages.filter(({ format }) => format === undefined).length
  const lost = Buffer.from(bad!.bytes)
    .toString('latin1')
    .match(/\{"n":\d+|\x7f{4}/g)!.length
  expect(read).toBeGreaterThan(200)
  expect(Math.abs(read + lost - 300)).toBeLessThanOrEqual(1)
  expect(await blobs.count('blob_damaged')).toBe(1)
})

test.each([
  ['no Avro at all', Buffer.from('{"records":[]}\n'.repeat(500))],
  ['a head that is cut', Buffer.from('Obj\u0001\u0002')],
])('%s is set aside whole when nothing more is to come, and not looked at again', async (_, bytes) => {
  await blobs.upload(captureName(NOW), bytes)
  const recorder = blobs.read({ kind: 'capture', bounds: { chunkBytes: 1_000 } })
  await recorder.next('caught-up')
  await blobs.poll(recorder, 4 * HOUR)
  await blobs.poll(recorder, BOUNDS.recheckMs)
  await blobs.poll(recorder, BOUNDS.recheckMs)
  const all = Buffer.concat(recorder.messages.map((message) => Buffer.from(message.bytes)))
  expect(all).toEqual(bytes)
  expect(new Set(recorder.messages.map(({ format }) => format?.kind))).toEqual(new Set(['unreadable']))
})

test('a codec that Capture does not use is set aside with its name', async () => {
  const file = await captureFile(events(0, 3))
  const at = file.indexOf('avro.codec') + 'avro.codec'.length + 1
  file.write('zstd', at)
  await blobs.upload(captureName(NOW), file)
  const recorder = blobs.read({ kind: 'capture' })
  await recorder.next('caught-up')
  expect(recorder.messages.map(({ format }) => format)).toEqual([
    { kind: 'unreadable', reason: 'Avro codec zstd is not null or deflate' },
  ])
})

test('a file that ends within a block waits for the rest, and is set aside when its hour is long past', async () => {
  const whole = await captureFile(events(0, 300), { blockSize: 2_000 })
  const [late, never] = [captureName(NOW), captureName(NOW, 'ns/hub/1')]
  for (const name of [late, never]) await blobs.upload(name, whole.subarray(0, whole.length - 700))
  const recorder = blobs.read({ kind: 'capture' })
  await recorder.next('caught-up')
  const before = recorder.messages.length
  await blobs.untilSecondPasses()
  await blobs.container.getBlockBlobClient(late).upload(whole, whole.length)
  await blobs.poll(recorder)
  await blobs.poll(recorder, 4 * HOUR)
  await blobs.poll(recorder, HOUR)
  const of = (name: string) => recorder.messages.filter(({ at }) => at.startsWith(name))
  expect(before).toBeGreaterThan(400)
  expect(new Set(of(late).map(({ at }) => at)).size).toBe(300)
  expect(of(never).filter(({ format }) => format !== undefined).length).toBe(1)
  expect(of(never).at(-1)!.format).toMatchObject({ reason: 'the Avro file ends within a block' })
})

test('a pattern of your own: the date before the partition', async () => {
  const name = 'hub/2026/03/04/3/10_02.avro'
  await blobs.upload(name, await captureFile(events(0, 2)))
  await blobs.upload('hub/2026/03/04/3/05_59.avro', await captureFile(events(5, 6)))
  const pattern = '{EventHub}/{Year}/{Month}/{Day}/{PartitionId}/{Hour}_{Minute}'
  const recorder = blobs.read({ kind: 'capture', pattern })
  await recorder.next('caught-up')
  expect(recorder.messages.map(({ at }) => at)).toEqual([`${name}@0`, `${name}@1`])
})

test('the dataset that a container names goes with each message', async () => {
  await blobs.upload(captureName(NOW), await captureFile(events(0, 2)))
  const recorder = blobs.read({ kind: 'capture', dataset: 'o365.audit' })
  await recorder.next('caught-up')
  expect(recorder.messages.map(({ dataset }) => dataset)).toEqual(['o365.audit', 'o365.audit'])
})
