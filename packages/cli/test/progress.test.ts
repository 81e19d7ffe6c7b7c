import { writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { measured, Progress } from '../src/replay/progress.ts'
import { tempFolder } from './command.ts'

const folder = tempFolder()
afterAll(() => folder.remove())

function drawing(files: ConstructorParameters<typeof Progress>[0]) {
  const drawn: string[] = []
  let now = 0
  const progress = new Progress(
    files,
    () => now,
    (text) => drawn.push(text.replace('\r\x1b[K', '')),
  )
  const at = (ms: number, work: () => void): string | undefined => {
    now = ms
    work()
    return drawn.splice(0).at(-1)
  }
  return { progress, at }
}

test('bytes done of all, the rate, and the time left', () => {
  const { progress, at } = drawing([
    { file: 'a', bytes: 4e6, packed: false },
    { file: 'b', bytes: 6e6, packed: false },
  ])
  expect(at(1_000, () => progress.read('a', 1e6))).toBe('1.0 MB of 10.0 MB, 1.0 MB/s, 9 s left')
  expect(at(1_100, () => progress.read('a', 1e6))).toBeUndefined()
  expect(at(2_000, () => progress.ended('a'))).toBe('4.0 MB of 10.0 MB, 2.0 MB/s, 3 s left')
  expect(at(200_000, () => progress.read('b', 1e6))).toBe('5.0 MB of 10.0 MB, 0.0 MB/s, 3 min 20 s left')
  expect(at(200_000, () => progress.clear())).toBe('')
  expect(at(200_000, () => progress.clear())).toBeUndefined()
})

test('within a compressed file the share is estimated, and never beyond the file', () => {
  const { progress, at } = drawing([
    { file: 'a.gz', bytes: 1e6, packed: true },
    { file: 'b.gz', bytes: 1e6, packed: true },
  ])
  expect(at(1_000, () => progress.read('a.gz', 5e6))).toMatch(/^0.5 MB of 2.0 MB/)
  expect(at(2_000, () => progress.read('a.gz', 15e6))).toMatch(/^1.0 MB of 2.0 MB/)
  expect(at(3_000, () => progress.ended('a.gz'))).toMatch(/^1.0 MB of 2.0 MB/)
  expect(at(4_000, () => progress.read('b.gz', 10e6))).toBe('1.5 MB of 2.0 MB, 0.4 MB/s, 2 s left')
})

test('of standard input nobody knows how much there is', () => {
  const { progress, at } = drawing([{ file: '-', bytes: 0, packed: false }])
  expect(at(2_000, () => progress.read('-', 3e6))).toBe('3.0 MB, 1.5 MB/s')
})

test('files are measured by size and first bytes', async () => {
  writeFileSync(folder.at('plain'), 'abcdef')
  writeFileSync(folder.at('named-wrongly'), gzipSync('abcdef'))
  writeFileSync(folder.at('empty'), '')
  const all = await measured(['plain', 'named-wrongly', 'empty', 'none'].map((name) => folder.at(name)))
  expect(all.map(({ bytes, packed }) => [bytes, packed])).toEqual([
    [6, false],
    [26, true],
    [0, false],
    [0, false],
  ])
})

test('work that reads its inputs twice says which time it is', () => {
  const drawn: string[] = []
  const files = [{ file: 'a', bytes: 2e6, packed: false }]
  const progress = new Progress(
    files,
    () => 1_000 * drawn.length,
    (text) => drawn.push(text),
    'rules, 2 of 2: ',
  )
  progress.read('a', 1e6)
  expect(drawn).toEqual(['\r\x1b[Krules, 2 of 2: 1.0 MB of 2.0 MB, 0.0 MB/s'])
})
