import { mkdirSync, mkdtempSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { constants, gzipSync, zstdCompressSync } from 'node:zlib'
import type { RawBatch, SourceSignal } from '@weir/model'
import { systemClock, WeirError } from '@weir/runtime'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FILE_BOUNDS, type FileBounds, fileMessages, fileSource } from '../src/index.ts'

const SMALL: FileBounds = { ...FILE_BOUNDS, chunkBytes: 100, lineBytesMax: 1_000, documentBytesMax: 5_000 }
const deps = { clock: systemClock, stdin: Readable.from([]) }
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-files-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, content)
  return path
}

async function pieces(path: string, bounds: FileBounds = SMALL): Promise<[string, string][]> {
  const found: [string, string][] = []
  for await (const { at, bytes } of fileMessages(path, deps, bounds))
    found.push([at, Buffer.from(bytes).toString()])
  return found
}

const LINES = Array.from({ length: 5_000 }, (_, n) => `{"n":${n}}\n`).join('')
const PRETTY = JSON.stringify({ Records: [{ a: 1 }, { b: { c: [1, 2, 3] } }] }, null, 2)

test.each([
  ['plain', Buffer.from(LINES)],
  ['gzip', gzipSync(LINES)],
  ['gzip in two members', Buffer.concat([gzipSync(LINES.slice(0, 99)), gzipSync(LINES.slice(99))])],
  ['zstd', zstdCompressSync(LINES)],
  [
    'zstd in two frames',
    Buffer.concat([zstdCompressSync(LINES.slice(0, 99)), zstdCompressSync(LINES.slice(99))]),
  ],
])('lines are cut at newlines, every byte once, at its offset: %s', async (_, content) => {
  const found = await pieces(write('any-name', content))
  expect(found.map(([, text]) => text).join('')).toBe(LINES)
  let offset = 0
  for (const [at, text] of found) {
    expect([at, text.at(-1)]).toEqual([String(offset), '\n'])
    offset += text.length
  }
})

const padded = (text: string): string => text.repeat(Math.ceil(300 / text.length))

test.each([
  ['a pretty-printed document', `${PRETTY}${' '.repeat(300)}`, 1],
  ['a document in one line', `{"records":[${padded('{"a":1},')}{"a":2}]}`, 1],
  ['an array with a record a line', `[\n${padded('{"a":1},\n')}{"a":2}\n]\n`, 1],
  ['records a line', padded('{"a":1}\n'), 4],
  ['records a line, the first of them broken', `{"a":\n${padded('{"a":1}\n')}`, 4],
  ['arrays a line', padded('[{"a":1}]\n'), 3],
  ['text that is no JSON', padded('2;GET;ok\n'), 4],
  ['blank lines before records', `\n\n${padded('{"a":1}\n')}`, 4],
])('%s: one message, or several', async (_, content, atLeast) => {
  const path = write('file', content)
  // Read in small steps, as from a slow disk, so that every cut can show.
  const steps = Readable.from(content.match(/[\s\S]{1,50}/g)!.map((part) => Buffer.from(part)))
  const found: string[] = []
  for await (const { bytes } of fileMessages('-', { ...deps, stdin: steps }, SMALL))
    found.push(Buffer.from(bytes).toString())
  expect(found.join('')).toBe(content)
  if (atLeast === 1) expect(found).toHaveLength(1)
  else expect(found.length).toBeGreaterThanOrEqual(atLeast - 1)
  expect((await pieces(path)).map(([, text]) => text).join('')).toBe(content)
})

test('a line without end is cut at its bound instead of filling memory', async () => {
  const content = `{"a":1}\n${'x'.repeat(3_500)}\n{"a":2}\n`
  const steps = Readable.from(content.match(/[\s\S]{1,50}/g)!.map((part) => Buffer.from(part)))
  const sizes: number[] = []
  for await (const { bytes } of fileMessages('-', { ...deps, stdin: steps }, SMALL)) sizes.push(bytes.length)
  expect(Math.max(...sizes)).toBeLessThanOrEqual(SMALL.lineBytesMax + 50)
  expect(sizes.reduce((sum, each) => sum + each)).toBe(content.length)
})

test('a document beyond its bound is refused with a remedy', async () => {
  const path = write('big.json', `{"records":[${'{"a":1},'.repeat(1_000)}{"a":2}]}`)
  const error = await pieces(path).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(WeirError)
  expect(String(error)).toMatch(/one JSON document of more than .*one record a line/)
})

