import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createHttps, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import type { EntraStandIn } from './entra.ts'
import { Watched } from './until.ts'

export interface Row {
  readonly AlertId: string
  readonly Revision: number
  readonly [column: string]: unknown
}

interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly message?: string
}

export const RULE = 'dcr-0123456789abcdef0123456789abcdef'
export const STREAM = 'Custom-WeirAlerts_CL'
/** Of the service, as it is sent and unpacked. */
const BODY_BYTES_MAX = 1024 * 1024

/** The Logs Ingestion API with one rule and one stream, which keeps the rows that it takes. */
export class LogsIngestionStandIn {
  readonly watched = new Watched()
  readonly rows: Row[] = []
  readonly requests: {
    readonly path: string
    readonly headers: IncomingHttpHeaders
    readonly bytes: number
  }[] = []
  /** Answers instead of the usual ones, in turn; what comes with them is not kept. */
  readonly scripted: Answer[] = []
  /** Answered to everything while it is set. */
  refuses: Answer | undefined
  /** A row with which a request is answered 400. */
  bad: (row: Row) => boolean = () => false
  readonly #entra: EntraStandIn
  readonly #server: Server
  readonly #scheme: string

  constructor(entra: EntraStandIn, tls?: ServerOptions) {
    const handle = (request: IncomingMessage, response: ServerResponse) =>
      void this.#handle(request, response)
    this.#entra = entra
    this.#server = tls === undefined ? createServer(handle) : createHttps(tls, handle)
    this.#scheme = tls === undefined ? 'http' : 'https'
  }

  async listen(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve))
    return this.url
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  revisions(): string[] {
    return this.rows.map(({ AlertId, Revision }) => `${AlertId} ${Revision}`)
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const { status, headers = {}, message } = this.#answer(request, Buffer.concat(parts))
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(message === undefined ? '' : JSON.stringify({ error: { code: 'OperationFailed', message } }))
    this.watched.changed()
  }

  #answer({ method, url = '', headers }: IncomingMessage, sent: Buffer): Answer {
    if (this.refuses !== undefined) return this.refuses
    if (!this.#entra.knows(headers.authorization)) return { status: 401, message: 'the token is not good' }
    if (url !== `/dataCollectionRules/${RULE}/streams/${STREAM}?api-version=2023-01-01`)
      return { status: 404, message: 'there is no such rule or stream' }
    if (method !== 'POST') return { status: 405 }
    const body = headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent
    this.requests.push({ path: url, headers, bytes: body.length })
    return this.scripted.shift() ?? this.#take(body)
  }

  #take(body: Buffer): Answer {
    if (body.length > BODY_BYTES_MAX) return { status: 413, message: 'larger than 1 MB' }
    const rows = JSON.parse(body.toString('utf8')) as Row[]
    if (!Array.isArray(rows)) return { status: 400, message: 'no list' }
    if (rows.some(this.bad)) return { status: 400, message: 'a row is no row' }
    this.rows.push(...rows)
    return { status: 204 }
  }
}
