import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, type MarksRequest } from '@weir/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { TestAggregator } from '../ingest/aggregator.ts'
import { until } from './until.ts'

const FORWARDER_TOKEN = 'a-token-of-the-forwarder'
let folder: string
let aggregator: TestAggregator

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weir-bound-'))
  const tokens = [
    { name: 'test', role: 'admin', token: { env: 'WEIR_TEST_TOKEN' } },
    { name: 'north', role: 'forwarder', token: { env: 'WEIR_TEST_FORWARDER_TOKEN' } },
  ]
  aggregator = await TestAggregator.start(
    [{ type: 'files', name: 'logs', inputs: [folder] }],
    { api: { port: 0, tokens }, forwarders: [{ name: 'north' }] },
    { WEIR_TEST_FORWARDER_TOKEN: FORWARDER_TOKEN },
  )
}, 60_000)
afterAll(async () => {
  await aggregator?.stop()
  rmSync(folder, { recursive: true, force: true })
})

test('a full spool on premises is a health alert that says what is done, and closes when there is room', async () => {
  const client = createClient({ url: aggregator.url, token: FORWARDER_TOKEN })
  /** What the SIEM is told, as long as it stands. */
  const raised = () =>
    aggregator.ask(async (asking) => {
      for await (const { items } of asking.alerts({ kind: 'health' }))
        for (const { rule, message, weir } of items)
          if (rule.id === 'weir.health.spool-bound' && weir.alert.status === 'open') return message
      return undefined
    })
  try {
    const { session } = await client.feed.session({ outputs: ['siem'] })
    const tell = (spool?: MarksRequest['spool']) =>
      client.feed.marks(session, spool === undefined ? {} : { spool })
    await tell({ bytesMax: 1_000_000, paused: ['bulk'], closed: 0 })
    expect(await until('it is raised', raised)).toMatch(
      /north.*1000000 bytes of alerts wait for outputs, and pulling pauses \(bulk\)/,
    )
    await tell()
    await until('it is cleared', async () => (await raised()) === undefined)
    await tell({ bytesMax: 1_000_000, paused: [], closed: 12 })
    const closing = await until('it is raised again', raised)
    expect(closing).toContain('12 of the oldest bulk alerts were closed')
  } finally {
    await client.close()
  }
}, 60_000)
