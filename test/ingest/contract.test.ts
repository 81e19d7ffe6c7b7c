import { randomUUID } from 'node:crypto'
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { GraphStandIn, O365StandIn } from '@weir/emulator'
import {
  BLOB_BOUNDS,
  blobSource,
  EVENT_HUBS_BOUNDS,
  eventHubsSource,
  FILE_BOUNDS,
  fileSource,
  GRAPH_BOUNDS,
  graphSource,
  INBOX_BOUNDS,
  inboxSource,
  O365_BOUNDS,
  o365Source,
  SYSLOG_BOUNDS,
  syslogSource,
} from '@weir/ingest'
import type { EventSource } from '@weir/model'
import { aborted, createReport, systemClock } from '@weir/runtime'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startAzurite, type TestAzurite } from './azurite.ts'
import { startEventHubs, type TestEventHubs } from './event-hubs.ts'
import { withIdentity } from './identity.ts'
import { Recorder } from './recorder.ts'
import { freePort, sendInOrder } from './syslog-sender.ts'

/** One place that records are written to, and sources that read it; a new one for every test. */
interface Place {
  write(lines: readonly string[]): Promise<void>
  /** At most about so many bytes read and not committed. */
  source(bytesInFlightMax?: number): EventSource
  /** Bytes that it may have taken from a sender who will not send them again: at the end they go through. */
  readonly takenMax?: number
}

const deps = {
  clock: systemClock,
  report: createReport('silent'),
  random: Math.random,
  stdin: Readable.from([]),
}
const HUBS = Array.from({ length: 8 }, (_, n) => `hub${n}`)
const folder = mkdtempSync(join(tmpdir(), 'weir-contract-'))
let azurite: TestAzurite
let hubs: TestEventHubs
let standIn: GraphStandIn
let o365StandIn: O365StandIn
let forgetIdentity: () => void
let nextHub = 0
let nextTime = Date.now() - 60_000

