import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { isObject } from '@weir/model'
import type { Clock } from '@weir/runtime'
import type { Faults } from './faults.ts'
import { HecAcks } from './hec-acks.ts'
import { readHecBody } from './hec-body.ts'
import { type HecReply, hecReply } from './hec-reply.ts'
import { HEC_TOKENS } from './hec-tokens.ts'
import type { Ledger } from './ledger.ts'

/** Decompressed bytes of one request; a larger one is answered 413. */
const HEC_BODY_BYTES_MAX = 10_485_760

export interface HecCounts {
  requests: number
  events: number
  acksAsked: number
}

/** Splunk's HTTP event collector, as far as its protocol is documented: events, acknowledgement, health. */
export class HecReceiver {
  readonly counts: HecCounts = { requests: 0, events: 0, acksAsked: 0 }
  readonly #ledger: Ledger
  readonly #faults: Faults
  readonly #clock: Clock
  readonly #server: Server
  readonly #acks = new HecAcks()

  constructor(ledger: Ledger, faults: Faults, clock: Clock, tls: ServerOptions) {
    this.#ledger = ledger
    this.#faults = faults
    this.#clock = clock
    this.#server = createServer(tls, (request, response) => {
      this.#serve(request, response).catch(() => request.socket.destroy())
    })
    this.#server.on('tlsClientError', () => undefined)
  }

  async listen(port: number): Promise<number> {
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
    return (this.#server.address() as AddressInfo).port
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.counts.requests++
    await this.#faults.flowing()
    const body = await bodyOf(request)
    const reply =
      body === undefined ? { status: 413, body: { text: 'Too large' } } : await this.#answer(request, body)
    if (reply === 'lost') return void request.socket.destroy()
    response.writeHead(reply.status, { 'content-type': 'application/json; charset=UTF-8' })
    response.end(JSON.stringify(reply.body))
  }

  async #answer(request: IncomingMessage, body: string): Promise<HecReply | 'lost'> {
    const url = new URL(request.url ?? '/', 'https://localhost')
    if (url.pathname === '/services/collector/health') return this.#health()
    const refused = refusal(request, url)
    if (refused !== undefined) return refused
    switch (url.pathname) {
      case '/services/collector':
      case '/services/collector/event':
        return this.#events(request, url, body)
      case '/services/collector/ack':
        return this.#ackStates(request, url, body)
      default:
        return { status: 404, body: { text: 'The requested URL was not found on this server.', code: 404 } }
    }
  }

  #health(): HecReply {
    return hecReply(this.#faults.state.hecBusy ? 'busy' : 'healthy')
  }

  /** Events before a bad one are kept, as the real collector does. */
  async #events(request: IncomingMessage, url: URL, body: string): Promise<HecReply | 'lost'> {
    if (this.#faults.state.hecBusy) return hecReply('busy')
    const channel = channelOf(request, url)
    const acknowledges = tokenOf(request)?.acknowledges === true
    if (acknowledges && channel === undefined) return hecReply('channelMissing')
    if (channel !== undefined && !isGuid(channel)) return hecReply('channelInvalid')
    if (body.trim() === '') return hecReply('noData')
    const { events, wrong } = readHecBody(body, this.#faults.state.hecRefuse)
    this.counts.events += events.length
    const kept = this.#ledger.append('hec', this.#clock.now(), events)
    if (wrong !== undefined) {
      await kept
      return hecReply(wrong.reply, { 'invalid-event-number': wrong.event })
    }
    const reply = acknowledges ? this.#taken(channel!, kept) : kept.then(() => hecReply('success'))
    return this.#faults.takeLostAnswer() ? kept.then(() => 'lost' as const) : reply
  }

  /** Answered before it is kept: that is what the acknowledgement is for. */
  #taken(channel: string, kept: Promise<void>): HecReply {
    const { ackId, indexed } = this.#acks.take(channel)
    kept.then(indexed, () => undefined)
    return hecReply('success', { ackId })
  }

  #ackStates(request: IncomingMessage, url: URL, body: string): HecReply {
    this.counts.acksAsked++
    if (tokenOf(request)?.acknowledges !== true) return hecReply('ackDisabled')
    const channel = channelOf(request, url)
    if (channel === undefined) return hecReply('channelMissing')
    if (!isGuid(channel)) return hecReply('channelInvalid')
    const ids = ackIds(body)
    if (ids === undefined) return hecReply('invalidFormat')
    const asked = this.#faults.state.neverAcknowledge ? new HecAcks() : this.#acks
    return { status: 200, body: { acks: asked.poll(channel, ids) } }
  }
}

/** Decompressed text; empty when the compression is broken, `undefined` when it is too large. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of request) {
    length += part.length
    if (length <= HEC_BODY_BYTES_MAX) parts.push(part)
  }
  if (length > HEC_BODY_BYTES_MAX) return undefined
  const body = Buffer.concat(parts)
  return request.headers['content-encoding'] === 'gzip' ? inflated(body) : body.toString('utf8')
}

function inflated(body: Buffer): string | undefined {
  try {
    return gunzipSync(body, { maxOutputLength: HEC_BODY_BYTES_MAX }).toString('utf8')
  } catch (error) {
    return error instanceof RangeError ? undefined : ''
  }
}

/** Why a request is not let in; `undefined` when it is. */
function refusal(request: IncomingMessage, url: URL): HecReply | undefined {
  const { authorization } = request.headers
  if (authorization === undefined)
    return hecReply(url.searchParams.has('token') ? 'queryAuth' : 'tokenRequired')
  if (!/^Splunk \S+$/i.test(authorization)) return hecReply('badAuthorization')
  const token = tokenOf(request)
  if (token === undefined) return hecReply('invalidToken')
  return token.disabled ? hecReply('disabledToken') : undefined
}

function tokenOf(request: IncomingMessage): (typeof HEC_TOKENS)[keyof typeof HEC_TOKENS] | undefined {
  const value = request.headers.authorization?.split(' ')[1]
  return Object.values(HEC_TOKENS).find((token) => token.value === value)
}

function channelOf(request: IncomingMessage, url: URL): string | undefined {
  const header = request.headers['x-splunk-request-channel']
  return typeof header === 'string' ? header : (url.searchParams.get('channel') ?? undefined)
}

function isGuid(channel: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(channel)
}

function ackIds(body: string): number[] | undefined {
  try {
    const parsed: unknown = JSON.parse(body)
    const acks = isObject(parsed) ? parsed['acks'] : undefined
    return Array.isArray(acks) && acks.every((id) => Number.isInteger(id)) ? (acks as number[]) : undefined
  } catch {
    return undefined
  }
}
