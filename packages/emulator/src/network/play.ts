import { aborted, type Clock } from '@weir/runtime'
import { createScenario, feed, type Progress, type Scenario } from '../scenario/index.ts'
import { type Comparison, compareAlerts } from './compare.ts'
import { judge, keptAlerts, type Verdict } from './judge.ts'
import { type Network, startNetwork } from './network.ts'
import { settle } from './settle.ts'

export interface PlayOptions {
  readonly folder: string
  readonly seed: number
  readonly clock: Clock
  /** Wall clock at which the scenario ends; equal for runs that are to be compared. */
  readonly end: number
  readonly signal: AbortSignal
  readonly note: (text: string) => void
  /** Troubles the network while records are in flight: asked before every delivery. */
  readonly trouble?: (network: Network, total: number) => Trouble
}

export interface Trouble {
  gate(progress: Progress): Promise<void>
  /** Resolves when the last of it is over; rejects with what went wrong. */
  over(): Promise<void>
}

/** What a whole scenario came to. */
export interface Outcome extends Comparison {
  readonly scenario: Scenario
  readonly verdict: Verdict
  readonly records: number
  readonly rawBytes: number
  readonly linkBytes: number
  readonly seconds: number
}

export const SCENARIO = { hours: 6, records: 50_000 } as const

/** Plays the scenario to its end at full speed in a network of its own, and stops that again. */
export async function play(options: PlayOptions): Promise<Outcome> {
  const { clock, note } = options
  const began = clock.now()
  const scenario = createScenario(options.seed, { ...SCENARIO, end: options.end })
  const network = await startNetwork({ folder: options.folder, port: 0, now: clock.now() })
  try {
    note(`network is up after ${seconds(clock, began)} s; ${scenario.totals.records} records begin to flow`)
    const played = flow(network, scenario, options).then(() =>
      settle(network, scenario.totals.records, clock),
    )
    await Promise.race([played, interrupted(options.signal)])
    note(`everything is read, matched and delivered after ${seconds(clock, began)} s`)
    return await outcome(network, scenario, seconds(clock, began))
  } finally {
    await network.stop()
  }
}

async function interrupted(signal: AbortSignal): Promise<never> {
  await aborted(signal)
  throw new Error('interrupted')
}

async function flow(network: Network, scenario: Scenario, options: PlayOptions): Promise<void> {
  const trouble = options.trouble?.(network, scenario.totals.records)
  await feed({
    deliveries: scenario.deliveries(),
    eventHubs: network.producer.hubConnection,
    blobs: network.producer.blobConnection,
    clock: options.clock,
    speed: 'full',
    signal: options.signal,
    ...(trouble === undefined ? {} : { gate: (progress) => trouble.gate(progress) }),
  })
  await trouble?.over()
}

async function outcome(network: Network, scenario: Scenario, took: number): Promise<Outcome> {
  const client = network.client()
  try {
    const [ledger, kept] = [await client.ledger(), await keptAlerts(network)]
    const verdict = judge(kept, scenario.planted)
    return {
      scenario,
      verdict,
      records: ledger.records,
      rawBytes: ledger.rawBytes,
      linkBytes: network.links.vpn.stats().bytes,
      ...(await compareAlerts(client, verdict.detections)),
      seconds: took,
    }
  } finally {
    await client.close()
  }
}

function seconds(clock: Clock, since: number): number {
  return Math.round((clock.now() - since) / 100) / 10
}
