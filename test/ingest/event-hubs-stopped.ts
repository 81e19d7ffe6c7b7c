import { setImmediate as turn } from 'node:timers/promises'
import { EVENT_HUBS_BOUNDS, eventHubsSource } from '@weir/ingest'
import type { SourceSignal } from '@weir/model'
import { createReport, systemClock } from '@weir/runtime'

/**
 * Reads hubs and prints each kind of state when it is first told. When standard input ends it stops the source,
 * prints what that left behind in the process, and ends by itself.
 */
const [connectionString, ...hubs] = process.argv.slice(2) as [string, ...string[]]
const stop = new AbortController()
const told = new Set<string>()

async function deliver(signal: SourceSignal): Promise<void> {
  if (signal.kind === 'batch') signal.committed?.()
  if (signal.kind !== 'state' || told.has(signal.state)) return
  told.add(signal.state)
  process.stdout.write(`${signal.state}\n`)
}

process.stdin.on('end', () => stop.abort()).resume()
const auth = { kind: 'emulator', connectionString } as const
const where = { hubs, consumerGroup: '$Default', transport: 'amqp', start: 'earliest' } as const
const deps = { clock: systemClock, report: createReport('silent'), random: Math.random }
const source = eventHubsSource({ ...EVENT_HUBS_BOUNDS, statusMs: 50, name: 'hubs', auth, ...where }, deps)
await source.run({ cursors: new Map(), deliver, signal: stop.signal })
// A socket that was destroyed is gone from the list a few turns later; one that lives stays in it.
for (let turns = 0; turns < 10; turns++) await turn()
const ours = process.getActiveResourcesInfo().filter((kind) => /Timeout|TCP|TLS/.test(kind))
process.stdout.write(`left: ${ours.join(' ') || 'nothing'}\n`)
