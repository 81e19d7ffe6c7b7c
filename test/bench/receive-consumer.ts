import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EventHubConsumerClient, earliestEventPosition } from '@azure/event-hubs'
import { chainAfter, chainStart, lineDigest } from '@weir/contract'
import { loadRules } from '@weir/engine'
import { EVENT_HUBS_BOUNDS, eventHubsSource } from '@weir/ingest'
import type { Commit, LineStore } from '@weir/model'
import { DATASETS } from '@weir/normalize'
import { DEFAULTS, RUNNER_DEFAULTS, Runner, WATCH_DEFAULTS } from '@weir/pipeline'
import { createReport, systemClock } from '@weir/runtime'
import { openStore } from '@weir/store'

/**
 * Reads one hub from its beginning until so many records are done, as the bare SDK client or as the line, and
 * says how long it took and how large it was at most.
 */
const [reader, connectionString, hub, ...numbers] = process.argv.slice(2) as [string, string, string]
const [records, batch] = numbers.map(Number) as [number, number]
const start = performance.now()
await (reader === 'sdk' ? readBare() : readLine())
const seconds = (performance.now() - start) / 1000
process.stdout.write(JSON.stringify({ seconds, records, rssMb: peakMb() }))
process.exit(0)

/** What the SDK itself does best: large batches, bodies as bytes, one `JSON.parse` each, nothing kept. */
async function readBare(): Promise<void> {
  const client = new EventHubConsumerClient('$Default', connectionString, hub)
  const all = Promise.withResolvers<void>()
  let read = 0
  const processEvents = async (events: readonly { readonly body: Buffer }[]): Promise<void> => {
    for (const { body } of events) read += JSON.parse(body.toString()).records.length
    if (read > records) all.reject(new Error(`${read} records of ${records}`))
    if (read === records) all.resolve()
  }
  const processError = async (error: Error): Promise<void> => all.reject(error)
  client.subscribe(
    { processEvents, processError },
    {
      startPosition: earliestEventPosition,
      skipParsingBodyAsJson: true,
      maxBatchSize: batch,
      maxWaitTimeInSeconds: 1,
    },
  )
  await all.promise
}

/** The line as the aggregator runs it, without rules: receive, parse, normalize, and a commit that is on disk. */
async function readLine(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-receive-'))
  const chain = { start: chainStart, next: chainAfter, digest: lineDigest }
  const store = openStore({ path: join(folder, 'weir.db'), chain, random: randomUUID })
  const stop = new AbortController()
  let read = 0
  const commit = async (one: Commit): Promise<void> => {
    await store.commit(one)
    read += one.books.reduce((sum, books) => sum + books.normalized, 0)
    if (read >= records) stop.abort()
  }
  await lineOver({ load: () => store.load(), commit }).run(stop.signal)
  await store.close()
  rmSync(folder, { recursive: true, force: true })
  if (read !== records) throw new Error(`${read} records of ${records}`)
}

function lineOver(store: LineStore): Runner {
  const deps = { clock: systemClock, report: createReport('warn'), random: Math.random }
  const auth = { kind: 'emulator', connectionString } as const
  const where = { hubs: [hub], consumerGroup: '$Default', transport: 'amqp', start: 'earliest' } as const
  const source = eventHubsSource({ ...EVENT_HUBS_BOUNDS, name: 'bench', auth, ...where }, deps)
  const settings = { ...RUNNER_DEFAULTS, watch: WATCH_DEFAULTS, line: { ...DEFAULTS, version: 'bench' } }
  return new Runner(settings, { ...deps, store, sources: [source] }, loadRules([], DATASETS))
}

/** Greatest resident size of this process so far, megabytes. */
function peakMb(): number {
  const status = readFileSync('/proc/self/status', 'utf8')
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024)
}
