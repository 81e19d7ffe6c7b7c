import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageOf, systemClock } from '@weir/runtime'
import { createScenario, feed } from '../scenario/index.ts'
import { keptAlerts } from './judge.ts'
import { type Network, startNetwork } from './network.ts'
import { SCENARIO } from './play.ts'
import { render } from './view.ts'

export interface StartOptions {
  /** Port of the API; 0 for any free one. */
  readonly port: number
  readonly seed: number
  readonly signal: AbortSignal
}

const HOUR_MS = 3_600_000
/** How much of the scenario lies behind when it starts; that part flows at once, the rest at its own pace. */
const HOURS_BEHIND = 5.9
const REDRAW_MS = 1_000

/** Runs the whole network until the signal: some hours of logs at once, then traffic as time goes by. */
export async function start(options: StartOptions, target: NodeJS.Process): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-start-'))
  try {
    const network = await startNetwork({ folder, port: options.port, now: systemClock.now() })
    try {
      await Promise.all([traffic(network, options), show(network, options.signal, target)])
    } finally {
      await network.stop()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** One scenario after another, each with an attack of its own. */
async function traffic(network: Network, { seed, signal }: StartOptions): Promise<void> {
  let end = systemClock.now() + (SCENARIO.hours - HOURS_BEHIND) * HOUR_MS
  for (let n = 0; !signal.aborted; n++) {
    await feed({
      deliveries: createScenario(seed + n, { ...SCENARIO, end }).deliveries(),
      eventHubs: network.producer.hubConnection,
      blobs: network.producer.blobConnection,
      clock: systemClock,
      speed: 'paced',
      signal,
    })
    end += SCENARIO.hours * HOUR_MS
  }
}

/** A live view on a terminal; elsewhere one line that says where to ask. */
async function show(network: Network, signal: AbortSignal, target: NodeJS.Process): Promise<void> {
  const { url } = network.aggregator.ready
  const token = network.readerToken
  const ca = network.certificates.ca
  if (target.stdout.isTTY !== true) {
    target.stdout.write(`Weir is up: ${url} token ${token} ca ${ca}\n`)
    await systemClock.sleep(2 ** 31 - 1, signal)
    return
  }
  const client = network.client()
  try {
    while (!signal.aborted) {
      const text = await moment().catch((error: unknown) => `waiting for the aggregator: ${messageOf(error)}`)
      // Home, the text with each line cleared to its end, then everything below cleared: no flicker.
      target.stdout.write(`\u001b[H${text.replaceAll('\n', '\u001b[K\n')}\u001b[K\u001b[J`)
      await systemClock.sleep(REDRAW_MS, signal)
    }
  } finally {
    target.stdout.write('\nstopping …\n')
    await client.close()
  }

  async function moment(): Promise<string> {
    const [sources, ledger, kept] = await Promise.all([
      client.sources(),
      client.ledger(),
      keptAlerts(network),
    ])
    const linkBytes = network.links.vpn.stats().bytes
    return render({ sources, ledger, kept, linkBytes, url, token, ca }, target.stdout.columns)
  }
}
