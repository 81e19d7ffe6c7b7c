import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { zstdCompressSync } from 'node:zlib'
import { chainNext, chainStart, type Lane, type MarksRequest } from '@weir/contract'
import { lineOf } from './forwarder-alert.ts'

const EPOCH = 'soak'
const PAGE_BYTES_MAX = 1_000_000

/** A feed whose bulk lane has as many alerts as it is told to, all different, made as they are asked for. */
export class SoakFeed {
  marks: MarksRequest = {}
  /** Length of the last line, bytes. */
  lineBytes = 0
  #alerts = 0
  #session = 0
  readonly #chains = new Map<number, string>([[0, chainStart(EPOCH, 'bulk')]])
  readonly #waiting = new Set<() => void>()
  readonly #server: Server = createServer((request, response) => void this.#handle(request, response))

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  offer(alerts: number): void {
    this.#alerts += alerts
    for (const wake of [...this.#waiting]) wake()
  }

  delivered(output: string): number {
    return this.marks.delivered?.[output]?.bulk ?? 0
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined)
    const { pathname, searchParams } = new URL(request.url!, 'http://x')
    const body = await bodyOf(request)
    if (pathname === '/v1/feed/session') json(response, this.#open(JSON.parse(body)))
    else if (request.headers['weir-session'] !== `s-${this.#session}`) {
      response.statusCode = 409
      json(response, { error: { code: 'SESSION_TAKEN', message: 'another session' } })
    } else if (pathname === '/v1/feed/marks') {
      this.marks = JSON.parse(body)
      response.writeHead(204).end()
    } else await this.#page(response, pathname.endsWith('bulk'), Number(searchParams.get('after')))
  }

  #open({ lanes }: { lanes?: object }) {
    this.#session++
    const start = (lane: Lane) => ({ seq: 0, chain: chainStart(EPOCH, lane) })
    const from = lanes ?? { urgent: start('urgent'), bulk: start('bulk') }
    return { session: `s-${this.#session}`, epoch: EPOCH, restarted: false, lanes: from }
  }

  async #page(response: ServerResponse, bulk: boolean, after: number): Promise<void> {
    while (!bulk || after >= this.#alerts) {
      await new Promise<void>((resolve) => {
        this.#waiting.add(resolve)
        response.once('close', resolve)
      })
      if (response.closed) return
    }
    response.writeHead(200, { 'content-type': 'application/x-ndjson', 'content-encoding': 'zstd' })
    response.end(zstdCompressSync(this.#lines(after)))
  }

  #lines(after: number): Buffer {
    const lines: Buffer[] = []
    let [seq, chain, bytes] = [after, this.#chains.get(after)!, 0]
    while (seq < this.#alerts && bytes < PAGE_BYTES_MAX) {
      const line = Buffer.from(lineOf(++seq))
      chain = chainNext(chain, line)
      lines.push(line)
      bytes += line.length
      this.lineBytes = line.length
    }
    this.#chains.set(seq, chain)
    lines.push(Buffer.from(JSON.stringify({ end: { lane: 'bulk', seq, chain } })))
    return Buffer.from(`${lines.join('\n')}\n`)
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const part of request) body += part
  return body
}

function json(response: ServerResponse, value: unknown): void {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(value))
}
