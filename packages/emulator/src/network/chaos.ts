import type { Progress } from '../scenario/index.ts'
import { Random } from '../scenario/random.ts'
import type { Network } from './network.ts'
import type { Trouble } from './play.ts'

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

/** Kill one of the sides, or cut one of the links. */
type Act = 'kill aggregator' | 'kill forwarder' | 'cut amqp' | 'cut blob' | 'cut vpn'

interface Point {
  /** Records handed over. */
  readonly at: number
  readonly act: Act
}

/**
 * Kills both sides with SIGKILL and cuts every connection at points of progress that the seed decides: each happens
 * when so many records have been handed over, with the next delivery waiting for it, never by the clock.
 * While a side starts again the traffic goes on; only the next point waits until it is up.
 */
export class Chaos implements Trouble {
  readonly tally: ChaosTally = { aggregatorKills: 0, forwarderKills: 0, amqpCuts: 0, blobCuts: 0, vpnCuts: 0 }
  readonly #network: Network
  readonly #points: Point[]
  readonly #note: (text: string) => void
  #underway: Promise<void> = Promise.resolve()

  constructor(network: Network, total: number, seed: number, note: (text: string) => void) {
    this.#network = network
    this.#points = plan(seed, total)
    this.#note = note
  }

  async gate({ records }: Progress): Promise<void> {
    while (this.#points.length > 0 && this.#points[0]!.at <= records) {
      const { act } = this.#points.shift()!
      await this.#underway
      this.#note(`record ${records}: ${act}`)
      this.#underway = perform(this.#network, act, this.tally)
    }
  }

  over(): Promise<void> {
    return this.#underway
  }
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
    ...spread('kill aggregator', KILLS),
    ...spread('kill forwarder', KILLS),
    ...spread('cut amqp', CUTS),
    ...spread('cut blob', CUTS),
    ...spread('cut vpn', CUTS),
  ]
  return points.sort((a, b) => a.at - b.at)
}

async function perform(network: Network, act: Act, tally: ChaosTally): Promise<void> {
  switch (act) {
    case 'kill aggregator':
      tally.aggregatorKills += 1
      return network.restartAggregator()
    case 'kill forwarder':
      tally.forwarderKills += 1
      return network.restartForwarder()
    case 'cut amqp':
      tally.amqpCuts += 1
      return network.links.amqp.drop()
    case 'cut blob':
      tally.blobCuts += 1
      return network.links.blob.drop()
    case 'cut vpn':
      tally.vpnCuts += 1
      return network.links.vpn.drop()
    default:
      return act satisfies never
  }
}
