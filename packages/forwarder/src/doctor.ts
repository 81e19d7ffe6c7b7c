import { type Client, ContractError, createClient } from '@weir/contract'
import { type Clock, messageOf, systemClock } from '@weir/runtime'
import { type CertificateEnd, certificateEnds } from './certificate-ends.ts'
import type { AggregatorConfig, ForwarderConfig } from './config.ts'
import { lookAtPlace } from './file-place.ts'
import { LIMITS } from './limits.ts'
import { openConnections } from './link/connections.ts'
import { checkOutput } from './outputs.ts'
import { checkedTls } from './tls-files.ts'

/** One thing that was looked at. */
export interface Check {
  /** What was looked at: `aggregator NAME`, `spool`, `output NAME`, `certificate for output NAME`. */
  readonly name: string
  readonly ok: boolean
  /** What was found, or what is wrong. */
  readonly detail: string
}

/**
 * Looks whether a forwarder with this configuration could work, also while one does: nothing is sent, made or
 * changed, and no session is taken.
 */
export async function doctor(config: ForwarderConfig, clock: Clock = systemClock): Promise<Check[]> {
  return Promise.all([
    ...config.aggregators.map((each) => check(`aggregator ${each.name}`, () => reachAggregator(each))),
    check('spool', () => lookAtPlace(config.spool.path)),
    ...config.outputs.map((output) => check(`output ${output.name}`, () => checkOutput(output))),
    ...certificateEnds(config).map((each) => check(each.name, async () => untilEnd(each, clock.now()))),
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
    const { name, role, by, ends } = await client.me()
    await presentToken(client)
    const until = ends === undefined ? '' : `, until ${ends}`
    return `${url} knows us as the ${role} "${name}" by our ${by}${until}: version ${version}, ${status}`
  } finally {
    await connections.close()
  }
}

/** Says when it ends; throws once it has. */
function untilEnd({ ends }: CertificateEnd, now: number): string {
  const days = Math.floor((Date.parse(ends) - now) / 86_400_000)
  if (days < 0) throw new Error(`ended at ${ends}`)
  return `ends at ${ends}, in ${days} days`
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
