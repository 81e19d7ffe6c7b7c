// Runs in the cloud's namespace: the whole network with its forwarder and SIEM on premises, and the scenario in it.
// Ends with one JSON line of what crossed.
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { LedgerReply } from '@weir/contract'
import {
  type AggregatorFile,
  compareAlerts,
  createScenario,
  feed,
  judge,
  type Network,
  type Scenario,
  settle,
  startNetwork,
} from '@weir/emulator'
import { systemClock } from '@weir/runtime'
import { until } from '../e2e/until.ts'
import { alertsOn, severitiesIn } from './siem.ts'
import { Wire } from './wire.ts'

/** What a run is to be. */
export interface Plan {
  readonly folder: string
  /** What starts a command on premises. */
  readonly premises: readonly string[]
  readonly vpnHost: string
  readonly records: number
  /** One way. */
  readonly delayMs: number
  readonly bitsPerSecond?: number
  readonly bytesPerDay: string
  /** The link goes down when a third of the records have come, until all of them are alerts. */
  readonly cut: boolean
}

export interface Crossed {
  readonly rawBytes: number
  readonly records: number
  readonly planted: number
  readonly found: number
  readonly missed: readonly string[]
  readonly unexpected: readonly string[]
  readonly health: readonly string[]
  readonly alerts: number
  readonly delivered: number
  /** By the ledger, as long as the connection stands. */
  readonly linkBytes: number
  /** As the kernel counts it at that moment. */
  readonly payloadBytes: number
  readonly connections: number
  readonly interfaceBytes: number
  /** After the forwarder said goodbye. */
  readonly both: { readonly aggregator: number; readonly forwarder: number }
  /** Severity numbers of what came after the cut, in order; empty without one. */
  readonly returned: readonly number[]
  readonly seconds: number
}

const NAME = 'on-prem'

async function main(plan: Plan): Promise<Crossed> {
  const began = systemClock.now()
  const scenario = createScenario(1, { hours: 6, records: plan.records, end: began })
  const { bitsPerSecond, bytesPerDay: maxBytesPerDay } = plan
  const link = { maxBytesPerDay, ...(bitsPerSecond === undefined ? {} : { maxBitsPerSecond: bitsPerSecond }) }
  const network = await startNetwork({
    folder: plan.folder,
    port: 0,
    now: began,
    mutualTls: true,
    inOrder: true,
    premises: { through: plan.premises, vpnHost: plan.vpnHost },
    aggregator: (usual: AggregatorFile) => ({ ...usual, forwarders: [{ name: NAME, link }] }),
  })
  try {
    network.links.vpn.delay(plan.delayMs)
    const wire = await Wire.open(plan.premises, network.links.vpn.port)
    const before = plan.cut
      ? await crossWithCut(network, scenario, wire, plan.folder)
      : await cross(network, scenario)
    return await reckon(plan, network, scenario, wire, before, began)
  } finally {
    await network.stop()
  }
}

/** Resolves to how many messages the SIEM had before the link came back: none were waiting. */
async function cross(network: Network, scenario: Scenario): Promise<number | undefined> {
  await flow(network, scenario)
  await settle(network, scenario.totals.records, systemClock)
  return undefined
}

async function crossWithCut(
  network: Network,
  scenario: Scenario,
  wire: Wire,
  folder: string,
): Promise<number> {
  let cut = false
  await flow(network, scenario, async (records) => {
    if (cut || records < scenario.totals.records / 3) return
    cut = true
    await wire.look()
    network.links.vpn.cut()
    await wire.down()
    network.links.vpn.resume()
  })
  await until('all records are alerts', () => isMatched(network, scenario.totals.records))
  const before = severitiesIn(folder).length
  await wire.up()
  await settle(network, scenario.totals.records, systemClock)
  return before
}

function flow(
  network: Network,
  scenario: Scenario,
  at?: (records: number) => Promise<void>,
): Promise<unknown> {
  return feed({
    deliveries: scenario.deliveries(),
    eventHubs: network.producer.hubConnection,
    blobs: network.producer.blobConnection,
    clock: systemClock,
    speed: 'full',
    signal: new AbortController().signal,
    ...(at === undefined ? {} : { gate: ({ records }) => at(records) }),
  })
}

async function isMatched(network: Network, records: number): Promise<boolean> {
  const client = network.client()
  try {
    const [sources, ledger, health] = [await client.sources(), await client.ledger(), await client.health()]
    const partitions = sources.sources.flatMap((source) => source.partitions)
    const idle = health.pending.queued === 0 && health.pending.unsentRevisions === 0
    return ledger.records >= records && idle && partitions.every(({ state }) => state === 'caught-up')
  } finally {
    await client.close()
  }
}

async function reckon(
  plan: Plan,
  network: Network,
  scenario: Scenario,
  wire: Wire,
  before: number | undefined,
  began: number,
): Promise<Crossed> {
  const seconds = Math.round((systemClock.now() - began) / 100) / 10
  const ledger = await ledgerOf(network)
  await wire.look()
  const interfaceBytes = await wire.interfaceBytes()
  const kept = await alertsOn(plan.premises, network)
  const verdict = judge(kept, scenario.planted)
  const returned = before === undefined ? [] : severitiesIn(plan.folder).slice(before)
  const client = network.client()
  const { alerts, delivered } = await compareAlerts(client, verdict.detections).finally(() => client.close())
  await network.forwarder.stop()
  const own = ownCount(plan.folder)
  await until('its end is counted', async () => linkBytes(await ledgerOf(network)) >= own)
  return {
    rawBytes: ledger.rawBytes,
    records: ledger.records,
    planted: verdict.planted,
    found: verdict.found,
    missed: verdict.missed,
    unexpected: verdict.unexpected,
    health: verdict.health.map(({ rule }) => rule),
    alerts,
    delivered,
    linkBytes: linkBytes(ledger),
    payloadBytes: wire.payloadBytes,
    connections: wire.connections,
    interfaceBytes,
    both: { aggregator: linkBytes(await ledgerOf(network)), forwarder: own },
    returned,
    seconds,
  }
}

async function ledgerOf(network: Network): Promise<LedgerReply> {
  const client = network.client()
  try {
    return await client.ledger({ from: '2000-01-01' })
  } finally {
    await client.close()
  }
}

function linkBytes({ linkDays }: LedgerReply): number {
  const days = linkDays.filter(({ caller }) => caller === NAME)
  return days.reduce((sum, { received, sent }) => sum + received + sent, 0)
}

/** As the forwarder counted it itself. */
function ownCount(folder: string): number {
  const spool = new DatabaseSync(join(folder, 'spool.db'), { readOnly: true })
  try {
    return Number(spool.prepare('select sum(sent + received) as bytes from link_day').get()!['bytes'])
  } finally {
    spool.close()
  }
}

process.stdout.write(`${JSON.stringify(await main(JSON.parse(process.argv[2]!) as Plan))}\n`)
// Everything was stopped; nothing that a library left behind shall keep this process.
process.exit()
