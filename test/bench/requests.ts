import { readFileSync } from 'node:fs'
import { get } from 'node:https'
import { text } from 'node:stream/consumers'
import type { Network } from '@weir/emulator'

/** Calls of the feed that were answered, by what they were for. */
export interface Requests {
  readonly session: number
  readonly pages: number
  /** Polls that ended without a page. */
  readonly idle: number
  readonly marks: number
}

/** As the aggregator's own metrics have them. */
export async function requestsOf(network: Network): Promise<Requests> {
  const lines = (await metrics(network)).split('\n')
  const sum = (route: string, status: string): number =>
    lines
      .filter((line) => line.includes(`route="${route}"`) && line.includes(`status="${status}"`))
      .reduce((total, line) => total + Number(line.split(' ').at(-1)), 0)
  return {
    session: sum('/v1/feed/session', '200'),
    pages: sum('/v1/feed/:lane', '200'),
    idle: sum('/v1/feed/:lane', '204'),
    marks: sum('/v1/feed/marks', '204'),
  }
}

async function metrics({ aggregator, certificates, readerToken }: Network): Promise<string> {
  const { ca, client } = certificates
  const [caText, cert, key] = [ca, client.cert, client.key].map((file) => readFileSync(file))
  const headers = { authorization: `Bearer ${readerToken}` }
  const how = { ca: caText, cert, key, headers, agent: false as const }
  return new Promise((resolve, reject) => {
    get(`${aggregator.ready.url}/metrics`, how, (reply) => resolve(text(reply))).on('error', reject)
  })
}
