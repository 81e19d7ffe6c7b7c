import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ContainerClient } from '@azure/storage-blob'
import { BLOB_BOUNDS, blobSource } from '@weir/ingest'
import { createReport } from '@weir/runtime'
import { startAzurite, type TestAzurite } from '../ingest/azurite.ts'
import { Recorder } from '../ingest/recorder.ts'
import { VirtualClock } from '../ingest/virtual-clock.ts'
import { fillAzurite } from './azurite-catalogue.ts'

/**
 * How many requests do polls cost where there are many blobs? For each number of blobs, hours of fifty resources in
 * ten containers, prints what the first run, a poll and a recheck with a search asked Azurite for. Exits 1 when a poll
 * asked more often for more blobs.
 */
const BLOBS = (process.argv[2] ?? '5000,50000').split(',').map(Number)
const RESOURCES = 50
const CONTAINERS = Array.from({ length: 10 }, (_, n) => `logs-${n}`)
const HOUR_MS = 3_600_000
const NOW = Date.parse('2026-03-04T10:20:00Z')

const polls: number[] = []
for (const blobs of BLOBS) polls.push(await measure(blobs))
process.exitCode = polls.every((poll) => poll === polls[0]) ? 0 : 1

async function measure(blobs: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-blobs-'))
  try {
    await fillAzurite(folder, CONTAINERS, namesOf(blobs))
    const azurite = await startAzurite(folder)
    try {
      const clients = CONTAINERS.map((name) => azurite.service.getContainerClient(name))
      const asked = await askedFor(azurite, clients)
      process.stdout.write(`${JSON.stringify({ soak: 'blobs', blobs, resources: RESOURCES, ...asked })}\n`)
      return asked.poll
    } finally {
      await azurite.kill()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** One blob for each resource and hour, the last hour first. */
function namesOf(blobs: number): { readonly container: string; readonly name: string }[] {
  return Array.from({ length: blobs }, (_, n) => {
    const resource = n % RESOURCES
    const iso = new Date(NOW - Math.floor(n / RESOURCES) * HOUR_MS).toISOString()
    const [year, month, day] = iso.slice(0, 10).split('-')
    const hour = `y=${year}/m=${month}/d=${day}/h=${iso.slice(11, 13)}/m=00/PT1H.json`
    return {
      container: CONTAINERS[resource % CONTAINERS.length]!,
      name: `resourceId=/S/VAULTS/V${resource}/${hour}`,
    }
  })
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
