import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { Watched } from './until.ts'

export interface HecEvent {
  readonly time: number
  readonly event: unknown
  readonly fields: Readonly<Record<string, string>>
  readonly [key: string]: unknown
}

interface ScriptedReply {
  readonly status: number
  readonly code: number
}

export const HEC_TOKEN = 'hec-token'

/** An HTTP Event Collector that keeps what it takes, with acknowledgements that come when the test says so. */
export class Collector {
  readonly watched = new Watched()
  readonly events: HecEvent[] = []
  readonly channels = new Set<string>()
  /** Replies instead of the usual ones, in turn; what comes with them is not kept. */
  readonly scripted: ScriptedReply[] = []
  /** Answered to everything while it is set. */
  refuses: ScriptedReply | undefined
  requests = 0
  polls = 0
  /** Acknowledgements are told from the poll of this number on; `undefined` for a token without them. */
  ackFromPoll: number | undefined
  /** Answered to questions for acknowledgements, in turn. */
  readonly scriptedAcks: ScriptedReply[] = []
  /** An event that is answered with code 6, if it is in a batch. */
  bad: (event: HecEvent) => boolean = () => false
  /** Names the bad event by its number, and keeps those before it, as Splunk may. */
  namesBad = false
  /** Ends each connection after an answer. */
  hangsUp = false
  /** Set by each answer, and looked for in each request. */
  cookie: string | undefined
  readonly cookiesShown: (string | undefined)[] = []
  /** Acknowledgements that wait to be told, by channel; each channel counts from 0. */
  readonly #acks = new Map<string, { next: number; readonly waiting: Set<number> }>()
  readonly #server: Server = createServer((request, response) => void this.#handle(request, response))

  async listen(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** Breaks every connection. */
  cut(): void {
    this.#server.closeAllConnections()
  }

  revisions(): string[] {
    return this.events.map(({ fields }) => `${fields['alert_id']} ${fields['revision']}`)
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname: path, searchParams } = new URL(request.url ?? '/', 'http://x')
    const body = await bodyOf(request)
    this.cookiesShown.push(request.headers.cookie)
    if (this.hangsUp) response.setHeader('connection', 'close')
    if (this.cookie !== undefined) response.setHeader('set-cookie', `${this.cookie}; Path=/; HttpOnly`)
    const known = request.headers.authorization === `Splunk ${HEC_TOKEN}`
    const { refuses } = this
    if (refuses !== undefined) reply(response, refuses.status, { text: 'as told', code: refuses.code })
    else if (path === '/services/collector/health') reply(response, 200, { text: 'HEC is healthy', code: 17 })
    else if (!known) reply(response, 403, { text: 'Invalid token', code: 4 })
    else if (path === '/services/collector/ack')
      this.#tellAcks(response, body, searchParams.get('channel') ?? '')
    else this.#take(request, response, body)
    this.watched.changed()
  }

  /** An acknowledgement is told once; one of another channel is not known. */
  #tellAcks(response: ServerResponse, body: string, channel: string): void {
    this.polls++
    const scripted = this.scriptedAcks.shift()
    if (scripted !== undefined) {
      reply(response, scripted.status, { text: 'as told', code: scripted.code })
      return
    }
    const { acks } = JSON.parse(body) as { acks: number[] }
    const come = this.ackFromPoll !== undefined && this.polls >= this.ackFromPoll
    const told = (id: number): boolean => come && this.#acks.get(channel)?.waiting.delete(id) === true
    reply(response, 200, { acks: Object.fromEntries(acks.map((id) => [id, told(id)])) })
  }

  #take(request: IncomingMessage, response: ServerResponse, body: string): void {
    this.requests++
    const scripted = this.scripted.shift()
    const events = splitObjects(body)
    if (scripted !== undefined) reply(response, scripted.status, { text: 'as told', code: scripted.code })
    else if (events.some(this.bad)) this.#refuse(response, events)
    else this.#keep(request, response, events)
  }

  #refuse(response: ServerResponse, events: readonly HecEvent[]): void {
    const at = events.findIndex(this.bad)
    if (this.namesBad) this.events.push(...events.slice(0, at))
    const named = this.namesBad ? { 'invalid-event-number': at } : {}
    reply(response, 400, { text: 'Invalid data format', code: 6, ...named })
  }

  #keep(request: IncomingMessage, response: ServerResponse, events: readonly HecEvent[]): void {
    this.events.push(...events)
    const channel = String(request.headers['x-splunk-request-channel'] ?? '')
    this.channels.add(channel)
    const ack = this.ackFromPoll === undefined ? {} : { ackId: this.#nextAck(channel) }
    reply(response, 200, { text: 'Success', code: 0, ...ack })
  }

  #nextAck(channel: string): number {
    const acks = this.#acks.get(channel) ?? { next: 0, waiting: new Set() }
    this.#acks.set(channel, acks)
    acks.waiting.add(acks.next)
    return acks.next++
  }
}

/** Objects stand one after another without anything between. */
function splitObjects(body: string): HecEvent[] {
  return body
    .split(/(?<=\})(?=\{"time":)/)
    .filter((text) => text !== '')
    .map((text) => JSON.parse(text) as HecEvent)
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  const whole = Buffer.concat(parts)
  return (request.headers['content-encoding'] === 'gzip' ? gunzipSync(whole) : whole).toString()
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
