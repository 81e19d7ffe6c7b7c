import { randomUUID } from 'node:crypto'
import type { ContainerClient } from '@azure/storage-blob'
import { BLOB_BOUNDS, blobSource } from '@weir/ingest'
import { createReport } from '@weir/runtime'
import { startAzurite, type TestAzurite } from '../ingest/azurite.ts'
import { Recorder } from '../ingest/recorder.ts'
import { VirtualClock } from '../ingest/virtual-clock.ts'

/**
 * How many requests do polls cost where there are many blobs? Fills containers with hours of fifty resources and
 * prints, for each number of blobs, what the first run, a poll and a recheck with a search asked for. Exits 1 when a
 * poll asked more often for more blobs. `node test/soak/blobs.ts 10000`; Azurite takes minutes for them, and ever longer for more.
 */
const BLOBS = Number(process.argv[2] ?? 10_000)
const RESOURCES = 50
/** Azurite takes ever longer for one that is full. */
const CONTAINERS = 10
const HOUR_MS = 3_600_000
const NOW = Date.parse('2026-03-04T10:20:00Z')
/** Writers at once; more only wait for Azurite. */
const WRITERS = 8

const azurite = await startAzurite()
try {
  process.exitCode = await measure()
} finally {
  await azurite.kill()
}

async function measure(): Promise<number> {
  const containers = Array.from({ length: CONTAINERS }, (_, n) =>
    azurite.service.getContainerClient(`logs-${n}-${randomUUID()}`),
  )
  for (const container of containers) await container.create()
  const polls: number[] = []
  let blobs = 0
  for (const upTo of [BLOBS / 10, BLOBS]) {
    for (; blobs < upTo; blobs += RESOURCES) await writeHour(containers, blobs / RESOURCES)
    const asked = await askedFor(azurite, containers)
    polls.push(asked.poll)
    process.stdout.write(`${JSON.stringify({ soak: 'blobs', blobs, resources: RESOURCES, ...asked })}\n`)
  }
  return polls.every((poll) => poll === polls[0]) ? 0 : 1
}

/** One blob for each resource, so many hours before now. */
async function writeHour(containers: readonly ContainerClient[], hoursAgo: number): Promise<void> {
  const iso = new Date(NOW - hoursAgo * HOUR_MS).toISOString()
  const [year, month, day] = iso.slice(0, 10).split('-')
  const hour = `y=${year}/m=${month}/d=${day}/h=${iso.slice(11, 13)}/m=00/PT1H.json`
  const resources = Array.from({ length: RESOURCES }, (_, n) => n)
  const write = async (): Promise<void> => {
    for (let n = resources.pop(); n !== undefined; n = resources.pop())
      await containers[n % CONTAINERS]!.getAppendBlobClient(`resourceId=/S/VAULTS/V${n}/${hour}`).create()
  }
  await Promise.all(Array.from({ length: WRITERS }, write))
}

/** Requests of a source that knows nothing yet: its first run, the next poll, and a poll when all is due. */
async function askedFor(
  { connectionString, takeRequests }: TestAzurite,
  clients: readonly ContainerClient[],
) {
  const clock = new VirtualClock(NOW)
  const auth = { kind: 'emulator', connectionString } as const
  const containers = clients.map(
    ({ containerName }) => ({ container: containerName, kind: 'append' }) as const,
  )
  const unhurried = { listingsPerSecondMax: Number.POSITIVE_INFINITY, hoursFirst: BLOB_BOUNDS.hoursBack }
  const bounds = { ...BLOB_BOUNDS, ...unhurried }
  const deps = { clock, report: createReport('silent'), random: () => 0 }
  const recorder = new Recorder()
  const after = async (ms: number): Promise<number> => {
    const told = Promise.all(clients.map(({ containerName }) => recorder.next('caught-up', containerName)))
    clock.advance(ms)
    await told
    return await settled(clients[0]!, takeRequests)
  }
  await settled(clients[0]!, takeRequests)
  recorder.start(blobSource({ ...bounds, name: 'blobs', auth, containers }, deps))
  const first = await after(0)
  const poll = await after(bounds.pollMs)
  const recheck = await after(bounds.recheckMs)
  await recorder.stop()
  return { first, poll, recheck }
}

/** The requests up to one of our own, whose line comes last. */
async function settled(container: ContainerClient, takeRequests: () => string[]): Promise<number> {
  const last = `last-${randomUUID()}`
  await container.getBlobClient(last).exists()
  const lines: string[] = []
  while (!lines.some((line) => line.includes(last))) {
    lines.push(...takeRequests())
    await new Promise((resolve) => setImmediate(resolve))
  }
  return lines.filter((line) => line.startsWith('GET ')).length
}
