import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { systemClock } from '@weir/runtime'
import { TestAggregator } from './aggregator.ts'

const TOKEN = 'a-token-to-push-with'

/** An aggregator with a push source named `push`, whose port outlives kills. */
export interface PushTarget {
  readonly weir: TestAggregator
  readonly url: string
}

/** @param ready what is waited for once the aggregator has said that it is ready; usually that the port answers */
export async function startPush(
  config: object = {},
  more: object = {},
  env: Readonly<Record<string, string>> = {},
  ready: (url: string) => Promise<unknown> = answers,
): Promise<PushTarget> {
  const port = await freePort()
  const ways = { ingest: { tokens: [{ name: 'test', token: { env: 'WEIR_PUSH_TOKEN' } }] } }
  const source = { type: 'push', name: 'push', port, ...ways, ...config }
  const weir = await TestAggregator.start([source], more, { WEIR_PUSH_TOKEN: TOKEN, ...env })
  const url = `http://127.0.0.1:${port}`
  await ready(url)
  return { weir, url }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** One request to the endpoint of our own; the body may be anything that fetch takes. */
export function post(
  { url }: PushTarget,
  body: string | Uint8Array | ReadableStream,
  headers: Record<string, string> = {},
) {
  return fetch(`${url}/v1/ingest/generic`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, ...headers },
    body,
    duplex: 'half',
  } as RequestInit)
}

export interface Sent {
  /** Requests that were answered otherwise than with 2xx, or not at all. */
  readonly repeats: readonly (number | 'no answer')[]
}

/** How soon a sender of tests tries again; a patient one would wait as long as it is told. */
const AGAIN_MS = 20

/** Sends the same until it is answered with 2xx, as a sender must that wants to lose nothing. */
export async function sendUntilTaken(send: () => Promise<Response>): Promise<Sent> {
  const repeats: (number | 'no answer')[] = []
  for (;;) {
    const status = await send().then(
      async (answer) => {
        await answer.arrayBuffer()
        return answer.status
      },
      () => 'no answer' as const,
    )
    if (status !== 'no answer' && status < 300) return { repeats }
    repeats.push(status)
    await systemClock.sleep(AGAIN_MS)
  }
}

/** The port is opened by the line, which begins after the aggregator has said that it is ready. */
function answers(url: string): Promise<Sent> {
  return sendUntilTaken(() => fetch(`${url}/v1/health`))
}
