import { type Client, ContractError, createClient } from '@weir/contract'
import { messageOf } from '@weir/runtime'
import type { AggregatorConfig, ForwarderConfig } from './config.ts'
import { lookAtPlace } from './file-place.ts'
import { LIMITS } from './limits.ts'
import { openConnections } from './link/connections.ts'
import { checkOutput } from './outputs.ts'
import { checkedTls } from './tls-files.ts'

/** One thing that was looked at. */
export interface Check {
  /** What was looked at: `aggregator NAME`, `spool`, `output NAME`. */
  readonly name: string
  readonly ok: boolean
  /** What was found, or what is wrong. */
  readonly detail: string
}

/**
 * Looks whether a forwarder with this configuration could work, also while one does: nothing is sent, made or
 * changed, and no session is taken.
 */
export async function doctor(config: ForwarderConfig): Promise<Check[]> {
  return Promise.all([
    ...config.aggregators.map((each) => check(`aggregator ${each.name}`, () => reachAggregator(each))),
    check('spool', () => lookAtPlace(config.spool.path)),
    ...config.outputs.map((output) => check(`output ${output.name}`, () => checkOutput(output))),
  ])
}

async function check(name: string, look: () => Promise<string>): Promise<Check> {
  try {
    return { name, ok: true, detail: await look() }
  } catch (error) {
    return { name, ok: false, detail: messageOf(error) }
  }
}

async function reachAggregator(aggregator: AggregatorConfig): Promise<string> {
  const { url, token } = aggregator
  const tls = checkedTls(aggregator)
  const proxy = aggregator.proxy?.reveal()
  const connections = openConnections({ url, proxy, connectMs: LIMITS.connectMs, tls: () => tls })
  try {
    const client = createClient({ url, token: token?.reveal(), dispatcher: connections.dispatcher })
    const { status, version } = await client.health()
    await presentToken(client)
    return `${url} knows us: version ${version}, ${status}`
  } finally {
    await connections.close()
  }
}

/** Asks for a page without a session: who is known to the aggregator is told just that, and loses nothing. */
async function presentToken({ feed }: Client): Promise<void> {
  try {
    await feed.page({ session: 'none', lane: 'urgent', after: 0, waitSeconds: 0 })
  } catch (error) {
    if (error instanceof ContractError && KNOWN.has(error.code)) return
    throw error
  }
}

const KNOWN: ReadonlySet<string> = new Set(['NO_SESSION', 'SESSION_TAKEN'])
