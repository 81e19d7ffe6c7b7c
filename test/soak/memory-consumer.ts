import { EVENT_HUBS_BOUNDS, eventHubsSource } from '@weir/ingest'
import type { SourceSignal } from '@weir/model'
import { createReport, systemClock } from '@weir/runtime'

/**
 * Reads a hub with the default bounds. `stall` on standard input stops it from taking anything, `go` lets it go
 * on; after every batch taken it says what it has so far.
 */
const [connectionString, hub] = process.argv.slice(2) as [string, string]
const counts = { messages: 0, bytes: 0, repeats: 0, gaps: 0 }
const last = new Map<string, number>()
let going = Promise.withResolvers<void>()
going.resolve()

process.stdin.on('data', (data) => {
  const word = data.toString().trim()
  if (word === 'stall') going = Promise.withResolvers<void>()
  else going.resolve()
})
process.stdin.on('end', () => process.exit(0))

async function deliver(signal: SourceSignal): Promise<void> {
  await going.promise
  if (signal.kind !== 'batch') return
  for (const { at, bytes } of signal.messages) {
    const previous = last.get(signal.partition) ?? -1
    if (Number(at) <= previous) counts.repeats++
    if (Number(at) > previous + 1) counts.gaps++
    last.set(signal.partition, Number(at))
    counts.messages++
    counts.bytes += bytes.length
  }
  signal.committed?.()
  process.stdout.write(`${JSON.stringify(counts)}\n`)
}

const auth = { kind: 'emulator', connectionString } as const
const where = { hubs: [hub], consumerGroup: '$Default', transport: 'amqp', start: 'earliest' } as const
const deps = { clock: systemClock, report: createReport('warn'), random: Math.random }
const source = eventHubsSource({ ...EVENT_HUBS_BOUNDS, name: 'soak', auth, ...where }, deps)
await source.run({ cursors: new Map(), deliver, signal: new AbortController().signal })
