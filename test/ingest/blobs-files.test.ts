import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { BlobReads, BOUNDS, HOUR, NOW, nameAt } from './blob-reads.ts'
import type { Recorder } from './recorder.ts'

const blobs = new BlobReads()

function lines(from: number, to: number): string {
  return Array.from({ length: to - from }, (_, n) => `{"n":${from + n}}\n`).join('')
}

/** Azurite writes blobs now, whatever the sources' clock says: that one is set to it. */
async function files(more: Parameters<BlobReads['read']>[0] = {}): Promise<Recorder> {
  blobs.clock.advance(Date.now() - blobs.clock.now())
  const recorder = blobs.read({ kind: 'files', ...more })
  await recorder.next('caught-up')
  return recorder
}

const packings = [
  ['plain', '', (text: string) => Buffer.from(text)],
  ['gzip', '.gz', (text: string) => gzipSync(text)],
  ['gzip under another name', '', (text: string) => gzipSync(text)],
  ['zstd', '.zst', (text: string) => zstdCompressSync(text)],
  ['two frames of zstd', '.zst', (text: string) => twice(zstdCompressSync, text)],
  ['two members of gzip', '.gz', (text: string) => twice(gzipSync, text)],
] as const

function twice(pack: (text: string) => Buffer, text: string): Buffer {
  const half = text.length >> 1
  return Buffer.concat([pack(text.slice(0, half)), pack(text.slice(half))])
}