const cutShort = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.length - 20)
const damaged = (bytes: Buffer): Buffer =>
  Buffer.concat([bytes.subarray(0, 40), Buffer.alloc(40, 7), bytes.subarray(80)])
const CHECKED = { params: { [constants.ZSTD_c_checksumFlag]: 1 } }
const trailed = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.from('what is this')])

test.each([
  ['gzip, cut short', cutShort(gzipSync(LINES))],
  ['gzip, damaged', damaged(gzipSync(LINES))],
  ['zstd, cut short', cutShort(zstdCompressSync(LINES))],
  // Without a checksum, which is a matter of who compressed it, nobody can see damage within.
  ['zstd with a checksum, damaged', damaged(zstdCompressSync(LINES, CHECKED))],
  ['zstd, with something behind it', trailed(zstdCompressSync(LINES))],
])('a compressed file that is broken is refused with its name: %s', async (_, content) => {
  await expect(pieces(write('broken', content))).rejects.toThrow(/cannot read .*broken/)
})

test('the time of arrival is that of the last change', async () => {
  const path = write('one', '{"a":1}\n')
  utimesSync(path, 1_700_000_000, 1_700_000_000)
  for await (const { arrival } of fileMessages(path, deps)) expect(arrival).toBe(1_700_000_000_000)
})

test('reading again ends with who asked for it, however far into a file its place is', async () => {
  const path = write('large', LINES)
  const over = new AbortController()
  const source = fileSource({ ...SMALL, name: 'files', inputs: [path] }, deps)
  const places = [0, LINES.length - 1].map((at) => ({ partition: path, at: String(at) }))
  const found = source.refetch!(over.signal)(places)[Symbol.asyncIterator]()
  expect((await found.next()).value).toMatchObject({ at: '0' })
  over.abort()
  await expect(found.next()).rejects.toThrow('aborted')
})

async function run(inputs: string[], cursors = new Map<string, string>()): Promise<SourceSignal[]> {
  const signals: SourceSignal[] = []
  const deliver = async (signal: SourceSignal): Promise<void> => {
    signals.push(signal)
    if (signal.kind === 'batch') signal.committed?.()
  }
  const source = fileSource({ ...SMALL, name: 'files', inputs }, deps)
  await source.run({ cursors, deliver, signal: new AbortController().signal })
  return signals
}

const batchesOf = (signals: SourceSignal[]): RawBatch[] => signals.filter((each) => each.kind === 'batch')

test('folders are read file by file in order of their paths, hidden files left out; empty files are no trouble', async () => {
  write('b/2.json', '{"n":3}\n')
  write('b/1.json', '{"n":2}\n')
  write('a.json', '{"n":1}\n')
  write('.hidden', '{"n":0}\n')
  write('c-empty', '')
  const signals = await run([folder])
  const text = batchesOf(signals).flatMap(({ messages }) =>
    messages.map(({ bytes }) => Buffer.from(bytes).toString()),
  )
  expect(text.join('')).toBe('{"n":1}\n{"n":2}\n{"n":3}\n')
  expect(signals[0]).toMatchObject({
    partitions: ['a.json', 'b/1.json', 'b/2.json', 'c-empty'].map((name) => join(folder, name)),
  })
  expect(signals.at(-1)).toMatchObject({ state: 'caught-up', partition: join(folder, 'c-empty') })
})

test('a file that grew is read from where it was left', async () => {
  const path = write('grows', '{"n":1}\n')
  const [batch] = batchesOf(await run([path]))
  const cursors = new Map(batch!.cursors.map(({ key, value }) => [key, value]))
  expect(batchesOf(await run([path], cursors))).toEqual([])
  write('grows', '{"n":1}\n{"n":2}\n')
  const again = batchesOf(await run([path], cursors)).flatMap(({ messages }) => messages)
  expect(again.map(({ at, bytes }) => [at, Buffer.from(bytes).toString()])).toEqual([['8', '{"n":2}\n']])
})

test('what cannot be read rejects with its path', async () => {
  await expect(run([join(folder, 'nowhere')])).rejects.toThrow(/cannot read .*nowhere/)
  truncateSync(write('fine', 'x'), 0)
  await expect(run([join(folder, 'fine')])).resolves.toBeDefined()
})
