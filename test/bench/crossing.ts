import { resolve } from 'node:path'
import { type AggregatorFile, type Network, settle, startNetwork } from '@weir/emulator'
import { systemClock } from '@weir/runtime'
import { handshakeBytes } from './handshake.ts'
import { feedPieces, type Piece } from './pieces.ts'
import { type Reach, reachOf } from './reach.ts'
import { type Requests, requestsOf } from './requests.ts'

/** What crossed the link for one set of records. */
export interface Crossing extends Reach {
  /** Decompressed bytes of the records. */
  readonly rawBytes: number
  readonly records: number
  readonly revisions: number
  /** TCP payload both ways, TLS handshakes and HTTP included, until everything was acknowledged. */
  readonly linkBytes: number
  readonly percent: number
  readonly parts: Parts
}

/** Where the link's bytes went. */
interface Parts {
  readonly connections: number
  /** What as many connections cost that ask nothing. */
  readonly handshakes: number
  /** Pages of the feed, packed. */
  readonly pages: number
  /** HTTP's headers, session, marks, and the frames of HTTP/2 and TLS around everything. */
  readonly rest: number
  readonly requests: Requests
}

/** Lets records through a network of their own, with certificates on both sides. */
export async function cross(
  folder: string,
  rules: readonly string[],
  files: readonly string[],
  pieces?: readonly Piece[],
): Promise<Crossing> {
  const network = await startNetwork({
    folder,
    port: 0,
    now: systemClock.now(),
    mutualTls: true,
    inOrder: true,
    aggregator: (usual) => aggregatorOf(usual, rules, pieces === undefined ? files : undefined),
  })
  try {
    if (pieces === undefined) await settle(network, 1, systemClock)
    else await feedPieces(network, pieces)
    return await reckon(network, rules, files)
  } finally {
    await network.stop()
  }
}

/** Without files, the hubs of the network. */
function aggregatorOf(usual: AggregatorFile, rules: readonly string[], files?: readonly string[]): object {
  const own = { ...usual, rules: { folders: rules.map((each) => resolve(each)) } }
  // What is of another year would come too late to count.
  const lateness = Object.fromEntries(Object.keys(usual.lateness).map((dataset) => [dataset, '7300d']))
  return files === undefined
    ? { ...own, lateness }
    : { ...own, sources: [{ type: 'files', name: 'records', inputs: files }] }
}

async function reckon(
  network: Network,
  rules: readonly string[],
  files: readonly string[],
): Promise<Crossing> {
  const { bytes: linkBytes, connections } = network.links.vpn.stats()
  const client = network.client()
  try {
    const ledger = await client.ledger({ from: '2000-01-01' })
    const { rawBytes, records, linkDays } = ledger
    const pages = sum(linkDays.map(({ feedPackedBytes }) => feedPackedBytes))
    const requests = await requestsOf(network)
    const handshakes = connections * (await handshakeBytes(network))
    return {
      ...(await reachOf(client, rules, files)),
      rawBytes,
      records,
      revisions: sum(ledger.rules.map((rule) => rule.revisions)),
      linkBytes,
      percent: Number(((100 * linkBytes) / rawBytes).toFixed(3)),
      parts: { connections, handshakes, pages, rest: linkBytes - handshakes - pages, requests },
    }
  } finally {
    await client.close()
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
