import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type AggregatorFile,
  createScenario,
  feed,
  type KeptAlert,
  keptAlerts,
  type Network,
  type NetworkOptions,
  type Progress,
  type Scenario,
  settle,
  startNetwork,
} from '@weir/emulator'
import { systemClock } from '@weir/runtime'

/** A development network with real processes in a folder of its own, and the traffic that was let into it. */
export class World {
  readonly network: Network
  readonly folder: string
  /** Records that all scenarios so far hold. */
  #records = 0

  constructor(network: Network, folder: string) {
    this.network = network
    this.folder = folder
  }

  static async start(options: Omit<NetworkOptions, 'folder' | 'port' | 'now'> = {}): Promise<World> {
    const folder = mkdtempSync(join(tmpdir(), 'weir-e2e-'))
    const aggregator = (usual: AggregatorFile): object => (options.aggregator ?? same)(hasty(usual))
    try {
      const place = { folder, port: 0, now: systemClock.now() }
      return new World(await startNetwork({ ...place, ...options, aggregator }), folder)
    } catch (error) {
      rmSync(folder, { recursive: true, force: true })
      throw error
    }
  }

  /** Hands a whole scenario over at full speed. */
  async flow(
    scenario: Scenario,
    gate: (progress: Progress) => Promise<void> = async () => {},
  ): Promise<void> {
    this.#records += scenario.totals.records
    const { hubConnection, blobConnection } = this.network.producer
    await feed({
      deliveries: scenario.deliveries(),
      eventHubs: hubConnection,
      blobs: blobConnection,
      clock: systemClock,
      speed: 'full',
      signal: new AbortController().signal,
      gate,
    })
  }

  /** Resolves when everything handed over is read, and acknowledged by the outputs. */
  settled(outputs?: readonly string[]): Promise<void> {
    return settle(this.network, this.#records, systemClock, outputs)
  }

  kept(): Promise<KeptAlert[]> {
    return keptAlerts(this.network)
  }

  /** The happenings in a side's log. */
  log(side: 'aggregator' | 'forwarder'): Happening[] {
    const lines = readFileSync(join(this.folder, `${side}.log`), 'utf8').split('\n')
    return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Happening)
  }

  async books(): Promise<Books> {
    const client = this.network.client()
    try {
      const { sources } = await client.sources()
      const sum = (of: (source: (typeof sources)[number]) => number): number =>
        sources.reduce((total, source) => total + of(source), 0)
      return {
        read: sum((each) => each.read),
        normalized: sum((each) => each.normalized),
        duplicates: sum((each) => each.duplicates),
        quarantined: sum((each) => each.quarantined),
      }
    } finally {
      await client.close()
    }
  }

  async stop(): Promise<void> {
    await this.network.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Revisions that wait for quiet go out sooner; what they say is the same. */
export function hasty(usual: AggregatorFile): AggregatorFile {
  return { ...usual, line: { quietRevision: '500ms' } }
}

function same(usual: AggregatorFile): object {
  return usual
}

export interface Happening {
  readonly happening: string
  readonly [detail: string]: unknown
}

export interface Books {
  readonly read: number
  readonly normalized: number
  readonly duplicates: number
  readonly quarantined: number
}

/** Small traffic with the whole attack in it; it ended a moment ago. */
export function smallScenario(seed: number, end = systemClock.now()): Scenario {
  return createScenario(seed, { end, hours: 2, records: 2_000 })
}

/** What the books of a run must say when nothing was repeated or forgotten on the way. */
export function booksOf(...scenarios: readonly Scenario[]): Books {
  const sum = (of: (scenario: Scenario) => number): number =>
    scenarios.reduce((total, scenario) => total + of(scenario), 0)
  return {
    read: sum(({ totals }) => totals.records),
    normalized: sum(({ totals }) => totals.good),
    duplicates: sum(({ totals }) => totals.duplicates),
    quarantined: sum(({ totals }) => totals.unreadable),
  }
}
