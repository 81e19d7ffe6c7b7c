import { randomUUID } from 'node:crypto'
import type { ContainerClient } from '@azure/storage-blob'
import { BLOB_BOUNDS, type BlobBounds, type BlobConfig, type BlobContainer, blobSource } from '@weir/ingest'
import { createReport, type Report } from '@weir/runtime'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { startAzurite, type TestAzurite } from './azurite.ts'
import { Recorder } from './recorder.ts'
import { VirtualClock } from './virtual-clock.ts'

export const HOUR = 3_600_000
export const NOW = Date.parse('2026-03-04T10:20:00Z')
export const RESOURCE =
  'resourceId=/SUBSCRIPTIONS/S1/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.KEYVAULT/VAULTS/V1/'
export const BOUNDS: BlobBounds = { ...BLOB_BOUNDS, listingsPerSecondMax: Number.POSITIVE_INFINITY }

export interface Choice extends Partial<Omit<BlobContainer, 'container'>> {
  readonly cursors?: ReadonlyMap<string, string>
  readonly bounds?: Partial<BlobBounds>
  readonly notify?: BlobConfig['notify']
  readonly connectionString?: string
}

/** One Azurite for a file of tests; for each test a container, a clock that stands still, and sources that are stopped. */
export class BlobReads {
  azurite!: TestAzurite
  container!: ContainerClient
  clock!: VirtualClock
  report!: Report
  #running: Recorder[] = []

  constructor() {
    beforeAll(async () => {
      this.azurite = await startAzurite()
    })
    afterAll(() => this.azurite.kill())
    beforeEach(async () => {
      this.clock = new VirtualClock(NOW)
      this.report = createReport('silent')
      this.container = this.azurite.service.getContainerClient(`logs-${randomUUID()}`)
      await this.container.create()
    })
    afterEach(async () => {
      for (const recorder of this.#running.splice(0)) await recorder.stop()
    })
  }

  read({ kind = 'append', cursors, bounds, notify, connectionString, ...more }: Choice = {}): Recorder {
    const auth = {
      kind: 'emulator',
      connectionString: connectionString ?? this.azurite.connectionString,
    } as const
    const containers = [{ container: this.container.containerName, kind, ...more }]
    const config = { ...BOUNDS, ...bounds, name: 'blobs', auth, containers, ...(notify && { notify }) }
    const deps = { clock: this.clock, report: this.report, random: () => 0 }
    const recorder = new Recorder(cursors).start(blobSource(config, deps))
    this.#running.push(recorder)
    return recorder
  }

  /** The next poll, and everything that it delivers. */
  async poll(recorder: Recorder, ms = BOUNDS.pollMs): Promise<void> {
    const told = recorder.next('caught-up')
    this.clock.advance(ms)
    await told
  }

  async append(name: string, text: string): Promise<void> {
    const blob = this.container.getAppendBlobClient(name)
    await blob.createIfNotExists()
    await blob.appendBlock(text, Buffer.byteLength(text))
  }

  async upload(name: string, bytes: string | Uint8Array): Promise<void> {
    const body = Buffer.from(bytes as Uint8Array)
    await this.container.getBlockBlobClient(name).upload(body, body.length)
  }

  /** What was read and listed since the last call. */
  async gets(): Promise<string[]> {
    return (await this.requests()).filter((line) => line.startsWith('GET '))
  }

  /** Every request that was answered until now, since the last call. */
  async requests(): Promise<string[]> {
    const last = `last-${randomUUID()}`
    await this.container.getBlobClient(last).exists()
    const lines: string[] = []
    while (!lines.some((line) => line.includes(last))) {
      lines.push(...this.azurite.takeRequests())
      await new Promise((resolve) => setImmediate(resolve))
    }
    return lines.filter((line) => !line.includes(last))
  }

  /** How often something happened, by its counter. */
  async count(happening: string): Promise<number> {
    const metric = await this.report.registry.getSingleMetric(`weir_${happening}_total`)?.get()
    return metric?.values.reduce((sum, { value }) => sum + value, 0) ?? 0
  }

  /** The service tells the creation time of a blob in whole seconds. */
  async untilSecondPasses(): Promise<void> {
    const probe = this.container.getAppendBlobClient('probe')
    const second = async (): Promise<number> => ((await probe.create()).lastModified?.getTime() ?? 0) / 1000
    const first = Math.floor(await second())
    while (Math.floor(await second()) === first);
    await probe.delete()
  }
}

export function nameAt(time: number, resource = RESOURCE): string {
  const iso = new Date(time).toISOString()
  const [year, month, day] = iso.slice(0, 10).split('-')
  return `${resource}y=${year}/m=${month}/d=${day}/h=${iso.slice(11, 13)}/m=00/PT1H.json`
}