beforeAll(async () => {
  standIn = await GraphStandIn.start()
  o365StandIn = await O365StandIn.start(randomUUID(), standIn.server.tokens)
  forgetIdentity = withIdentity(standIn.server)
  azurite = await startAzurite()
  hubs = await startEventHubs(HUBS.map((hub) => `${hub}:1`))
})
afterAll(async () => {
  forgetIdentity()
  standIn.stop()
  o365StandIn.stop()
  await azurite.kill()
  await hubs.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function blobs(): Promise<Place> {
  const container = azurite.service.getContainerClient(`c-${randomUUID()}`)
  await container.create()
  const [day, time] = new Date().toISOString().split('T') as [string, string]
  const [year, month, date] = day.split('-')
  const name = `resourceId=/S/y=${year}/m=${month}/d=${date}/h=${time.slice(0, 2)}/m=00/PT1H.json`
  const blob = container.getAppendBlobClient(name)
  await blob.create()
  return {
    async write(lines) {
      const text = lines.map((line) => `${line}\n`).join('')
      await blob.appendBlock(text, text.length)
    },
    source(bytesInFlightMax = BLOB_BOUNDS.bytesInFlightMax) {
      const auth = { kind: 'emulator', connectionString: azurite.connectionString } as const
      const containers = [{ container: container.containerName, kind: 'append' }] as const
      const bounds = { ...BLOB_BOUNDS, pollMs: 20, chunkBytes: 1_000, bytesInFlightMax }
      return blobSource({ ...bounds, name: 'source', auth, containers }, deps)
    },
  }
}

async function eventHubs(): Promise<Place> {
  const hub = HUBS[nextHub++]!
  return {
    write: (lines) => hubs.send(hub, '0', lines),
    source(bytesInFlightMax = EVENT_HUBS_BOUNDS.bytesInFlightMax) {
      const auth = { kind: 'emulator', connectionString: hubs.connectionString } as const
      const where = { hubs: [hub], consumerGroup: '$Default', transport: 'amqp', start: 'earliest' } as const
      const bounds = { ...EVENT_HUBS_BOUNDS, statusMs: 20, messageBytesMax: 1_000, bytesInFlightMax }
      return eventHubsSource({ ...bounds, name: 'source', auth, ...where }, deps)
    },
  }
}

async function files(): Promise<Place> {
  const path = join(folder, randomUUID())
  return {
    write: async (lines) => appendFileSync(path, lines.map((line) => `${line}\n`).join('')),
    source(bytesInFlightMax = FILE_BOUNDS.bytesInFlightMax) {
      const bounds = { ...FILE_BOUNDS, chunkBytes: 1_000, bytesInFlightMax }
      return fileSource({ ...bounds, name: 'source', inputs: [path] }, deps)
    },
  }
}

async function graph(): Promise<Place> {
  standIn.clear()
  const path = '/v1.0/auditLogs/directoryAudits'
  return {
    // A millisecond apart, because the service sorts by time.
    async write(lines) {
      for (const line of lines) standIn.put(path, line, nextTime++)
    },
    source(bytesInFlightMax = GRAPH_BOUNDS.bytesInFlightMax) {
      const auth = { kind: 'entra', credential: 'managed-identity' } as const
      const what = { root: standIn.server.url, streams: ['directoryAudits'], betaSignIns: [] } as const
      const bounds = { ...GRAPH_BOUNDS, pollMs: 20, pageRecords: 20, reportsPerSecondMax: 1_000 }
      return graphSource({ ...bounds, name: 'source', auth, ...what, bytesInFlightMax }, deps)
    },
  }
}

/** Nobody can be asked for a message again, so the one source itself keeps what is not committed. */
async function syslog(): Promise<Place> {
  const port = await freePort()
  let sent: Promise<unknown> = Promise.resolve()
  let source: EventSource | undefined
  // A listener is caught up whenever nothing comes: it is asked once the sender is done.
  const status = async (ms: number, signal?: AbortSignal): Promise<void> => {
    if (ms === STATUS_MS) await Promise.race([sent, aborted(signal ?? new AbortController().signal)])
    await systemClock.sleep(ms, signal)
  }
  return {
    takenMax: 2 * 64 * 1024,
    write: async (lines) => {
      const text = lines.map((line) => `${line}\n`).join('')
      sent = sendInOrder(port, text)
    },
    source(bytesInFlightMax = SYSLOG_BOUNDS.bytesInFlightMax) {
      const listener = { name: 'tcp', transport: 'tcp', framing: 'auto', host: '127.0.0.1', port } as const
      const bounds = { ...SYSLOG_BOUNDS, statusMs: STATUS_MS, drainMs: 20, bytesInFlightMax }
      const config = {
        ...bounds,
        name: 'source',
        listeners: [{ ...listener, format: 'json', zone: 'UTC' }],
      } as const
      source ??= syslogSource(config, { ...deps, clock: { ...systemClock, sleep: status } })
      return source
    },
  }
}

async function o365(): Promise<Place> {
  o365StandIn.clear()
  const type = 'Audit.General'
  return {
    async write(lines) {
      for (let at = 0; at < lines.length; at += 20)
        o365StandIn.put(type, lines.slice(at, at + 20), nextTime++)
    },
    source(bytesInFlightMax = O365_BOUNDS.bytesInFlightMax) {
      const auth = { kind: 'entra', credential: 'managed-identity' } as const
      const { tenantId, server } = o365StandIn
      const what = { root: server.url, tenantId, contentTypes: [type] } as const
      // One at a time, because contents that are fetched side by side come in any order.
      const bounds = { ...O365_BOUNDS, pollMs: 20, parallelMax: 1, requestsPerSecondMax: 1_000 }
      return o365Source({ ...bounds, name: 'source', auth, ...what, bytesInFlightMax }, deps)
    },
  }
}

/** What is pushed in pieces below 1,000 bytes, each again by the next source until a commit has covered it. */
async function inbox(): Promise<Place> {
  const unanswered = new Set<string>()
  return {
    write: async (lines) => {
      for (let n = 0; n < lines.length; n += 2)
        unanswered.add(
          lines
            .slice(n, n + 2)
            .map((line) => `${line}\n`)
            .join(''),
        )
    },
    source(bytesInFlightMax = INBOX_BOUNDS.bytesInFlightMax) {
      const source = inboxSource({ ...INBOX_BOUNDS, name: 'source', statusMs: 20, bytesInFlightMax }, deps)
      const pushAll = (): void => {
        for (const text of unanswered)
          source.push({ bytes: Buffer.from(text), key: text }).then(
            () => unanswered.delete(text),
            () => undefined,
          )
      }
      return {
        name: 'source',
        run(context) {
          const ended = source.run(context)
          pushAll()
          return ended
        },
      }
    },
  }
}

const STATUS_MS = 19

function records(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, n) => `{"n":${from + n},"pad":"${'p'.repeat(300)}"}`)
}

