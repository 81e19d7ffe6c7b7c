import { createHash } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AlertsReply, createClient, type LedgerReply } from '@weir/contract'
import { afterAll, expect, test } from 'vitest'
import { startSide, tempFolder, weir } from './command.ts'
import { lines, RULE, trail, writeRules } from './fixtures.ts'

const TOKEN = 'a-token-of-the-tests'
const folder = tempFolder()
afterAll(() => folder.remove())
const rules = writeRules(folder.at('rules'))
const file = folder.at('rules', 'trail-deleted.json')

function configured(): string {
  writeFileSync(folder.at('day.ndjson'), lines([trail(1), trail(2, 'DeleteTrail')]))
  const sha256 = createHash('sha256').update(TOKEN).digest('hex')
  const config = {
    store: { path: 'weir.db' },
    rules: { folders: [rules] },
    api: { port: 0, tokens: [{ name: 'analyst', role: 'reader', sha256 }] },
    sources: [{ type: 'files', name: 'logs', inputs: ['day.ndjson'] }],
  }
  writeFileSync(folder.at('aggregator.json'), JSON.stringify(config))
  return folder.at('aggregator.json')
}

/** What an aggregator with an empty store says of the only rule, once its alert is there. */
async function ledgerOf(config: string): Promise<LedgerReply['rules'][number]> {
  for (const end of ['', '-wal', '-shm']) rmSync(folder.at(`weir.db${end}`), { force: true })
  const side = await startSide(['aggregator', '--config', config])
  const client = createClient({ url: side.url, token: TOKEN })
  for (let alerts = 0; alerts === 0; ) {
    const { value } = await client.alerts({ kind: 'detection' }).next()
    alerts = (value as AlertsReply).items.length
  }
  const { rules: told } = await client.ledger()
  await client.close()
  await side.stop()
  return told.find(({ rule }) => rule === RULE.id)!
}

test('a rule on trial counts what it would ship; promoted, it ships just that', async () => {
  const config = configured()
  writeFileSync(file, JSON.stringify({ ...RULE, mode: 'shadow' }, null, 2))
  const trial = await ledgerOf(config)
  expect(trial).toMatchObject({ matches: 1, alerts: 0, revisions: 0, alertBytes: 0 })
  expect(trial).toMatchObject({ shadowAlerts: 1, shadowRevisions: 1 })
  expect((await weir(['rules', 'promote', RULE.id, '--rules', rules])).code).toBe(0)
  expect(readFileSync(file, 'utf8')).toBe(JSON.stringify(RULE, null, 2))
  const live = await ledgerOf(config)
  expect(live).toMatchObject({ matches: 1, alerts: 1, revisions: 1, alertBytes: trial.shadowBytes })
  expect(live).toMatchObject({ shadowAlerts: 0, shadowRevisions: 0, shadowBytes: 0 })
})
