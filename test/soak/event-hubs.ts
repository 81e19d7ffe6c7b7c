import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { EventHubProducerClient } from '@azure/event-hubs'
import { type EventHubsEmulator, type FaultRule, startEventHubs } from '@weir/emulator'
import { EVENT_HUBS_BOUNDS, eventHubsSource } from '@weir/ingest'
import { createReport, systemClock } from '@weir/runtime'
import { seeded } from '../sim/random.ts'

/**
 * Does a receiver ever stand still while messages wait? Plays faults by seed against a source whose watchdog is
 * off, with messages after each, and looks how long the last of them takes. `node test/soak/event-hubs.ts [ROUNDS
 * [SEED]]`; prints one JSON line, and where it stood still the seed and what the emulator says of its readers;
 * exits 1 when it ever did.
 */
const [rounds = 200, seed = Date.now() % 1_000_000] = process.argv.slice(2).map(Number)
const PARTITIONS = 6
const MESSAGES_MAX = 400
/** Shorter than the watchdog, longer than the slowest way back. */
const STALL_MS = 8_000

const folder = mkdtempSync(join(tmpdir(), 'weir-hubs-soak-'))
const hubs = await startEventHubs({
  port: 0,
  file: join(folder, 'hubs.db'),
  hubs: [{ name: 'soak', partitions: PARTITIONS }],
})
const front = await startFront(hubs.port)
const random = seeded(seed)
const below = (bound: number): number => Math.floor(random() * bound)
const partition = (): string => String(below(PARTITIONS))
const producer = new EventHubProducerClient(hubs.connectionString, 'soak')
const connectionString = hubs.connectionString.replace(String(hubs.port), String(front.port))
const stop = new AbortController()
const cursors = new Map<string, string>()
let got = 0
const states = new Map<string, unknown>()
const source = eventHubsSource(
  {
    ...EVENT_HUBS_BOUNDS,
    name: 'soak',
    auth: { kind: 'emulator', connectionString },
    hubs: ['soak'],
    consumerGroup: 'weir',
    transport: 'amqp',
    start: 'earliest',
    statusMs: 100,
    questionsPerSecondMax: 40,
    retryMsFirst: 10,
    retryMsMax: 500,
    hopelessRetryMs: 500,
    stallMsMax: 3_600_000,
  },
  { clock: systemClock, report: createReport('silent'), random },
)
const over = source.run({
  cursors,
  signal: stop.signal,
  async deliver(signal) {
    if (signal.kind === 'state') states.set(signal.partition, signal)
    if (signal.kind !== 'batch') return
    got += signal.messages.length
    signal.committed?.()
  },
})

/** What the service does on a bad day; the faults that cost more than the pause of a retry are left out. */
const FAULTS: readonly ((emulator: EventHubsEmulator) => void)[] = [
  () => front.drop(),
  ({ operator }) => operator.detach({ hub: 'soak' }, undefined),
  ({ operator }) =>
    operator.detach({ hub: 'soak', partition: partition() }, condition('com.microsoft:server-busy')),
  ({ operator }) => operator.detach({ partition: partition() }, condition('amqp:link:stolen')),
  ({ operator }) =>
    operator.addFault(rule('attach', { kind: 'refuse', condition: 'com.microsoft:server-busy' })),
  ({ operator }) => operator.addFault(rule('attach', { kind: 'stall', ms: 30 })),
  ({ operator }) => operator.addFault(rule('deliver', { kind: 'duplicate' }, 60)),
  ({ operator }) => operator.addFault(rule('deliver', { kind: 'stall', ms: 30 })),
  ({ operator }) => operator.addFault(rule('deliver', { kind: 'drop' })),
  ({ operator }) => operator.addFault(rule('deliver', { kind: 'detach', condition: undefined })),
  ({ operator }) => operator.addFault(rule('connection', { kind: 'drop' }, 1)),
  ({ operator }) =>
    operator.addFault(rule('put-token', { kind: 'refuse', condition: 'amqp:unauthorized-access' }, 1)),
]

// Once its links are there, no fault at tokens and connections meets the sender.
for (let n = 0; n < PARTITIONS; n++) await producer.sendBatch([{ body: 'x' }], { partitionId: String(n) })
let sent = PARTITIONS
let slowest = 0
let stalls = 0
try {
  for (let round = 0; round < rounds; round++) await play(round)
} finally {
  const { errors } = hubs.operator.state()
  const line = {
    soak: 'event-hubs',
    ok: stalls === 0,
    seed,
    rounds,
    sent,
    stalls,
    slowestMs: slowest,
    errors,
  }
  process.stdout.write(`${JSON.stringify(line)}\n`)
  process.exitCode = stalls === 0 ? 0 : 1
  stop.abort()
  await over
  await producer.close()
  await hubs.close()
  front.stop()
  rmSync(folder, { recursive: true, force: true })
}

async function play(round: number): Promise<void> {
  const played: string[] = []
  for (let n = below(4); n >= 0; n--) {
    const fault = below(FAULTS.length)
    played.push(String(fault))
    FAULTS[fault]!(hubs)
    if (below(2) === 0) await send()
    if (below(3) === 0) await delay(below(50))
  }
  hubs.operator.clearFaults()
  const began = Date.now()
  await send()
  while (got < sent && Date.now() - began < STALL_MS) await delay(5)
  slowest = Math.max(slowest, Date.now() - began)
  if (got < sent) stalled(round, played)
  sent = got
}

async function send(): Promise<void> {
  for (let n = 0; n < 2; n++) {
    const body = Buffer.alloc(below(8) === 0 ? 200_000 : 200, 'x')
    const count = body.length > 1000 ? below(5) : below(MESSAGES_MAX)
    let batch = await producer.createBatch({ partitionId: partition() })
    for (let m = 0; m < count; m++) {
      if (batch.tryAdd({ body })) continue
      await producer.sendBatch(batch)
      batch = await producer.createBatch({ partitionId: partition() })
      batch.tryAdd({ body })
    }
    if (batch.count > 0) await producer.sendBatch(batch)
    sent += count
  }
}

function stalled(round: number, played: readonly string[]): void {
  stalls++
  const { hubs: found, receivers } = hubs.operator.state()
  process.stderr.write(
    `${JSON.stringify({ seed, round, played, sent, got, states: [...states.values()], found, receivers })}\n`,
  )
}

function condition(name: string): { condition: string; description: string } {
  return { condition: name, description: 'A fault that was asked for.' }
}

function rule(point: FaultRule['point'], action: FaultRule['action'], times = 1 + below(6)): FaultRule {
  return {
    point,
    match: point === 'attach' || point === 'deliver' ? { group: 'weir' } : {},
    times,
    after: below(20) * below(2),
    action,
  }
}

/** What lies between source and emulator, so that only the source's connections break. */
async function startFront(to: number) {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    const back = connect(to, '127.0.0.1')
    for (const [one, other] of [[socket, back] as const, [back, socket] as const]) {
      sockets.add(one)
      one.on('error', () => undefined)
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
    }
    socket.pipe(back).pipe(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const drop = (): void => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    drop,
    stop() {
      server.close()
      drop()
    },
  }
}
