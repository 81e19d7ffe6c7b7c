import { execFile } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { createReport } from '@weir/runtime'
import { afterEach, expect, test } from 'vitest'
import { LIMITS } from '../src/limits.ts'
import { fileConfig } from '../src/outputs/file/config.ts'
import { createFileOutput } from '../src/outputs/file/send.ts'
import { messagesOf } from './messages.ts'

const folders: string[] = []

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

test('older files are the same files under another name, and nothing is lost or out of order between them', async () => {
  const { path, write, all } = open({ rotateBytes: '1B', keep: 5 })
  await write('a')
  const inode = statSync(path).ino
  await write('b')
  expect(statSync(`${path}.1`).ino).toBe(inode)
  await write('c')
  expect(statSync(`${path}.2`).ino).toBe(inode)
  expect(all()).toEqual(['a', 'b', 'c'])
})

test.each([
  ['gzip', 'gz'],
  ['zstd', 'zst'],
] as const)('older files are packed by %s, but for the youngest', async (compression, ending) => {
  const { path, write, all, names } = open({ rotateBytes: '1B', keep: 3, compression })
  for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) await write(id)
  expect(names()).toEqual(['x.ndjson', 'x.ndjson.1', `x.ndjson.2.${ending}`, `x.ndjson.3.${ending}`])
  expect(all()).toEqual(['c', 'd', 'e', 'f'])
  expect(statSync(`${path}.2.${ending}`).mode & 0o777).toBe(0o640)
})

test('what a crash left half packed, or packed and plain, is put right at the next turn', async () => {
  const { path, write, all, names } = open({ rotateBytes: '1B', keep: 4, compression: 'gzip' })
  for (const id of ['a', 'b', 'c']) await write(id)
  writeFileSync(`${path}.2`, gunzipSync(readFileSync(`${path}.2.gz`)))
  writeFileSync(`${path}.3.gz.part`, 'half')
  await write('d')
  expect(names().filter((name) => !name.endsWith('.part'))).toEqual([
    'x.ndjson',
    'x.ndjson.1',
    'x.ndjson.2.gz',
    'x.ndjson.3.gz',
  ])
  expect(all()).toEqual(['a', 'b', 'c', 'd'])
})

test('a rotation that was cut short costs no file', async () => {
  const { path, write, all } = open({ rotateBytes: '1B', keep: 3 })
  for (const id of ['a', 'b', 'c', 'd']) await write(id)
  // As if it had ended after the oldest was removed and one was moved.
  rmSync(`${path}.2`)
  await write('e')
  expect(all()).toEqual(['a', 'c', 'd', 'e'])
})

test('what cannot be packed is told, and holds no alert up', async () => {
  const { path, write, all, metrics } = open({ rotateBytes: '1B', keep: 4, compression: 'gzip' })
  mkdirSync(dirname(path), { recursive: true })
  mkdirSync(`${path}.2.gz.part`)
  for (const id of ['a', 'b', 'c']) await write(id)
  expect(all()).toEqual(['a', 'b', 'c'])
  expect(await metrics()).toContain('weir_file_not_packed_total{output="file"} 1')
})

const NOON = Date.parse('2026-03-01T12:00:00Z')
const DAY_MS = 86_400_000

test.each([
  ['the same day', NOON, NOON + DAY_MS / 2 - 1, false],
  ['the next day, a minute later', NOON + DAY_MS / 2 - 30_000, NOON + DAY_MS / 2 + 30_000, true],
  ['days later', NOON, NOON + 9 * DAY_MS, true],
])('a new file is begun by age: %s', async (_, before, now, begun) => {
  const { path, write, all } = open({ rotateEvery: '1d' }, () => now)
  await write('a')
  await utimes(path, before / 1000, before / 1000)
  await write('b')
  expect(existsSync(`${path}.1`)).toBe(begun)
  expect(all()).toEqual(['a', 'b'])
})

