import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@weir/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { TestAggregator, TOKEN } from '../ingest/aggregator.ts'
import { weir } from './weir.ts'

const PROBE = '203.0.113.7'
let folder: string
let aggregator: TestAggregator

function signIn(n: number, ipAddress: string): string {
  return JSON.stringify({
    time: '2026-03-01T12:00:00Z',
    resourceId: '/tenants/t/providers/Microsoft.aadiam',
    operationName: 'Sign-in activity',
    category: 'SignInLogs',
    properties: { id: `s${n}`, ipAddress, status: { errorCode: 50126 } },
  })
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weir-drop-'))
  const lines = Array.from({ length: 10 }, (_, n) => signIn(n, n < 6 ? PROBE : '198.51.100.7'))
  writeFileSync(join(folder, 'day.ndjson'), [...lines, lines[9], '{"torn":'].join('\n'))
  const conditions = { all: [{ fact: 'source.ip', operator: 'equal', value: PROBE }] }
  aggregator = await TestAggregator.start([{ type: 'files', name: 'logs', inputs: [folder] }], {
    drop: [{ name: 'health-probe', dataset: ['azure.signinlogs', 'azure.auditlogs'], conditions }],
  })
}, 60_000)
afterAll(async () => {
  await aggregator?.stop()
  rmSync(folder, { recursive: true, force: true })
})

test('what a filter takes is dropped under its name, in the API, the metrics and the books that verify proves', async () => {
  const books = await aggregator.until('all is read', 'logs', ({ read }) => read === 12)
  expect(books).toMatchObject({ normalized: 4, duplicates: 1, dropped: 6, quarantined: 1 })
  expect(books.droppedBy).toEqual({ 'health-probe': 6 })
  const metrics = await fetch(`${aggregator.url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } })
  expect(await metrics.text()).toContain('weir_records_dropped{source="logs",filter="health-probe"} 6')
  const verified = await weir(['verify', '--config', join(aggregator.folder, 'aggregator.json')], {
    WEIR_TEST_TOKEN: TOKEN,
  })
  expect([verified.code, verified.stderr]).toEqual([0, 'books, chains and evidence hold\n'])
  expect(verified.stdout).toContain(
    'logs  12 = 4 normalized + 1 duplicates + 6 dropped (health-probe 6) + 1 quarantined; 4 events',
  )
}, 60_000)

test('records that were missed come in by a source that is always there, and are answered once they are in its books', async () => {
  const client = createClient({ url: aggregator.url, token: TOKEN })
  try {
    const records = [signIn(20, '198.51.100.9'), signIn(21, PROBE)].map((text) => ({
      dataset: 'azure.signinlogs',
      bytes: Buffer.from(text).toString('base64'),
    }))
    expect(await client.records({ records })).toEqual({ records: 2 })
    expect(await aggregator.source('reconcile')).toMatchObject({ read: 2, normalized: 1, dropped: 1 })
  } finally {
    await client.close()
  }
}, 60_000)