/** The records delivered, in order. */
function read(recorder: Recorder): string[] {
  return recorder.messages.flatMap(({ bytes }) => Buffer.from(bytes).toString().split('\n').filter(Boolean))
}

describe.each([
  ['blobs', blobs],
  ['event hubs', eventHubs],
  ['files', files],
  ['graph', graph],
  ['syslog over TCP', syslog],
  ['pushed records', inbox],
  ['o365', o365],
] as const)('a source of %s', (_, place) => {
  test('names its partitions first, delivers every record once and in order, then says that it is caught up', async () => {
    const { write, source } = await place()
    await write(records(0, 500))
    const recorder = new Recorder().start(source())
    await recorder.until(({ states }) => states.some(({ state }) => state === 'caught-up'))
    await recorder.stop()
    expect(read(recorder)).toEqual(records(0, 500))
    const kinds = recorder.signals.filter(({ kind }) => kind !== 'batch').map(({ kind }) => kind)
    expect([recorder.signals[0]?.kind, kinds[0]]).toEqual(['partitions', 'partitions'])
    const lastBatch = recorder.signals.findLastIndex(
      (signal) => signal.kind === 'batch' && signal.messages.length > 0,
    )
    const caughtUp = recorder.signals.findIndex(
      (signal) => signal.kind === 'state' && signal.state === 'caught-up',
    )
    expect(caughtUp).toBeGreaterThan(lastBatch)
  })

  test('says of every signal its name and a partition that it has announced, and of every message its own place', async () => {
    const { write, source } = await place()
    await write(records(0, 100))
    const recorder = new Recorder().start(source())
    await recorder.until(({ states }) => states.some(({ state }) => state === 'caught-up'))
    await recorder.stop()
    const announced = recorder.partitions.flatMap(({ partitions }) => partitions)
    for (const signal of recorder.signals) {
      expect(signal.source).toBe('source')
      if (signal.kind !== 'partitions') expect(announced).toContain(signal.partition)
      if (signal.kind === 'batch')
        expect(signal.cursors.every(({ source: name }) => name === 'source')).toBe(true)
    }
    const places = recorder.messages.map(({ at }) => at)
    expect(new Set(places).size).toBe(places.length)
    for (const { arrival } of recorder.messages)
      expect(Math.abs(arrival - Date.now())).toBeLessThan(3_600_000)
  })

  test('goes on behind what was committed, and delivers again what was not', async () => {
    const { write, source } = await place()
    await write(records(0, 100))
    const first = new Recorder().start(source())
    await first.until((recorder) => read(recorder).length === 100)
    first.hold()
    await first.stop()
    await write(records(100, 200))
    const lost = new Recorder(first.cursors)
    lost.hold()
    lost.start(source())
    await lost.until((recorder) => read(recorder).length === 100)
    await lost.stop()
    const again = new Recorder(lost.cursors).start(source())
    await again.until((recorder) => read(recorder).length === 100)
    await again.stop()
    expect([read(lost), read(again)]).toEqual([records(100, 200), records(100, 200)])
  })

  test('reads no more than its bound while nothing is committed, and all of it once it is', async () => {
    const { write, source } = await place()
    await write(records(0, 500))
    const recorder = new Recorder()
    recorder.hold()
    recorder.start(source(10_000))
    await recorder.until(({ text }) => text.length > 1_000)
    expect(recorder.text.length).toBeLessThanOrEqual(10_000)
    recorder.release()
    await recorder.until((each) => read(each).length === 500)
    await recorder.stop()
    expect(recorder.text.length).toBeGreaterThan(150_000)
  })

  test('stops when it is told to, also while it waits for a commit', async () => {
    const { write, source, takenMax = 0 } = await place()
    await write(records(0, 500))
    const recorder = new Recorder()
    recorder.hold()
    recorder.start(source(10_000))
    await recorder.until(({ text }) => text.length > 1_000)
    await recorder.stop()
    expect(recorder.text.length).toBeLessThanOrEqual(10_000 + takenMax)
  })
})
