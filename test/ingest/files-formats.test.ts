import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { FILE_BOUNDS, fileMessages, fileSource } from '@weir/ingest'
import type { RawMessage } from '@weir/model'
import { unwrap } from '@weir/normalize'
import { systemClock } from '@weir/runtime'
import { afterAll, expect, test } from 'vitest'
import { captureFile } from './capture-file.ts'
import { Recorder } from './recorder.ts'

const folder = mkdtempSync(join(tmpdir(), 'weir-file-formats-'))
const deps = { clock: systemClock, stdin: Readable.from([]) }
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function messagesOf(name: string, bytes: Uint8Array | string): Promise<RawMessage[]> {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  const messages: RawMessage[] = []
  for await (const message of fileMessages(path, deps, { ...FILE_BOUNDS, chunkBytes: 1_000 }))
    messages.push(message)
  return messages
}

/** Records that the line would see, and why others are set aside. */
async function read(name: string, bytes: Uint8Array | string): Promise<[unknown[], string[]]> {
  const unwrapped = (await messagesOf(name, bytes)).map((message) => unwrap(message.bytes, message.format))
  const records = unwrapped.flatMap((each) => each.records)
  return [records, unwrapped.flatMap((each) => each.quarantined.map(({ reason }) => reason))]
}

const EVENTS = Array.from({ length: 200 }, (_, n) => ({
  sequence: n,
  enqueued: '3/4/2026 10:02:03 AM',
  body: `{"records":[{"n":${n}}]}`,
}))
const RECORDS = EVENTS.map((_, n) => ({ n }))

test.each(['null', 'deflate'])('a file of Event Hubs Capture, codec %s, is its messages', async (codec) => {
  const file = await captureFile(EVENTS, { codec, blockSize: 2_000 })
  expect(await read('a.avro', file)).toEqual([RECORDS, []])
  expect(await read('b.avro.gz', gzipSync(file))).toEqual([RECORDS, []])
  const messages = await messagesOf('a.avro', file)
  expect(messages[7]!.arrival).toBe(Date.parse('2026-03-04T10:02:03Z'))
  expect(new Set(messages.map(({ at }) => at)).size).toBe(200)
})

test('a damaged block of it is set aside, and so is what is cut short', async () => {
  const file = await captureFile(EVENTS, { blockSize: 2_000 })
  const at = file.indexOf('"n":100}') - 15
  const damaged = Buffer.from(file)
  damaged.fill(0x7f, at, at + 4)
  const [some, [reason, ...more]] = await read('bad.avro', damaged)
  expect([some.length > 100, some.length < 200, reason, more]).toEqual([true, true, expect.any(String), []])
  const [most, why] = await read('cut.avro', file.subarray(0, -500))
  expect([most.length > 100, why]).toEqual([true, ['the Avro file is cut short']])
})

test('rows of a CSV file take the names of its header, compressed or not', async () => {
  const rows = Array.from({ length: 300 }, (_, n) => `${n},"x\n,${n}"\n`).join('')
  const expected = Array.from({ length: 300 }, (_, n) => ({ id: String(n), note: `x\n,${n}` }))
  expect(await read('a.csv', `id,note\n${rows}`)).toEqual([expected, []])
  expect(await read('b.csv.gz', gzipSync(`id,note\n${rows}`))).toEqual([expected, []])
})

test('a log of Storage Analytics is told by how it begins', async () => {
  const row =
    '1.0;2026-03-04T10:00:00Z;GetBlob;Success;200;1;1;anonymous;;a;blob;"u";"/a/x";id;0;192.0.2.1:5;v;1;1;1;1;1;;;;;;"agent";;'
  const [records, reasons] = await read('000000.log', `${row}\n`.repeat(100))
  expect([records.length, reasons]).toEqual([100, []])
  expect(records[0]).toMatchObject({ category: 'StorageRead', callerIpAddress: '192.0.2.1:5' })
})

test('a source of such files goes on after a restart where it was', async () => {
  const path = join(folder, 'a.avro')
  writeFileSync(path, await captureFile(EVENTS, { blockSize: 2_000 }))
  const source = () =>
    fileSource({ ...FILE_BOUNDS, name: 'files', inputs: [path], bytesInFlightMax: 500 }, deps)
  const first = new Recorder()
  first.start(source())
  await first.until(({ messages }) => messages.length >= 50)
  first.hold()
  const known = first.messages.length
  const cursors = new Map(first.cursors)
  await first.stop()
  const second = new Recorder(cursors).start(source())
  await second.ended
  expect(known + second.messages.length).toBe(200)
  expect(Buffer.from(second.messages.at(-1)!.bytes).toString()).toBe(EVENTS.at(-1)!.body)
})
