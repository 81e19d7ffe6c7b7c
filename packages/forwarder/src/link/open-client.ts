import { type Client, createClient } from '@weir/contract'
import type { Clock, Report } from '@weir/runtime'
import type { AggregatorConfig } from '../config.ts'
import { Fresh } from '../fresh.ts'
import { checkedTls } from '../tls-files.ts'
import { type Connections, openConnections } from './connections.ts'

export interface LinkClient {
  readonly client: Client
  readonly connections: Connections
}

interface Tools {
  readonly clock: Clock
  readonly report: Report
  readonly limits: { readonly connectMs: number }
}

/**
 * The client of an aggregator for as long as a forwarder runs: a token file or PEM file that is replaced counts
 * from the next call on. Throws `WeirError` CONFIG_INVALID for PEM files that cannot be used.
 */
export function openClient(config: AggregatorConfig, tools: Tools): LinkClient {
  const { name, url, token } = config
  const tls = new Fresh(`certificates for ${name}`, () => checkedTls(config), tools)
  const tokens = new Fresh(
    `token for ${name}`,
    () => {
      token?.refresh()
      return token?.reveal()
    },
    tools,
  )
  const connections = openConnections({
    url,
    proxy: config.proxy?.reveal(),
    connectMs: tools.limits.connectMs,
    tls: () => tls.current,
  })
  const client = createClient({ url, token: () => tokens.current, dispatcher: connections.dispatcher })
  return { client, connections }
}
