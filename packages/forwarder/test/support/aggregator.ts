import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http'
import {
  createSecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo, Server as NetServer, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import {
  type AlertV1,
  chainNext,
  chainStart,
  type Lane,
  type MarksRequest,
  type ProblemCode,
  type SessionRequest,
  sessionRequest,
} from '@weir/contract'
import type { Identity } from './certificates.ts'
import { Watched } from './until.ts'

interface Stored {
  readonly line: Buffer
  readonly chain: string
  skip?: 'superseded' | 'filter' | 'closed'
}

/** What is to go wrong with the next page. */
export type Fault = 'cut' | 'spoil' | 'no-end' | 'gap' | 'taken' | 'nothing'

export const TOKEN = 'a-token-for-tests'

/** The aggregator's side of the feed, as the contract has it, in memory, with faults to order. */
export class FeedStandIn {
  readonly watched = new Watched()
  readonly marks: MarksRequest[] = []
  /** The cursor of the last poll of each lane. */
  readonly cursors: Record<Lane, number> = { urgent: 0, bulk: 0 }
  readonly sessions: SessionRequest[] = []
  readonly pages = { urgent: 0, bulk: 0 }
  /** Applied to polls in turn. */
  readonly faults: Fault[] = []
  encoding: 'zstd' | 'gzip' | undefined = 'zstd'
  pageEntriesMax = 50
  #epoch = 'epoch-1'
  #lanes: Record<Lane, Stored[]> = { urgent: [], bulk: [] }
  #session = 0
  #wire = { in: 0, out: 0 }
  readonly #sockets = new Set<Socket>()
  /** Connections that were ever made. */
  connections = 0
  /** Where it listens; empty before it does. */
  url = ''
  /** Common names of the certificates that connections were made with, in turn. */
  readonly shown: string[] = []
  /** Polls that have nothing to answer yet. */
  waiting = 0
  readonly #sessions: ServerHttp2Session[] = []
  readonly #server: NetServer
  readonly #scheme: string

  constructor(identity?: Identity & { readonly ca: string }, http2 = true) {
    const handle = (request: IncomingMessage, response: ServerResponse) =>
      void this.#handle(request, response)
    this.#scheme = identity === undefined ? 'http' : 'https'
    const tls = { ...identity, requestCert: true, rejectUnauthorized: true, allowHTTP1: true }
    if (identity === undefined) this.#server = createHttp(handle)
    else this.#server = http2 ? createSecureServer(tls, asHttp2(handle)) : createHttps(tls, handle)
    this.#server.on('session', (session: ServerHttp2Session) => this.#sessions.push(session))
    this.#server.on('secureConnection', (socket: TLSSocket) =>
      this.shown.push(String(socket.getPeerCertificate().subject.CN)),
    )
    this.#server.on('connection', (socket: Socket) => this.#watch(socket))
  }

  async listen(port = 0, host = '127.0.0.1'): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(port, host, resolve))
    const authority = host.includes(':') ? `[${host}]` : host
    this.url = `${this.#scheme}://${authority}:${(this.#server.address() as AddressInfo).port}`
    return this.url
  }

  async close(): Promise<void> {
    this.cutAll()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** TCP payload as the sockets saw it. */
  get wire(): { readonly in: number; readonly out: number } {
    return [...this.#sockets].reduce(
      (sum, socket) => ({ in: sum.in + socket.bytesRead, out: sum.out + socket.bytesWritten }),
      this.#wire,
    )
  }

  ship(lane: Lane, alert: AlertV1 | string): void {
    const entries = this.#lanes[lane]
    const seq = entries.length + 1
    const text =
      typeof alert === 'string' ? alert : JSON.stringify({ seq, at: '2026-03-01T10:05:03.000Z', alert })
    const line = Buffer.from(text)
    entries.push({ line, chain: chainNext(this.#chainAt(lane, seq - 1), line) })
    this.watched.changed()
  }

  leaveOut(lane: Lane, seq: number): void {
    this.#lanes[lane][seq - 1]!.skip = 'superseded'
  }

  /** Another history: what a restored database does. */
  renew(epoch: string): void {
    this.#epoch = epoch
    this.#lanes = { urgent: [], bulk: [] }
    this.cutAll()
  }

  cutAll(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Takes no further calls on the connections that there are, and ends what is under way on them. */
  retire(): void {
    for (const session of this.#sessions) session.close()
  }

  /** The last mark told for an output. */
  delivered(output: string, lane: Lane): number | undefined {
    return this.marks.at(-1)?.delivered?.[output]?.[lane]
  }

  #watch(socket: Socket): void {
    this.connections++
    this.#sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => {
      this.#sockets.delete(socket)
      this.#wire = { in: this.#wire.in + socket.bytesRead, out: this.#wire.out + socket.bytesWritten }
    })
  }

  #chainAt(lane: Lane, seq: number): string {
    return seq === 0 ? chainStart(this.#epoch, lane) : this.#lanes[lane][seq - 1]!.chain
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined)
    const url = new URL(request.url ?? '/', 'http://x')
    const session = request.headers['weir-session']
    if (url.pathname === '/v1/health') answer(response, 200, this.#health())
    else if (request.headers.authorization !== `Bearer ${TOKEN}`) refuse(response, 401, 'NO_TOKEN')
    else if (url.pathname === '/v1/me')
      answer(response, 200, { name: 'north', role: 'forwarder', by: 'token' })
    else if (url.pathname === '/v1/feed/session') this.#openSession(response, await bodyOf(request))
    else if (session !== `s-${this.#session}`) refuse(response, 409, 'SESSION_TAKEN')
    else if (url.pathname === '/v1/feed/marks') this.#takeMarks(response, await bodyOf(request))
    else
      await this.#page(
        response,
        url.pathname.split('/').at(-1) as Lane,
        Number(url.searchParams.get('after')),
        Number.parseFloat(url.searchParams.get('wait') ?? '0'),
      )
  }

  #health() {
    const pending = { queued: 0, unsentRevisions: 0, openEpisodes: 0 }
    return { status: 'ok', version: '0.1.0', uptimeSeconds: 1, raised: [], pending }
  }

  #openSession(response: ServerResponse, body: unknown): void {
    const wanted = sessionRequest.parse(body)
    this.sessions.push(wanted)
    this.#session++
    const known = wanted.epoch === this.#epoch && this.#knows('urgent', wanted) && this.#knows('bulk', wanted)
    const start = (lane: Lane) => ({ seq: 0, chain: this.#chainAt(lane, 0) })
    const lanes = known ? wanted.lanes : { urgent: start('urgent'), bulk: start('bulk') }
    const restarted = wanted.epoch !== undefined && !known
    answer(response, 200, { session: `s-${this.#session}`, epoch: this.#epoch, restarted, lanes })
    this.watched.changed()
  }

  #knows(lane: Lane, { lanes }: SessionRequest): boolean {
    const point = lanes?.[lane]
    if (point === undefined || point.seq > this.#lanes[lane].length) return false
    return this.#chainAt(lane, point.seq) === point.chain
  }

  #takeMarks(response: ServerResponse, body: unknown): void {
    this.marks.push(body as MarksRequest)
    response.writeHead(204).end()
    this.watched.changed()
  }

  async #page(response: ServerResponse, lane: Lane, after: number, seconds: number): Promise<void> {
    if (this.faults[0] === 'nothing') {
      this.faults.shift()
      response.writeHead(204).end()
      return
    }
    this.cursors[lane] = after
    this.watched.changed()
    this.waiting++
    const waited = { over: false }
    const timer = setTimeout(() => {
      waited.over = true
      this.watched.changed()
    }, seconds * 1000)
    await this.watched.until(() => this.#lanes[lane].length > after || response.closed || waited.over)
    clearTimeout(timer)
    this.waiting--
    if (response.closed) return
    if (this.#lanes[lane].length <= after) return void response.writeHead(204).end()
    const fault = this.faults.shift()
    if (fault === 'taken') refuse(response, 409, 'SESSION_TAKEN')
    else this.#serve(response, lane, after, fault)
    this.watched.changed()
  }

  #serve(response: ServerResponse, lane: Lane, after: number, fault: Fault | undefined): void {
    const lines = this.#lines(lane, after, fault)
    const packed = pack(Buffer.from(lines.map((line) => `${line}\n`).join('')), this.encoding)
    this.pages[lane]++
    response.writeHead(200, {
      'content-type': 'application/x-ndjson',
      ...(this.encoding === undefined ? {} : { 'content-encoding': this.encoding }),
    })
    if (fault === 'cut') {
      response.write(packed.subarray(0, Math.ceil(packed.length / 2)), () => response.destroy())
    } else {
      response.end(packed)
    }
  }

  #lines(lane: Lane, after: number, fault: Fault | undefined): string[] {
    const entries = this.#lanes[lane].slice(after, after + this.pageEntriesMax)
    const lines = entries.map(({ line, chain, skip }, i) => {
      const seq = after + i + 1
      return skip === undefined
        ? line.toString()
        : JSON.stringify({ skip: { from: seq, to: seq, reason: skip, chain } })
    })
    const to = after + entries.length
    const end = JSON.stringify({ end: { lane, seq: to, chain: this.#chainAt(lane, to) } })
    if (fault === 'spoil') lines[0] = lines[0]!.replace('Entra', 'Extra')
    if (fault === 'gap') lines.shift()
    return fault === 'no-end' ? lines : [...lines, end]
  }
}

/** Of the two shapes only what both have is used. */
function asHttp2(handle: (request: IncomingMessage, response: ServerResponse) => void) {
  return handle as unknown as (request: Http2ServerRequest, response: Http2ServerResponse) => void
}

function pack(bytes: Buffer, encoding: 'zstd' | 'gzip' | undefined): Buffer {
  if (encoding === undefined) return bytes
  return encoding === 'zstd' ? zstdCompressSync(bytes) : gzipSync(bytes)
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return JSON.parse(Buffer.concat(parts).toString())
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function refuse(response: ServerResponse, status: number, code: ProblemCode): void {
  answer(response, status, { error: { code, message: `refused: ${code}` } })
}
