import type { Server, Socket } from 'node:net'
import { pipeline, Readable, Transform } from 'node:stream'
import type { FeedStore, LinkCount } from '@weir/model'
import { type Clock, messageOf, type Report } from '@weir/runtime'
import type { FastifyInstance, FastifyRequest } from 'fastify'

/** Time between two marks in the store; a crash forgets at most the bytes of one such step. */
const STEP_MS = 5000
/** A connection over which no token came for so long is counted as nobody's; what comes later is whose token it is. */
const NAMELESS_MS_MAX = 60_000
const ROUTE_OF_EVIDENCE = '/v1/alerts/:id/evidence'

type Counted = Omit<LinkCount, 'day' | 'caller'>

/** An open connection, and how much of it is counted already. */
interface Connection {
  readonly socket: Socket
  readonly since: number
  caller: string | undefined
  received: number
  sent: number
}

interface Parts {
  readonly store: FeedStore
  readonly clock: Clock
  readonly report: Report
}

/**
 * Counts what crosses the link: TCP payload of every connection to the API, both ways, with TLS, headers and
 * compression, by day (UTC) and by whose token came over it. Bytes are counted when an answer or the connection ends,
 * and marked in the store in steps; what is marked was counted before, never the other way round.
 */
export class LinkBytes {
  readonly #parts: Parts
  readonly #open = new Map<string, Connection>()
  readonly #asked = new WeakMap<FastifyRequest, Connection>()
  /** By day and caller, not yet in the store. */
  #unmarked = new Map<string, LinkCount>()
  #markedAt = Number.NEGATIVE_INFINITY

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** To be called after the hooks that name the caller and pack the answer, and the one that ends connections. */
  hook(app: FastifyInstance): void {
    this.watch(app.server)
    app.addHook('onRequest', async (request) => this.#claim(request))
    app.addHook('onSend', async (request, _reply, payload) => this.#measure(request, payload))
    app.addHook('onResponse', async (request, reply) => this.#answered(request, isWhole(reply.raw)))
    app.addHook('preClose', () => this.#ended())
    app.addHook('onClose', () => this.#mark())
  }

  /** Counts every connection of a server from its first byte. */
  watch(server: Server): void {
    server.on('connection', (socket: Socket) => {
      const key = keyOf(socket)
      const since = this.#parts.clock.now()
      const connection: Connection = { socket, since, caller: undefined, received: 0, sent: 0 }
      this.#open.set(key, connection)
      socket.once('close', (failed: boolean) => {
        if (this.#open.get(key) === connection) this.#open.delete(key)
        connection.caller ??= ''
        this.#settle(connection)
        if (failed) this.add(connection.caller, { breaks: 1 })
        void this.#step()
      })
    })
  }

  /** Adds to what a caller's day counts beside the bytes of connections. */
  add(caller: string, more: Partial<Counted>): void {
    const day = dayOf(this.#parts.clock.now())
    const key = `${day} ${caller}`
    const known = this.#unmarked.get(key) ?? { ...NOTHING, day, caller }
    this.#unmarked.set(key, plus(known, more))
  }

  /** What the store has not been told of yet, as of now. */
  unmarked(): readonly LinkCount[] {
    for (const connection of this.#open.values()) this.#settle(connection)
    return [...this.#unmarked.values()]
  }

  /** The days from `from` to `to` as of now: those of the store, and what it has not been told of yet. */
  async days(from: string, to: string): Promise<Awaited<ReturnType<FeedStore['linkDays']>>> {
    const days = new Map((await this.#parts.store.linkDays(from, to)).map((each) => [rowOf(each), each]))
    for (const each of this.unmarked()) {
      if (each.day < from || each.day > to) continue
      days.set(rowOf(each), plus(days.get(rowOf(each)) ?? { ...NOTHING, ...nameOf(each) }, each))
    }
    return [...days.values()].sort((a, b) => (rowOf(a) < rowOf(b) ? -1 : 1))
  }

  /** Bytes that crossed for a caller today, both ways. */
  async today(caller: string): Promise<number> {
    const day = dayOf(this.#parts.clock.now())
    const found = (await this.days(day, day)).find((each) => each.caller === caller)
    return found === undefined ? 0 : found.received + found.sent
  }

  #claim(request: FastifyRequest): void {
    const connection = this.#open.get(keyOf(request.raw.socket))
    if (connection === undefined || request.caller === '') return
    this.#asked.set(request, connection)
    // Up to here it was another's: a proxy puts several callers on one connection.
    if (connection.caller !== undefined) this.#settle(connection)
    connection.caller = request.caller
  }

  #measure(request: FastifyRequest, payload: unknown): unknown {
    if (request.routeOptions.url !== ROUTE_OF_EVIDENCE || request.caller === '') return payload
    const count = (bytes: number): void => {
      this.add(request.caller, { evidenceBytes: bytes })
      this.#parts.report.count('evidence_bytes', { caller: request.caller }, bytes)
    }
    if (payload instanceof Readable) return counted(payload, count)
    if (typeof payload === 'string' || payload instanceof Uint8Array) count(Buffer.byteLength(payload))
    return payload
  }

  async #answered(request: FastifyRequest, whole: boolean): Promise<void> {
    const connection = this.#asked.get(request)
    if (connection !== undefined) {
      this.#settle(connection)
      if (!whole) this.add(request.caller, { breaks: 1 })
    }
    await this.#step()
  }

  #settle(connection: Connection): void {
    const { socket, since } = connection
    const nameless = connection.caller === undefined
    if (nameless && this.#parts.clock.now() - since < NAMELESS_MS_MAX) return
    const received = socket.bytesRead - connection.received
    const sent = socket.bytesWritten - connection.sent
    if (received <= 0 && sent <= 0) return
    connection.received += received
    connection.sent += sent
    const forwarder = connection.caller ?? ''
    this.add(forwarder, { received, sent })
    this.#parts.report.count('link_bytes', { forwarder, direction: 'received' }, received)
    this.#parts.report.count('link_bytes', { forwarder, direction: 'sent' }, sent)
  }

  async #step(): Promise<void> {
    if (this.#parts.clock.now() - this.#markedAt >= STEP_MS) await this.#mark()
  }

  /** A store that cannot write does not hold anybody up: it is told the next time. */
  async #mark(): Promise<void> {
    this.#markedAt = this.#parts.clock.now()
    const counts = this.unmarked()
    if (counts.length === 0) return
    this.#unmarked = new Map()
    try {
      await this.#parts.store.addLink(counts)
    } catch (error) {
      for (const each of counts)
        this.#unmarked.set(
          rowOf(each),
          plus(this.#unmarked.get(rowOf(each)) ?? { ...NOTHING, ...nameOf(each) }, each),
        )
      this.#parts.report.event('warn', 'link_mark_failed', { error: messageOf(error) })
    }
  }

  /** Every connection was told to end; what it carried is known once it has. */
  async #ended(): Promise<void> {
    const open = [...this.#open.values()].map(({ socket }) => socket)
    await Promise.all(
      open.map(
        (socket) =>
          new Promise<void>((done) => (socket.closed ? done() : socket.once('close', () => done()))),
      ),
    )
  }
}

/** The day of a time, in UTC. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}

const NOTHING: Counted = {
  received: 0,
  sent: 0,
  feedBytes: 0,
  feedPackedBytes: 0,
  evidenceBytes: 0,
  breaks: 0,
}

function plus<T extends Counted>(known: T, more: Partial<Counted>): T {
  const sums = Object.keys(NOTHING) as (keyof Counted)[]
  return { ...known, ...Object.fromEntries(sums.map((each) => [each, known[each] + (more[each] ?? 0)])) }
}

function rowOf({ day, caller }: LinkCount): string {
  return `${day} ${caller}`
}

function nameOf({ day, caller }: LinkCount): Pick<LinkCount, 'day' | 'caller'> {
  return { day, caller }
}

/** The other end of a connection tells it from every other one that is open, also from above TLS and HTTP/2. */
function keyOf({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string {
  return `${remoteAddress} ${remotePort}`
}

/** HTTP/2 calls an answer finished that was cut off, and tells of it elsewhere; HTTP/1.1 has no streams. */
function isWhole(reply: {
  readonly writableFinished: boolean
  readonly stream?: { readonly aborted: boolean } | undefined
}): boolean {
  return reply.writableFinished && reply.stream?.aborted !== true
}

function counted(source: Readable, count: (bytes: number) => void): Readable {
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      count(chunk.length)
      done(null, chunk)
    },
  })
  pipeline(source, counter, () => undefined)
  return counter
}
