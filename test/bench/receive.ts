import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { startEventHubs, type TestEventHubs } from '../ingest/event-hubs.ts'
import { median } from './measure.ts'
import { messagesOf } from './receive-messages.ts'

/**
 * How fast messages of a hub are read, against the bare SDK client that parses them and keeps nothing: `record`
 * commits its position, `line` is all that the aggregator does where there are no rules.
 */
export interface ReceiveResult {
  readonly lane: 'sdk' | 'record' | 'line'
  readonly message_bytes: number
  readonly messages: number
  readonly records: number
  /** Medians over the rounds. */
  readonly messages_per_s: number
  readonly mb_per_s: number
  /** Median of the ratios of the rounds. */
  readonly ratio_to_sdk: number
  /** Greatest resident size of the reading process in any round, megabytes. */
  readonly rss_mb: number
  readonly rounds: number
}

export interface ReceiveSizes {
  readonly large: number
  readonly small: number
  readonly rounds: number
}

export const RECEIVE: ReceiveSizes = { large: 2_000, small: 150_000, rounds: 5 }
export const RECEIVE_QUICK: ReceiveSizes = { large: 16, small: 400, rounds: 1 }

const LARGE_BYTES = 250_000
const SMALL_BYTES = 1_000
const LANES = ['sdk', 'record', 'line'] as const
const HUB = 'bench'
const PARTITIONS = 4
const CONSUMER = fileURLToPath(new URL('./receive-consumer.ts', import.meta.url))

interface Run {
  readonly seconds: number
  readonly records: number
  readonly rssMb: number
}

export async function* measureReceive(sizes: ReceiveSizes, seed: number): AsyncGenerator<ReceiveResult> {
  yield* await measureSize(LARGE_BYTES, sizes.large, sizes.rounds, seed)
  yield* await measureSize(SMALL_BYTES, sizes.small, sizes.rounds, seed)
}

/** Every run is a process that knows nothing yet, over the same hub from its beginning; they take turns at being first. */
async function measureSize(
  bytes: number,
  count: number,
  rounds: number,
  seed: number,
): Promise<ReceiveResult[]> {
  const hubs = await startEventHubs([`${HUB}:${PARTITIONS}`])
  try {
    const sent = await fill(hubs, bytes, count, seed)
    const runs = new Map(LANES.map((lane) => [lane, [] as Run[]]))
    for (let round = 0; round < rounds; round++) {
      const first = round % LANES.length
      for (const lane of [...LANES.slice(first), ...LANES.slice(0, first)])
        runs.get(lane)!.push(await read(hubs.connectionString, lane, sent.records, bytes))
    }
    const message = { message_bytes: bytes, messages: count, records: sent.records }
    return LANES.map((lane) => ({
      lane,
      ...message,
      ...resultOf(count, sent, runs.get(lane)!, runs.get('sdk')!),
    }))
  } finally {
    await hubs.stop()
  }
}

interface Sent {
  readonly records: number
  readonly bytes: number
}

/** Sent in portions, so that the sender holds few. */
async function fill(hubs: TestEventHubs, bytes: number, count: number, seed: number): Promise<Sent> {
  const sent = { records: 0, bytes: 0 }
  const portions = Array.from({ length: PARTITIONS }, (): Buffer[] => [])
  const portionMax = Math.max(1, Math.floor(16_000_000 / bytes))
  let index = 0
  for (const { body, records } of messagesOf(bytes, count, seed)) {
    sent.records += records
    sent.bytes += body.length
    const partition = index++ % PARTITIONS
    portions[partition]!.push(body)
    if (portions[partition]!.length < portionMax) continue
    await hubs.send(HUB, String(partition), portions[partition]!.splice(0))
  }
  for (const [partition, rest] of portions.entries())
    if (rest.length > 0) await hubs.send(HUB, String(partition), rest)
  return sent
}

/** The SDK is given the size of batch with which it was fastest. */
async function read(connectionString: string, reader: string, records: number, bytes: number): Promise<Run> {
  const batch = bytes === LARGE_BYTES ? 10 : 1_000
  // As the units in deploy/ start the aggregator.
  const args = [
    '--max-semi-space-size=8',
    CONSUMER,
    reader,
    connectionString,
    HUB,
    String(records),
    String(batch),
  ]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const out = await text(child.stdout)
  if (out === '') throw new Error(`the ${reader} reader said nothing`)
  return JSON.parse(out) as Run
}

function resultOf(messages: number, sent: Sent, own: readonly Run[], sdk: readonly Run[]) {
  const seconds = median(own.map((run) => run.seconds))
  return {
    messages_per_s: Math.round(messages / seconds),
    mb_per_s: Number((sent.bytes / 1e6 / seconds).toPrecision(3)),
    ratio_to_sdk: Number(median(own.map((run, i) => sdk[i]!.seconds / run.seconds)).toPrecision(3)),
    rss_mb: Math.max(...own.map(({ rssMb }) => rssMb)),
    rounds: own.length,
  }
}
