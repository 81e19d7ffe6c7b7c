import type { Clock } from '@weir/runtime'
import type { Progress } from '../scenario/index.ts'
import { Random } from '../scenario/random.ts'
import type { Network } from './network.ts'

/** What chaos did. */
export interface ChaosTally {
  aggregatorKills: number
  forwarderKills: number
  amqpCuts: number
  blobCuts: number
  vpnCuts: number
}

/** Of each side; the points are spread over the records as they are handed over. */
const KILLS = 11
const CUTS = 5

type Act = 'aggregator' | 'forwarder' | 'amqp' | 'blob' | 'vpn'

interface Point {
  /** Records handed over. */
  readonly at: number
  readonly act: Act
}

/**
 * Kills both sides with SIGKILL and cuts every connection at points of progress that the seed decides: the next
 * happens when so many records have been handed over, never by the clock.
 */
export async function chaos(
  network: Network,
  progress: () => Progress,
  total: number,
  seed: number,
  clock: Clock,
  note: (text: string) => void,
): Promise<ChaosTally> {
  const tally: ChaosTally = { aggregatorKills: 0, forwarderKills: 0, amqpCuts: 0, blobCuts: 0, vpnCuts: 0 }
  for (const { at, act } of plan(seed, total)) {
    while (progress().records < at) await clock.sleep(5)
    note(
      `${act === 'aggregator' || act === 'forwarder' ? 'killing' : 'cutting'} ${act} at record ${progress().records}`,
    )
    await perform(network, act, tally)
  }
  return tally
}

/** Points between 2 % and 96 % of the records, each somewhere in its own slice, so that they are spread. */
function plan(seed: number, total: number): Point[] {
  const random = new Random(seed)
  const spread = (act: Act, times: number): Point[] =>
    Array.from({ length: times }, (_, n) => ({
      act,
      at: Math.floor(total * (0.02 + (0.94 * (n + random.fraction())) / times)),
    }))
  const points = [
    ...spread('aggregator', KILLS),
    ...spread('forwarder', KILLS),
    ...spread('amqp', CUTS),
    ...spread('blob', CUTS),
    ...spread('vpn', CUTS),
  ]
  return points.sort((a, b) => a.at - b.at)
}

async function perform(network: Network, act: Act, tally: ChaosTally): Promise<void> {
  switch (act) {
    case 'aggregator':
      tally.aggregatorKills += 1
      return network.restartAggregator()
    case 'forwarder':
      tally.forwarderKills += 1
      return network.restartForwarder()
    case 'amqp':
      tally.amqpCuts += 1
      return network.links.amqp.drop()
    case 'blob':
      tally.blobCuts += 1
      return network.links.blob.drop()
    case 'vpn':
      tally.vpnCuts += 1
      return network.links.vpn.drop()
    default:
      return act satisfies never
  }
}
