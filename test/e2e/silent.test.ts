import { createClient, type HealthReply } from '@weir/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { TestAggregator, TOKEN } from '../ingest/aggregator.ts'
import { startAzurite, type TestAzurite } from '../ingest/azurite.ts'
import { until } from './until.ts'

let azurite: TestAzurite
let aggregator: TestAggregator
let append: (line: string) => Promise<unknown>

beforeAll(async () => {
  azurite = await startAzurite()
  const container = azurite.service.getContainerClient('insights-logs-auditevent')
  await container.create()
  const [date, time] = new Date().toISOString().split('T') as [string, string]
  const [year, month, day] = date.split('-')
  const blob = container.getAppendBlobClient(
    `resourceId=/S/y=${year}/m=${month}/d=${day}/h=${time.slice(0, 2)}/m=00/PT1H.json`,
  )
  await blob.create()
  append = (line) => blob.appendBlock(`${line}\n`, line.length + 1)
  await append('{"n":1}')
  const source = {
    type: 'blobs',
    name: 'vaults',
    auth: { kind: 'emulator', connectionString: azurite.connectionString },
    containers: [{ container: 'insights-logs-auditevent', kind: 'append' }],
    pollEvery: '100ms',
  }
  aggregator = await TestAggregator.start([source], { watch: { silent: { vaults: '4s' } } })
}, 60_000)
afterAll(async () => {
  await aggregator?.stop()
  await azurite?.kill()
})

async function raised(): Promise<HealthReply['raised']> {
  const client = createClient({ url: aggregator.url, token: TOKEN })
  try {
    return (await client.health()).raised.filter(({ code }) => code === 'source-silent')
  } finally {
    await client.close()
  }
}

test('a source that fell silent is named, still after a kill, and no longer when it speaks again', async () => {
  await aggregator.until('the first record is read', 'vaults', ({ read }) => read === 1)
  const [first] = await until('it is named', async () => {
    const all = await raised()
    return all.length > 0 && all
  })
  expect(first).toMatchObject({ code: 'source-silent', subject: 'vaults' })
  await aggregator.killAndRestart()
  await aggregator.until(
    'it is read again',
    'vaults',
    ({ partitions }) => partitions[0]?.state === 'caught-up',
  )
  expect(await raised()).toEqual([first])
  await append('{"n":2}')
  await until('it is named no more', async () => (await raised()).length === 0)
}, 120_000)
