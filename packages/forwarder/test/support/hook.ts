import {
  createServer as createHttp,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createHttps, type ServerOptions } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { Watched } from './until.ts'

export interface Hooked {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** As it came, packed if it was packed. */
  readonly body: Buffer
}

interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly text?: string
}

/** A receiver of webhooks that keeps what it answers with 2xx. */
export class Hook {
  readonly watched = new Watched()
  readonly requests: Hooked[] = []
  readonly taken: Hooked[] = []
  /** Answers instead of 200, in turn. */
  readonly scripted: Answer[] = []
  /** What is answered else. */
  answer: (request: Hooked) => Answer = () => ({ status: 200 })
  readonly #server: Server

  constructor(tls?: ServerOptions) {
    const handle = (request: IncomingMessage, response: ServerResponse) => void this.reply(request, response)
    this.#server = tls === undefined ? createHttp(handle) : createHttps(tls, handle)
  }

  async listen(port = 0): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve))
    return (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  revisions(): string[] {
    return this.taken.map(({ headers }) => String(headers['idempotency-key']).replace(/-(\d+)$/, ' $1'))
  }

  async reply(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const { method = '', url = '', headers } = request
    const hooked = { method, path: url, headers, body: Buffer.concat(parts) }
    const answer = (method === 'HEAD' ? undefined : this.scripted.shift()) ?? this.answer(hooked)
    if (method !== 'HEAD') this.requests.push(hooked)
    if (method !== 'HEAD' && answer.status < 300) this.taken.push(hooked)
    response.writeHead(answer.status, answer.headers).end(answer.text ?? '')
    this.watched.changed()
  }
}

/** A proxy that opens tunnels to whom it is asked for, and tells who asked. */
export async function openProxy(status = 200) {
  const asked: { readonly to: string; readonly authorization: string | undefined }[] = []
  const server = createHttp()
  server.on('connect', (request, socket, head) => {
    const { host: to, hostname, port } = new URL(`http://${request.url}`)
    asked.push({ to, authorization: request.headers['proxy-authorization'] })
    if (status !== 200) return void socket.end(`HTTP/1.1 ${status} No\r\n\r\n`)
    const there = connect(Number(port), hostname.replace(/[[\]]/g, ''), () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      there.write(head)
      there.pipe(socket).pipe(there)
    })
    there.on('error', () => socket.destroy())
    socket.on('error', () => there.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    server.close()
  }
  return { asked, port: (server.address() as AddressInfo).port, close }
}
