import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EventHubConsumerClient } from '@azure/event-hubs'
import { BlobServiceClient } from '@azure/storage-blob'
import { systemClock } from '@weir/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Azurite, startAzurite } from '../src/azurite.ts'
import { type Link, startLink } from '../src/link/link.ts'
import { type Child, readyLine, startChild } from '../src/process.ts'
import { createScenario, type Delivery, feed, SCENARIO_HUBS, type Scenario } from '../src/scenario/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'weir-feeder-'))
const END = Date.UTC(2026, 4, 4, 12)
let hubs: Child<{ readonly port: number; readonly connectionString: string }>
let azurite: Azurite
let amqp: Link
let http: Link

beforeAll(async () => {
  hubs = await startChild({
    name: 'Event Hubs emulator',
    script: fileURLToPath(new URL('../src/eventhubs/main.ts', import.meta.url)),
    args: HUB_ARGS,
    logFile: join(folder, 'hubs.log'),
    ready: (line) => readyLine(line) as { port: number; connectionString: string } | undefined,
  })
  azurite = await startAzurite({ folder: join(folder, 'blobs'), port: 0 })
  amqp = await startLink({ listen: 0, target: { host: '127.0.0.1', port: hubs.ready.port } })
  http = await startLink({ listen: 0, target: { host: '127.0.0.1', port: azurite.port } })
})

afterAll(async () => {
  await amqp.stop()
  await http.stop()
  await hubs.stop()
  await azurite.stop()
})

const HUB_ARGS = [
  ...['--port', '0', '--data', join(folder, 'hubs.db'), '--trust-enqueued-at'],
  ...SCENARIO_HUBS.flatMap((hub) => ['--hub', `${hub}:2`]),
]

/** Connections are cut a few times, each time so much further on. */
const CUT_EVERY_DELIVERIES = 120

async function feedWithCuts(
  scenario: Scenario,
): Promise<{ readonly cuts: number; readonly failures: number }> {
  let cuts = 0
  const port = String(amqp.port)
  const { failures, records } = await feed({
    deliveries: scenario.deliveries(),
    eventHubs: hubs.ready.connectionString.replace(String(hubs.ready.port), port),
    blobs: azurite.connectionString(http.port),
    clock: systemClock,
    speed: 'full',
    signal: new AbortController().signal,
    onProgress: ({ deliveries }) => {
      if (deliveries < (cuts + 1) * CUT_EVERY_DELIVERIES) return
      cuts++
      amqp.drop()
      http.drop()
    },
  })
  expect(records).toBe(scenario.totals.records)
  return { cuts, failures }
}

test('everything arrives once, though connections are cut on the way', async () => {
  const scenario = createScenario(9, { end: END, hours: 6, records: 1_500 })
  const { cuts, failures } = await feedWithCuts(scenario)
  expect(cuts).toBeGreaterThan(2)
  expect(failures).toBeGreaterThan(cuts)
  const expected = [...scenario.deliveries()]
  for (const hub of SCENARIO_HUBS) expect(await bodiesOf(hub)).toEqual(sentTo(expected, hub))
  expect(await blobsOf()).toEqual(grownBy(expected))
})

function sentTo(deliveries: readonly Delivery[], hub: string): string[] {
  return deliveries
    .flatMap((each) => (each.kind === 'hub' && each.hub === hub ? [each.body.toString('base64')] : []))
    .sort()
}

/** Every message of a hub, read to its end. */
async function bodiesOf(hub: string): Promise<string[]> {
  const client = new EventHubConsumerClient('$Default', hubs.ready.connectionString, hub)
  const bodies: string[] = []
  let wanted = 0
  for (const partition of await client.getPartitionIds()) {
    const { lastEnqueuedSequenceNumber } = await client.getPartitionProperties(partition)
    wanted += lastEnqueuedSequenceNumber + 1
  }
  const done = Promise.withResolvers<void>()
  const reading = client.subscribe(
    {
      processEvents: async (events) => {
        for (const { body } of events) bodies.push(Buffer.from(body as Uint8Array).toString('base64'))
        if (bodies.length >= wanted) done.resolve()
      },
      processError: async (error) => done.reject(error),
    },
    { startPosition: { offset: '-1' }, maxBatchSize: 50, skipParsingBodyAsJson: true },
  )
  await done.promise
  await reading.close()
  await client.close()
  return bodies.sort()
}

async function blobsOf(): Promise<Record<string, string>> {
  const service = BlobServiceClient.fromConnectionString(azurite.connectionString())
  const blobs: Record<string, string> = {}
  for await (const { name: container } of service.listContainers()) {
    const client = service.getContainerClient(container)
    for await (const { name } of client.listBlobsFlat()) {
      blobs[`${container}/${name}`] = (await client.getBlobClient(name).downloadToBuffer()).toString()
    }
  }
  return blobs
}

function grownBy(deliveries: readonly Delivery[]): Record<string, string> {
  const appended: Record<string, string> = {}
  const flows: Record<string, string[]> = {}
  for (const each of deliveries) {
    if (each.kind === 'hub') continue
    const key = `${each.container}/${each.blob}`
    if (each.kind === 'append') appended[key] = (appended[key] ?? '') + each.bytes.toString()
    else flows[key] = [...(flows[key] ?? []), each.block.toString()]
  }
  const documents = Object.entries(flows).map(([key, blocks]) => [key, `{"records":[${blocks.join(',')}]}`])
  return { ...appended, ...Object.fromEntries(documents) }
}
