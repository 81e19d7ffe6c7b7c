import type { Clock } from '@weir/runtime'
import type { Network } from './network.ts'
import { FORWARDER_NAME } from './side-configs.ts'

/** How often the network is asked whether it is done. */
const POLL_MS = 200
/** Without any progress for so long, waiting ends with an error that tells what stands still. */
const STILL_SECONDS_MAX = 60

interface Progress {
  readonly read: number
  readonly done: boolean
  readonly text: string
}

/**
 * Resolves when everything that was written has been read, every revision shipped, and every alert acknowledged by
 * all of the outputs. Rejects when nothing moves any more before that.
 */
export async function settle(
  network: Pick<Network, 'client'>,
  records: number,
  clock: Clock,
  outputs: readonly string[] = ['siem'],
): Promise<void> {
  let last = ''
  let since = clock.now()
  for (;;) {
    const progress = await look(network, records, outputs)
    // Twice the same: what was asked one after another cannot have crossed.
    if (progress.done && progress.text === last) return
    if (progress.text !== last) {
      last = progress.text
      since = clock.now()
    }
    if (clock.now() - since > STILL_SECONDS_MAX * 1000) throw new Error(`nothing moves any more: ${last}`)
    await clock.sleep(POLL_MS)
  }
}

async function look(
  network: Pick<Network, 'client'>,
  records: number,
  outputs: readonly string[],
): Promise<Progress> {
  const client = network.client()
  try {
    const [sources, ledger, health] = [await client.sources(), await client.ledger(), await client.health()]
    const partitions = sources.sources.flatMap((source) => source.partitions)
    const waiting = partitions
      .filter((each) => each.state !== 'caught-up')
      .map((each) => `${each.partition} ${each.state}`)
    const forwarder = ledger.forwarders.find((each) => each.name === FORWARDER_NAME)
    const lanes = Object.entries(forwarder?.lanes ?? {}).map(([lane, { head }]) => ({
      lane,
      head,
      delivered: Math.min(...outputs.map((output) => forwarder?.delivered[output]?.[lane] ?? 0)),
    }))
    const { unsentRevisions } = health.pending
    const done =
      ledger.records >= records &&
      partitions.length > 0 &&
      waiting.length === 0 &&
      unsentRevisions === 0 &&
      lanes.length > 0 &&
      lanes.every((each) => each.delivered === each.head)
    return {
      read: ledger.records,
      done,
      text: JSON.stringify({ read: ledger.records, of: records, waiting, unsentRevisions, lanes }),
    }
  } finally {
    await client.close()
  }
}
