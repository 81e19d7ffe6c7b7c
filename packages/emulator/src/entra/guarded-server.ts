import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '@weir/runtime'
import { type RestFault, RestFaults } from './faults.ts'
import type { EntraTokens } from './tokens.ts'

export interface RestReply {
  readonly status: number
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Answers a request whose token is good. */
export type RestHandler = (method: string, url: URL) => RestReply

/** Requests that are remembered for a test to look at; the oldest are forgotten. */
const REQUESTS_MAX = 10_000

/**
 * An HTTP service on 127.0.0.1 behind tokens, as Microsoft's are: `/msi/token` gives them as App Service does to a
 * managed identity; anything else wants one. Faults and a clock that is wrong are for tests to set.
 */
export class GuardedServer {
  readonly faults = new RestFaults()
  readonly tokens: EntraTokens
  /** `GET /v1.0/… 200`, in order. */
  readonly requests: string[] = []
  /** The service's clock runs ahead of ours by so much. */
  skewMs = 0
  readonly #server: Server
  readonly #handler: RestHandler

  constructor(handler: RestHandler, tokens: EntraTokens) {
    this.#handler = handler
    this.tokens = tokens
    this.#server = createServer((request, response) => this.#answer(request, response))
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** What a process needs in its environment to have this identity. */
  get identity(): { readonly IDENTITY_ENDPOINT: string; readonly IDENTITY_HEADER: string } {
    return { IDENTITY_ENDPOINT: `${this.url}/msi/token`, IDENTITY_HEADER: 'stand-in' }
  }

  now(): number {
    return systemClock.now() + this.skewMs
  }

  stop(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', this.url)
    const reply = this.#reply(request, url)
    this.requests.push(`${request.method} ${decodeURIComponent(request.url ?? '')} ${reply.status}`)
    if (this.requests.length > REQUESTS_MAX) this.requests.shift()
    this.#send(request, response, reply)
  }

  #reply(request: IncomingMessage, url: URL): RestReply {
    if (url.pathname === '/msi/token') return this.#token(url)
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
    if (!this.tokens.isValid(token))
      return { ...refusal(401, 'InvalidAuthenticationToken'), headers: { 'www-authenticate': 'Bearer' } }
    return this.#handler(request.method ?? 'GET', url)
  }

  #token(url: URL): RestReply {
    if (this.tokens.refusing) return refusal(400, 'invalid_request')
    return { status: 200, body: JSON.stringify(this.tokens.issue(url.searchParams.get('resource') ?? '')) }
  }

  #send(request: IncomingMessage, response: ServerResponse, reply: RestReply): void {
    const fault = reply.status === 200 ? this.faults.take(request.url ?? '') : undefined
    const ahead = fault?.kind === 'date' ? fault.aheadMs : 0
    response.setHeader('date', new Date(this.now() + ahead).toUTCString())
    if (fault?.kind === 'cut') cut(response, reply)
    else write(response, fault === undefined ? reply : spoiled(reply, fault))
  }
}

function spoiled(reply: RestReply, fault: Exclude<RestFault, { readonly kind: 'cut' }>): RestReply {
  switch (fault.kind) {
    case 'status': {
      const { status, code = 'Planned', retryAfter } = fault
      const refused = refusal(status, code)
      return retryAfter === undefined ? refused : { ...refused, headers: { 'retry-after': retryAfter } }
    }
    case 'truncate':
      return { ...reply, body: half(reply.body) }
    case 'date':
      return reply
    case 'body':
      return { ...reply, body: fault.body }
    default:
      return fault satisfies never
  }
}

/** The form in which both services say no. */
export function refusal(status: number, code: string, message = `${code}, says the stand-in`): RestReply {
  return { status, body: JSON.stringify({ error: { code, message } }) }
}

function write(response: ServerResponse, { status, body, headers = {} }: RestReply): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
  response.end(body)
}

function cut(response: ServerResponse, { status, body }: RestReply): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  })
  response.write(half(body), () => response.socket?.destroy())
}

function half(body: string): string {
  return body.slice(0, Math.floor(body.length / 2))
}
