import type { AlertV1, Client } from '@weir/contract'
import type { Clock } from '@weir/runtime'
import { createScenario, feed, type Progress, type Scenario } from '../scenario/index.ts'
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
export interface Outcome {
  readonly scenario: Scenario
  readonly verdict: Verdict
  readonly records: number
  readonly rawBytes: number
  readonly linkBytes: number
  /** Distinct detection alerts that the aggregator has, and those of which the SIEM has the last revision. */
  readonly alerts: number
  readonly delivered: number
  /** (rule, group, events) of every standing alert, sorted: what two runs are compared by. */
  readonly same: readonly string[]
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
    await flow(network, scenario, options)
    await settle(network, scenario.totals.records, clock)
    note(`everything is read, matched and delivered after ${seconds(clock, began)} s`)
    return await outcome(network, scenario, seconds(clock, began))
  } finally {
    await network.stop()
  }
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
    const bySiem = new Map(verdict.detections.map((alert) => [alert.id, alert]))
    let delivered = 0
    const alerts = await detections(client)
    const same: string[] = []
    for (const alert of alerts) {
      const { id, revision, status, group } = alert.weir.alert
      if (bySiem.get(id)?.revision === revision) delivered += 1
      if (status === 'merged' || !bySiem.has(id)) continue
      same.push(`${alert.rule.id} ${JSON.stringify(group)} ${(await eventsOf(client, id)).join(' ')}`)
    }
    return {
      scenario,
      verdict,
      records: ledger.records,
      rawBytes: ledger.rawBytes,
      linkBytes: network.links.vpn.stats().bytes,
      alerts: alerts.length,
      delivered,
      same: same.sort(),
      seconds: took,
    }
  } finally {
    await client.close()
  }
}

async function detections(client: Client): Promise<AlertV1[]> {
  const all: AlertV1[] = []
  for await (const page of client.alerts({ kind: 'detection', limit: 1000 })) all.push(...page.items)
  return all
}

/** Every member of an alert, once each. */
async function eventsOf(client: Client, id: string): Promise<string[]> {
  const events = new Set<string>()
  for await (const line of client.evidence(id)) events.add(`${line.dataset}/${line.eventId}`)
  return [...events].sort()
}

function seconds(clock: Clock, since: number): number {
  return Math.round((clock.now() - since) / 100) / 10
}
