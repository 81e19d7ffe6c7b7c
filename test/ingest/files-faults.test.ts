import { appendFileSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { TestAggregator } from './aggregator.ts'
import { testFaults } from './faults.ts'

const folder = mkdtempSync(join(tmpdir(), 'weir-file-faults-'))

function lines(from: number, to: number, at = '2026-01-02T03:04:05Z'): string {
  const one = (n: number): string => `{"time":"${at}","n":${n},"pad":"${'p'.repeat(200)}"}\n`
  return Array.from({ length: to - from }, (_, n) => one(from + n)).join('')
}

/** A file with this text, and an aggregator that reads it. */
async function reading(name: string, text: string): Promise<{ path: string; weir: TestAggregator }> {
  const path = join(folder, `${name}.ndjson`)
  writeFileSync(path, text)
  return { path, weir: await TestAggregator.start([{ type: 'files', name: 'files', inputs: [path] }]) }
}

async function booksOf(name: string, text: string, read: number): Promise<object> {
  const { weir } = await reading(name, text)
  const source = await weir.until(`${read} records are read`, 'files', (each) => each.read >= read)
  await weir.stop()
  const { normalized, duplicates, quarantined } = source
  return { read: source.read, normalized, duplicates, quarantined }
}

testFaults('a source of files', {
  'first run': async () => {
    const books = await booksOf('first', lines(0, 100), 100)
    expect(books).toEqual({ read: 100, normalized: 100, duplicates: 0, quarantined: 0 })
  },
  restart: async () => {
    const { path, weir } = await reading('restart', lines(0, 100))
    await weir.until('the file is read', 'files', ({ read }) => read >= 100)
    appendFileSync(path, lines(100, 150))
    await weir.killAndRestart()
    const source = await weir.until('the rest is read', 'files', ({ read }) => read >= 150)
    await weir.stop()
    expect([source.read, source.normalized]).toEqual([150, 150])
  },
  'kill -9': async () => {
    const records = 100_000
    const { weir } = await reading('kill', lines(0, records))
    for (const share of [0.1, 0.4, 0.7]) {
      await weir.until('some is read', 'files', ({ read }) => read >= share * records)
      await weir.killAndRestart()
    }
    const source = await weir.until('all is read', 'files', ({ read }) => read >= records)
    await weir.stop()
    expect([source.read, source.normalized, source.duplicates]).toEqual([records, records, 0])
  },
  'token expired': { cannot: 'a file needs no token' },
  throttled: { cannot: 'a disk does not throttle' },
  'network cut mid-page': { cannot: 'there is no network' },
  'truncated body': async () => {
    const books = await booksOf('cut', `${lines(0, 10)}{"time":"2026-01-02T03:04:05Z","n":1`, 11)
    expect(books).toEqual({ read: 11, normalized: 10, duplicates: 0, quarantined: 1 })
  },
  'clock skew': async () => {
    const { weir } = await reading('skew', lines(0, 1, '2099-01-01T00:00:00Z') + lines(1, 3))
    const { partitions } = await weir.until('all is read', 'files', ({ read }) => read >= 3)
    await weir.stop()
    expect(Date.parse(partitions[0]!.clock!)).toBeLessThan(Date.parse('2098-01-01T00:00:00Z'))
  },
  duplicates: async () => {
    const books = await booksOf('twice', lines(0, 10) + lines(0, 10), 20)
    expect(books).toEqual({ read: 20, normalized: 10, duplicates: 10, quarantined: 0 })
  },
  'poison record': async () => {
    const books = await booksOf('poison', `${lines(0, 5)}no record at all\n${lines(5, 10)}`, 11)
    expect(books).toEqual({ read: 11, normalized: 10, duplicates: 0, quarantined: 1 })
  },
})
