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
  /** An event that is answered with code 6, if it is in a batch. */
  bad: (event: HecEvent) => boolean = () => false
  #ackId = 0
  readonly #server: Server = createServer((request, response) => void this.#handle(request, response))

  async listen(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  revisions(): string[] {
    return this.events.map(({ fields }) => `${fields['alert_id']} ${fields['revision']}`)
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://x').pathname
    const body = await bodyOf(request)
    const known = request.headers.authorization === `Splunk ${HEC_TOKEN}`
    const { refuses } = this
    if (refuses !== undefined) reply(response, refuses.status, { text: 'as told', code: refuses.code })
    else if (path === '/services/collector/health') reply(response, 200, { text: 'HEC is healthy', code: 17 })
    else if (!known) reply(response, 403, { text: 'Invalid token', code: 4 })
    else if (path === '/services/collector/ack') this.#tellAcks(response, body)
    else this.#take(request, response, body)
    this.watched.changed()
  }

  #tellAcks(response: ServerResponse, body: string): void {
    this.polls++
    const { acks } = JSON.parse(body) as { acks: number[] }
    const come = this.ackFromPoll !== undefined && this.polls >= this.ackFromPoll
    reply(response, 200, { acks: Object.fromEntries(acks.map((id) => [id, come])) })
  }

  #take(request: IncomingMessage, response: ServerResponse, body: string): void {
    this.requests++
    const scripted = this.scripted.shift()
    const events = splitObjects(body)
    if (scripted !== undefined) reply(response, scripted.status, { text: 'as told', code: scripted.code })
    else if (events.some(this.bad)) reply(response, 400, { text: 'Invalid data format', code: 6 })
    else this.#keep(request, response, events)
  }

  #keep(request: IncomingMessage, response: ServerResponse, events: readonly HecEvent[]): void {
    this.events.push(...events)
    this.channels.add(String(request.headers['x-splunk-request-channel'] ?? ''))
    const ack = this.ackFromPoll === undefined ? {} : { ackId: this.#ackId++ }
    reply(response, 200, { text: 'Success', code: 0, ...ack })
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
