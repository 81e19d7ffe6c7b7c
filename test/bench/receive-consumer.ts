import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EventHubConsumerClient, earliestEventPosition } from '@azure/event-hubs'
import { chainAfter, chainStart, lineDigest } from '@weir/contract'
import { loadRules } from '@weir/engine'
import { EVENT_HUBS_BOUNDS, eventHubsSource } from '@weir/ingest'
import type { Commit, EventSource, RawBatch, SourceSignal, Store } from '@weir/model'
import { DATASETS, unwrap } from '@weir/normalize'
import { DEFAULTS, RUNNER_DEFAULTS, Runner, WATCH_DEFAULTS } from '@weir/pipeline'
import { BoundedQueue, createReport, systemClock } from '@weir/runtime'
import { openStore } from '@weir/store'

type Reader = 'sdk' | 'record' | 'line'

const deps = { clock: systemClock, report: createReport('warn'), random: Math.random }

/**
 * Reads one hub from its beginning until so many records are done, in one of three ways, and says how long it took
 * and how large it was at most.
 */
const [reader, connectionString, hub, ...numbers] = process.argv.slice(2) as [Reader, string, string]
const [records, batch] = numbers.map(Number) as [number, number]
const start = performance.now()
await { sdk: readBare, record: readRecords, line: readLine }[reader]!()
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

/** Received, parsed, and the position committed on disk; nothing is made of the records. */
async function readRecords(): Promise<void> {
  const queue = new BoundedQueue<RawBatch>(RUNNER_DEFAULTS.queueBytesMax)
  const stop = new AbortController()
  const deliver = async (signal: SourceSignal): Promise<void> => {
    if (signal.kind === 'batch') await queue.put(signal, weightOf(signal))
  }
  const receiving = sourceOf().run({ cursors: new Map(), deliver, signal: stop.signal })
  await inStore(async (store) => {
    for (let read = 0; read < records; ) {
      await queue.ready()
      // As the line waits for company before a commit.
      if (queue.weight < RUNNER_DEFAULTS.batchBytesMax / 8)
        await deps.clock.sleep(RUNNER_DEFAULTS.groupCommitMs)
      const batches = queue.takeNow(RUNNER_DEFAULTS.batchBytesMax)
      const bodies = batches.flatMap(({ messages }) => messages)
      const parsed = bodies.reduce((sum, { bytes }) => sum + unwrap(bytes).records.length, 0)
      await store.commit(positions(batches, parsed))
      for (const batch of batches) batch.committed?.()
      read += parsed
      if (read > records) throw new Error(`${read} records of ${records}`)
    }
  })
  stop.abort()
  await receiving
}

function weightOf({ messages }: RawBatch): number {
  return messages.reduce((sum, { bytes }) => sum + bytes.length, 100)
}

function positions(batches: readonly RawBatch[], read: number): Commit {
  const none = { duplicates: 0, dropped: 0, droppedBy: {}, quarantined: 0, events: 0, rawBytes: 0 }
  return {
    at: Date.now(),
    cursors: batches.flatMap(({ cursors }) => cursors),
    clocks: [],
    quarantine: [],
    ruleCounts: [],
    members: [],
    forgotten: [],
    passed: [],
    sightings: [],
    episodes: [],
    alerts: [],
    evidence: [],
    rhythms: [],
    canaries: [],
    books: [{ source: 'bench', read, normalized: read, ...none }],
  }
}

/** The line as the aggregator runs it, without rules: receive, parse, normalize, and a commit that is on disk. */
async function readLine(): Promise<void> {
  const stop = new AbortController()
  let read = 0
  await inStore(async (store) => {
    const commit = async (one: Commit): Promise<void> => {
      await store.commit(one)
      read += one.books.reduce((sum, books) => sum + books.normalized, 0)
      if (read >= records) stop.abort()
    }
    const settings = { ...RUNNER_DEFAULTS, watch: WATCH_DEFAULTS, line: { ...DEFAULTS, version: 'bench' } }
    const ports = { ...deps, store: { load: () => store.load(), commit }, sources: [sourceOf()] }
    await new Runner(settings, ports, loadRules([], DATASETS)).run(stop.signal)
  })
  if (read !== records) throw new Error(`${read} records of ${records}`)
}

function sourceOf(): EventSource {
  const auth = { kind: 'emulator', connectionString } as const
  const where = { hubs: [hub], consumerGroup: '$Default', transport: 'amqp', start: 'earliest' } as const
  return eventHubsSource({ ...EVENT_HUBS_BOUNDS, name: 'bench', auth, ...where }, deps)
}

/** A store of its own, on disk, gone afterwards. */
async function inStore(work: (store: Store) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-receive-'))
  const chain = { start: chainStart, next: chainAfter, digest: lineDigest }
  const store = openStore({ path: join(folder, 'weir.db'), chain, random: randomUUID })
  await work(store)
  await store.close()
  rmSync(folder, { recursive: true, force: true })
}

/** Greatest resident size of this process so far, megabytes. */
function peakMb(): number {
  const status = readFileSync('/proc/self/status', 'utf8')
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024)
}
