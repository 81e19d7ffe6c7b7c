import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { dropQueue, listQueue } from '../src/index.ts'
import { Spool } from '../src/spool/spool.ts'
import { makeAlert } from './support/alert.ts'

/** As version 1 made it; a change of the code must not change this. */
const VERSION_1 = `
  CREATE TABLE feed (
    lane TEXT PRIMARY KEY, epoch TEXT NOT NULL, seq INTEGER NOT NULL, chain TEXT NOT NULL) STRICT;
  CREATE TABLE entry (
    position INTEGER PRIMARY KEY AUTOINCREMENT, lane TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL,
    id TEXT NOT NULL, revision INTEGER NOT NULL, kind TEXT NOT NULL, severity TEXT NOT NULL,
    bytes INTEGER NOT NULL, line BLOB NOT NULL) STRICT;
  CREATE INDEX entry_by_lane ON entry (lane, position);
  CREATE INDEX entry_by_id ON entry (id, revision);
  CREATE TABLE output (
    name TEXT NOT NULL, lane TEXT NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (name, lane)) STRICT;
  CREATE TABLE acknowledged (
    output TEXT NOT NULL, id TEXT NOT NULL, revision INTEGER NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (output, id)) STRICT, WITHOUT ROWID;
  CREATE INDEX acknowledged_by_age ON acknowledged (at);
  CREATE TABLE quarantine (
    number INTEGER PRIMARY KEY AUTOINCREMENT, output TEXT NOT NULL, lane TEXT NOT NULL, seq INTEGER NOT NULL,
    id TEXT, revision INTEGER, reason TEXT NOT NULL, at INTEGER NOT NULL, line BLOB NOT NULL) STRICT;
  PRAGMA user_version = 1;

  INSERT INTO feed VALUES ('urgent', 'e1', 3, 'u3'), ('bulk', 'e1', 12, 'b12');
  INSERT INTO output VALUES ('siem', 'urgent', 7), ('siem', 'bulk', 20), ('lake', 'urgent', 7), ('lake', 'bulk', 19);
  INSERT INTO acknowledged VALUES ('siem', 'a', 2, 5), ('lake', 'a', 1, 5);
  INSERT INTO quarantine VALUES (4, 'siem', 'bulk', 9, 'q', 1, 'too large', 5, x'7b7d'),
    (5, '*', 'bulk', 10, NULL, NULL, 'no JSON', 5, x'3f');
`

test("a spool of version 1 becomes the first aggregator's, and nothing in it is lost", () => {
  const { options, file } = versionOne()
  const put = file.prepare('INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
  const line = lineOf(11)
  for (const [position, id] of [
    [20, 'x'],
    [21, 'y'],
  ] as const)
    put.run(position, 'bulk', 'e1', position - 9, id, 1, 'detection', 'high', line.length + 200, line)
  file.close()
  const spool = new Spool(options)
  const eu = spool.feed('eu')
  expect(eu.standing()).toEqual({
    epoch: 'e1',
    lanes: { urgent: { seq: 3, chain: 'u3' }, bulk: { seq: 12, chain: 'b12' } },
  })
  expect(spool.feed('us').standing()).toBeUndefined()
  expect([spool.bytes, spool.status().entries]).toEqual([2 * (line.length + 200), 2])
  expect(spool.next('siem', 10, 1e6)?.entries).toMatchObject([{ aggregator: 'eu', id: 'y', seq: 12, line }])
  expect(spool.next('lake', 10, 1e6)?.entries.map(({ id }) => id)).toEqual(['x', 'y'])
  expect([eu.delivered('siem', 'bulk'), eu.delivered('lake', 'bulk')]).toEqual([11, 10])
  const [siem, lake] = ['siem', 'lake'].map((name) => spool.memory.last(name, { aggregator: 'eu', id: 'a' }))
  expect(siem).toEqual({ revision: 2, epoch: 'e1', digest: null })
  expect(lake).toEqual({ revision: 1, epoch: 'e1', digest: null })
  expect(
    spool.quarantine.list().map(({ output, aggregator, seq, reason }) => [output, aggregator, seq, reason]),
  ).toEqual([
    ['siem', 'eu', 9, 'too large'],
    ['*', 'eu', 10, 'no JSON'],
  ])
  spool.close()
  const again = new Spool(options)
  expect(again.status().entries).toBe(2)
})

test('entries that come after it are delivered, also where all earlier ones were', () => {
  const { options, file } = versionOne()
  const put = file.prepare(
    `INSERT INTO entry VALUES (20, 'bulk', 'e1', 11, 'x', 1, 'detection', 'low', 1, x'00')`,
  )
  put.run()
  file.exec('DELETE FROM entry; UPDATE output SET position = 20')
  file.close()
  const spool = new Spool(options)
  const line = lineOf(13)
  const alert = {
    seq: 13,
    id: 'z',
    revision: 1,
    kind: 'detection',
    severity: 'high',
    digest: 'd',
    line,
  } as const
  spool.feed('eu').append('bulk', [alert], [], { seq: 13, chain: 'b13' })
  expect(spool.next('siem', 10, 1e6)?.entries).toMatchObject([{ id: 'z', position: 21 }])
})

test('who only looks at it is told to start a forwarder first, and changes nothing', () => {
  const { options, file } = versionOne()
  file.close()
  const told = expect.objectContaining({
    code: 'STORE_FAILED',
    message: expect.stringContaining('a forwarder brings it up to date as it starts'),
  })
  expect(() => listQueue(options.path)).toThrow(told)
  expect(() => dropQueue(options.path, {})).toThrow(told)
  new Spool(options).close()
  expect(listQueue(options.path).items).toHaveLength(2)
})

function versionOne() {
  const path = join(mkdtempSync(join(tmpdir(), 'weir-spool-')), 'spool.sqlite')
  const file = new Database(path)
  file.exec(VERSION_1)
  const bounds = {
    bytesMax: 1e6,
    whenFull: 'pause' as const,
    rememberMs: 1e6,
    rememberedEntriesMax: 1000,
    quarantineEntriesMax: 10,
  }
  const clock = { now: () => 10, sleep: async () => undefined }
  return { file, options: { path, aggregators: ['eu', 'us'], outputs: ['siem', 'lake'], clock, ...bounds } }
}

function lineOf(seq: number): Buffer {
  return Buffer.from(JSON.stringify({ seq, at: '2026-03-01T10:05:03.000Z', alert: makeAlert() }))
}