test('half a line of yesterday does not make yesterday today', async () => {
  const { path, write, all } = open({ rotateEvery: '1d' }, () => NOON)
  await write('a')
  writeFileSync(path, '{"half":', { flag: 'a' })
  await utimes(path, (NOON - DAY_MS) / 1000, (NOON - DAY_MS) / 1000)
  await write('b')
  expect(existsSync(`${path}.1`)).toBe(true)
  expect(all()).toEqual(['a', 'b'])
})

test.each([
  [undefined, 0o640],
  ['0600', 0o600],
  ['664', 0o664],
])('with mode %s a new file has these permissions, whatever the umask is', async (mode, permissions) => {
  const { path, write } = open({ ...(mode === undefined ? {} : { mode }) })
  const before = process.umask(0o077)
  await write('a').finally(() => process.umask(before))
  expect(statSync(path).mode & 0o777).toBe(permissions)
  chmodSync(path, 0o644)
  await write('b')
  expect(statSync(path).mode & 0o777).toBe(0o644)
})

test('on a disk that is full no half line stays, and everything is there once there is room', async () => {
  const { path, write, all } = open({})
  mkdirSync(dirname(path), { recursive: true })
  // 64 KB is all that a file of this process may have: the write that passes it is cut short by the kernel.
  const script = fileURLToPath(new URL('write-file.ts', import.meta.url))
  const shell = 'trap "" XFSZ; ulimit -f 64; exec "$0" "$@"'
  const { stdout } = await promisify(execFile)('bash', [
    '-c',
    shell,
    process.execPath,
    script,
    path,
    '4',
    '20',
  ])
  const said = stdout.trim().split('\n')
  expect(said).toHaveLength(4)
  const written = said.filter((line) => line === 'written').length
  expect(written).toBeGreaterThan(0)
  expect(written).toBeLessThan(4)
  expect(said.at(-1)).toMatch(/^cannot write to .*EFBIG/)
  expect(readFileSync(path).at(-1)).toBe(10)
  expect(all()).toHaveLength(written * 20)
  await write('late')
  expect(all()).toHaveLength(written * 20 + 1)
})

test.each([
  ['no period', { rotateEvery: '1s' }, 'at least "1m"'],
  ['no permissions', { mode: '0999' }, 'permissions in octal'],
])('%s is refused', (_, more, message) => {
  const { error } = fileConfig.safeParse({ type: 'file', name: 'file', path: '/x', ...more })
  expect(error?.issues[0]?.message).toContain(message)
})

function open(more: object, now: () => number = () => NOON) {
  const folder = mkdtempSync(join(tmpdir(), 'weir-file-'))
  folders.push(folder)
  const path = join(folder, 'of', 'x.ndjson')
  const report = createReport('silent')
  const clock = { now, sleep: async () => undefined }
  const tools = { clock, report, random: () => 0, limits: LIMITS, wake: () => undefined }
  const output = createFileOutput(fileConfig.parse({ type: 'file', name: 'file', path, ...more }), tools)
  return {
    path,
    write: async (...ids: string[]) =>
      void (await output.send(messagesOf(output, ids), new AbortController().signal)),
    /** Ids of the lines in all files, oldest first. */
    all: () => oldestFirst(path).flatMap((file) => idsIn(file)),
    names: () => readdirSync(join(folder, 'of')).sort(),
    metrics: () => report.registry.metrics(),
  }
}

function oldestFirst(path: string): string[] {
  const numbered = Array.from({ length: 9 }, (_, i) => 9 - i).flatMap((n) =>
    ['', '.gz', '.zst'].map((ending) => `${path}.${n}${ending}`),
  )
  return [...numbered, path].filter((file) => existsSync(file))
}

function idsIn(file: string): string[] {
  const bytes = readFileSync(file)
  const plain = file.endsWith('.gz')
    ? gunzipSync(bytes)
    : file.endsWith('.zst')
      ? zstdDecompressSync(bytes)
      : bytes
  const lines = plain.toString().split('\n')
  expect(lines.pop()).toBe('')
  return lines.map((line) => JSON.parse(line).weir.alert.id as string)
}