describe.each(packings)('%s', (_, ending, pack) => {
  test('lines come once each, in pieces, with their place', async () => {
    const text = lines(0, 2_000)
    await blobs.upload(`app/day one.json${ending}`, pack(text))
    const recorder = await files({ bounds: { chunkBytes: 3_000 } })
    await blobs.poll(recorder)
    expect(recorder.text).toBe(text)
    expect(recorder.messages.length).toBeGreaterThan(1)
    for (const { bytes, at } of recorder.messages) {
      const offset = Number(at.slice(at.lastIndexOf('@') + 1))
      expect(text.slice(offset, offset + bytes.length)).toBe(Buffer.from(bytes).toString())
    }
  })

  test('a document comes whole', async () => {
    const text = JSON.stringify({ records: Array.from({ length: 400 }, (_, n) => ({ n })) }, undefined, 1)
    await blobs.upload(`app/document.json${ending}`, pack(text))
    const recorder = await files({ bounds: { chunkBytes: 1_000 } })
    await blobs.poll(recorder)
    expect(recorder.messages.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual([text])
  })

  test('rows of a CSV come with the columns of its header, line ends within quotes and all', async () => {
    const row = (n: number) => `${n},"a, ""${n}""\nb",\n`
    const rows = Array.from({ length: 500 }, (_, n) => row(n)).join('')
    await blobs.upload(`app/table.csv${ending}`, pack(`\ufeffid,"the note",last\r\n${rows}`))
    const recorder = await files({ bounds: { chunkBytes: 1_500 } })
    await blobs.poll(recorder)
    expect(recorder.text).toBe(rows)
    const columns = ['id', 'the note', 'last']
    for (const { format, bytes } of recorder.messages) {
      expect(format).toEqual({ kind: 'csv', columns })
      expect(Buffer.from(bytes).toString()).toMatch(/^\d+,"a, .*b",\n$/s)
    }
  })

  test('after a restart in its midst the rest comes, and no more', async () => {
    const text = lines(0, 3_000)
    await blobs.upload(`app/a.json${ending}`, pack(text))
    blobs.clock.advance(Date.now() - blobs.clock.now())
    const bounds = { chunkBytes: 3_000, bytesInFlightMax: 9_000 }
    const first = blobs.read({ kind: 'files', bounds })
    await first.until(({ batches }) => batches.some(({ messages }) => messages.length > 0))
    first.hold()
    const { cursors, text: known } = first
    await first.until(({ text: now }) => now.length > known.length)
    await first.stop()
    const second = blobs.read({ kind: 'files', bounds, cursors })
    await second.next('caught-up')
    expect(known.length).toBeGreaterThan(0)
    expect(known + second.text).toBe(text)
  })
})

test('a file that is appended to is read on from where it was, the header of a CSV remembered', async () => {
  await blobs.append('a.csv', 'id,note\n1,x\n')
  await blobs.append('b.log', '{"n":1}\n{"n"')
  const first = await files()
  await first.stop()
  await blobs.append('a.csv', '2,"y\n')
  await blobs.append('b.log', ':2}\n')
  const second = await files({ cursors: first.cursors })
  await blobs.append('a.csv', 'z"\n')
  await blobs.poll(second)
  expect(first.messages.map(({ at }) => at).sort()).toEqual(['a.csv@8', 'b.log@0'])
  const of = (name: string) => second.messages.filter(({ at }) => at.startsWith(name))
  expect(of('a.csv').map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(['2,"y\nz"\n'])
  expect(of('a.csv')[0]!.format).toEqual({ kind: 'csv', columns: ['id', 'note'] })
  expect(of('b.log').map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(['{"n":2}\n'])
})

test('the last line of a file that was uploaded whole needs no line end', async () => {
  await blobs.upload('a.json', '{"n":1}\n{"n":2}')
  const recorder = await files()
  expect(recorder.text).toBe('{"n":1}\n{"n":2}')
})

test.each(['a.json', 'a.json.gz'])(
  'a document that is too large is told once, and what is beside it is read: %s',
  async (name) => {
    const text = JSON.stringify({ pad: 'x'.repeat(2_000) }, undefined, 1)
    await blobs.upload(name, name.endsWith('gz') ? gzipSync(text) : text)
    await blobs.upload('b.json', lines(0, 1))
    const bounds = { chunkBytes: 500, documentBytesMax: 1_000 }
    const first = await files({ bounds })
    await blobs.poll(first)
    await first.stop()
    const second = await files({ bounds, cursors: first.cursors })
    const told = [...first.batches, ...second.batches].flatMap(({ notice }) => notice ?? [])
    const detail = expect.stringMatching(
      `^${blobs.container.containerName}/${name}: .*of more than 1000 bytes`,
    )
    expect(told).toEqual([{ code: 'object-unread', detail }])
    expect([first.text, second.text]).toEqual([lines(0, 1), ''])
  },
)

test('a document is read again when it was rewritten, and that is said', async () => {
  await blobs.upload('a.json', '[{"n":1}]')
  const recorder = await files()
  await blobs.upload('a.json', '[{"n":1},{"n":2}]')
  await blobs.poll(recorder)
  await blobs.poll(recorder)
  expect(recorder.text).toBe('[{"n":1}][{"n":1},{"n":2}]')
  expect(await blobs.count('blob_rewritten')).toBe(1)
})

test.each([
  ['damaged gzip', '.gz', gzipSync],
  ['damaged zstd', '.zst', zstdCompressSync],
] as const)('%s: what can be unpacked is read, the rest set aside, once', async (_, ending, pack) => {
  const packed = pack(Buffer.from(lines(0, 40_000)))
  await blobs.upload(`a.json${ending}`, packed.subarray(0, packed.length >> 1))
  await blobs.upload('b.json', lines(0, 1))
  const recorder = await files({ bounds: { chunkBytes: 4_000 } })
  await blobs.poll(recorder)
  const bad = recorder.messages.filter(({ format }) => format !== undefined)
  expect(bad.map(({ format }) => format)).toEqual([
    { kind: 'unreadable', reason: expect.stringMatching(/^cannot be unpacked: /) },
  ])
  expect(packed.includes(Buffer.from(bad[0]!.bytes))).toBe(true)
  expect(recorder.messages.some(({ at }) => at === 'b.json@0')).toBe(true)
  expect(recorder.text.length).toBeGreaterThan(10_000)
  expect(await blobs.count('blob_damaged')).toBe(1)
})

test('files below the prefixes alone, none from before the first run, and any that is written later', async () => {
  await blobs.upload('a/1.json', '{"n":1}\n')
  await blobs.upload('b/1.json', '{"n":2}\n')
  blobs.clock.advance(Date.now() + 10 * HOUR - blobs.clock.now())
  const recorder = blobs.read({ kind: 'files', prefixes: ['a/'], bounds: { hoursFirst: 2 } })
  await recorder.next('caught-up')
  expect(recorder.text).toBe('')
  const earlier = await files({ prefixes: ['a/', 'c'] })
  await blobs.upload('c1/x.json', '{"n":3}\n')
  await blobs.poll(earlier)
  expect(earlier.text).toBe('{"n":1}\n{"n":3}\n')
})

test('the cursor of a file that is gone is forgotten', async () => {
  await blobs.upload('a.json', '{"n":1}\n')
  const recorder = await files()
  const key = `${blobs.container.containerName}/a.json`
  expect(recorder.cursors.has(key)).toBe(true)
  await blobs.container.deleteBlob('a.json')
  await blobs.poll(recorder)
  expect(recorder.cursors.has(key)).toBe(false)
})

test('more files than can be remembered: those found are read, and it is said', async () => {
  for (let n = 0; n < 5; n++) await blobs.upload(`${n}.json`, `{"n":${n}}\n`)
  await files({ bounds: { filesMax: 3 } })
  expect(await blobs.count('files_bound')).toBe(1)
})

test('files with the date in their names are found by it, without listing the rest', async () => {
  await blobs.upload('app/2026/03/04/a.csv', 'id\n1\n')
  await blobs.upload('app/2026/03/01/a.csv', 'id\n2\n')
  await blobs.upload('app/other.csv', 'id\n3\n')
  const recorder = blobs.read({ kind: 'files', pattern: '{Year}/{Month}/{Day}/' })
  await recorder.next('caught-up')
  expect(recorder.text).toBe('1\n')
})

describe('Storage Analytics', () => {
  const row = (n: number) => `1.0;2026-03-04T10:00:00Z;GetBlob;Success;200;${n};"a &quot;b\nc"`

  test('rows come with their format, and are cut where a row ends', async () => {
    const text = Array.from({ length: 300 }, (_, n) => `${row(n)}\n`).join('')
    await blobs.upload('blob/2026/03/04/1000/000000.log', text)
    await blobs.upload('queue/2026/03/04/0900/000003.log', `${row(7)}\n`)
    await blobs.upload('blob/2026/03/04/0500/000000.log', `${row(8)}\n`)
    const recorder = blobs.read({ kind: 'storage-analytics', bounds: { chunkBytes: 1_000 } })
    await recorder.next('caught-up')
    await blobs.poll(recorder)
    const of = (service: string) => recorder.messages.filter(({ at }) => at.startsWith(service))
    expect(Buffer.concat(of('blob').map(({ bytes }) => bytes)).toString()).toBe(text)
    for (const { bytes, format } of recorder.messages) {
      expect(format).toEqual({ kind: 'storage-analytics' })
      expect(Buffer.from(bytes).toString()).toMatch(/^1\.0;.*c"\n$/s)
    }
    expect(of('queue').length).toBe(1)
  })
})

describe('a blob of lines in blocks', () => {
  const ids = ['one', 'two', 'three'].map((name) => Buffer.from(name.padEnd(8)).toString('base64'))

  async function commit(name: string, blocks: readonly string[]): Promise<void> {
    const blob = blobs.container.getBlockBlobClient(name)
    for (const [n, text] of blocks.entries()) await blob.stageBlock(ids[n]!, text, text.length)
    await blob.commitBlockList(ids.slice(0, blocks.length))
  }

  test('that grows is read on; that was rewritten in its midst is read anew, and that is said', async () => {
    await commit('a.json', ['{"n":1}\n', '{"n":2}\n'])
    const recorder = await files()
    await commit('a.json', ['{"n":1}\n', '{"n":2}\n', '{"n":3}\n'])
    await blobs.poll(recorder)
    expect(recorder.text).toBe('{"n":1}\n{"n":2}\n{"n":3}\n')
    expect(await blobs.count('blob_rewritten')).toBe(0)
    await commit('a.json', ['{"n":1}\n', '{"n":7}\n', '{"n":3}\n'])
    await blobs.poll(recorder)
    expect(recorder.text).toBe('{"n":1}\n{"n":2}\n{"n":3}\n{"n":1}\n{"n":7}\n{"n":3}\n')
    expect((await blobs.count('blob_rewritten')) + (await blobs.count('blob_recreated'))).toBe(1)
    await blobs.poll(recorder, BOUNDS.recheckMs)
    expect(recorder.messages.length).toBe(3)
  })
})

test('a blob of the same length, made anew within the second of its creation, is read anew', async () => {
  const name = nameAt(NOW)
  await blobs.append(name, '{"n":1}\n')
  const recorder = blobs.read()
  await recorder.next('caught-up')
  await blobs.container.deleteBlob(name)
  await blobs.append(name, '{"n":2}\n')
  // Creation times are told in whole seconds: as if both had been in one.
  await blobs.poll(recorder)
  expect(recorder.text).toBe('{"n":1}\n{"n":2}\n')
  expect((await blobs.count('blob_rewritten')) + (await blobs.count('blob_recreated'))).toBe(1)
})
