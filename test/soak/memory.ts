import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { EventHubProducerClient } from '@azure/event-hubs'
import { startEventHubs } from '../ingest/event-hubs.ts'

/**
 * Does a flood behind a stalled consumer stay out of memory? A consumer reads a trickle for a while (a receiver
 * that hoards credit hoards it then), stalls, is flooded, and goes on. Prints one JSON line; exits 1 when the
 * consumer's greatest resident size was over the bound, or a message was lost or came twice.
 */
const TRICKLE_SECONDS = 20
const TRICKLE_MESSAGES_PER_SECOND = 40
const FLOOD_MESSAGES = 4_000
const FLOOD_MESSAGE_BYTES = 250_000
const RSS_MB_MAX = 400
/** How long the flooded consumer stands still before it goes on. */
const STALL_SECONDS = 5
const HUB = 'soak'
const PARTITIONS = 4

interface Counts {
  readonly messages: number
  readonly bytes: number
  readonly repeats: number
  readonly gaps: number
}

const hubs = await startEventHubs([`${HUB}:${PARTITIONS}`])
const consumer = startConsumer(hubs.connectionString)
try {
  process.exitCode = await soak()
} finally {
  consumer.child.kill('SIGKILL')
  await hubs.stop()
}

async function soak(): Promise<number> {
  const trickled = await trickle()
  await consumer.reached(trickled)
  const rssBefore = peakMb(consumer.child)
  consumer.child.stdin!.write('stall\n')
  await flood()
  await delay(STALL_SECONDS * 1000)
  const rssStalled = peakMb(consumer.child)
  consumer.child.stdin!.write('go\n')
  const counts = await consumer.reached(trickled + FLOOD_MESSAGES)
  const rssPeak = peakMb(consumer.child)
  const exact = counts.repeats === 0 && counts.gaps === 0 && counts.messages === trickled + FLOOD_MESSAGES
  const ok = exact && rssPeak < RSS_MB_MAX
  const line = {
    soak: 'memory',
    ok,
    sent: trickled + FLOOD_MESSAGES,
    ...counts,
    rssBefore,
    rssStalled,
    rssPeak,
  }
  process.stdout.write(`${JSON.stringify({ ...line, unit: 'MB', rssMax: RSS_MB_MAX })}\n`)
  return ok ? 0 : 1
}

/** Small messages for a while; the count of them. */
async function trickle(): Promise<number> {
  const producer = new EventHubProducerClient(hubs.connectionString, HUB)
  const messages = TRICKLE_SECONDS * TRICKLE_MESSAGES_PER_SECOND
  for (let n = 0; n < messages; n++) {
    await producer.sendBatch([{ body: { n } }])
    await delay(1000 / TRICKLE_MESSAGES_PER_SECOND)
  }
  await producer.close()
  return messages
}

async function flood(): Promise<void> {
  const body = Buffer.alloc(FLOOD_MESSAGE_BYTES, 'x')
  const each = FLOOD_MESSAGES / PARTITIONS
  for (let partition = 0; partition < PARTITIONS; partition++)
    await hubs.send(HUB, String(partition), Array<Buffer>(each).fill(body))
}

/** Greatest resident size so far, megabytes. */
function peakMb(child: ChildProcess): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024)
}

function startConsumer(connectionString: string) {
  const script = new URL('./memory-consumer.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [script, connectionString, HUB], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let counts: Counts = { messages: 0, bytes: 0, repeats: 0, gaps: 0 }
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => {
    counts = JSON.parse(line)
  })
  return {
    child,
    async reached(messages: number): Promise<Counts> {
      while (counts.messages < messages) {
        if (child.exitCode !== null) throw new Error(`the consumer ended with ${child.exitCode}`)
        await once(lines, 'line')
      }
      return counts
    },
  }
}
