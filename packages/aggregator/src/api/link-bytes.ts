import type { Server, Socket } from 'node:net'
import type { FeedStore, LinkDay } from '@weir/model'
import type { Clock, Report } from '@weir/runtime'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Counted, DayCounts, dayOf } from './day-counts.ts'
import { isReset } from './is-reset.ts'

/** A connection over which no token came for so long is counted as nobody's; what comes later is whose token it is. */
const NAMELESS_MS_MAX = 60_000

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
 * and marked in the store in steps: what is marked was counted before, never the other way round.
 */
export class LinkBytes {
  readonly #parts: Parts
  readonly #counts: DayCounts
  readonly #open = new Map<string, Connection>()
  readonly #asked = new WeakMap<FastifyRequest, Connection>()

  constructor(parts: Parts) {
    this.#parts = parts
    this.#counts = new DayCounts(parts)
  }

  /** To be called after the hook that names the caller, and after the one that ends connections. */
  hook(app: FastifyInstance): void {
    this.#watch(app.server)
    app.addHook('onRequest', async (request) => this.#claim(request))
    app.addHook('onResponse', async (request, { raw }) =>
      this.#answered(request, raw.writableFinished && !isReset(raw)),
    )
    app.addHook('preClose', () => this.#ended())
    app.addHook('onClose', () => this.#counts.mark())
  }

  /** Adds to what is counted beside the bytes of connections. */
  add(caller: string, more: Partial<Omit<Counted, 'received' | 'sent'>>): void {
    this.#counts.add(caller, more)
  }

  /** The days from `from` to `to`, both included, as of now. */
  days(from: string, to: string): Promise<readonly LinkDay[]> {
    for (const connection of this.#open.values()) this.#settle(connection)
    return this.#counts.between(from, to)
  }

  /** Bytes that crossed for a caller today, both ways. */
  async today(caller: string): Promise<number> {
    const day = dayOf(this.#parts.clock.now())
    const found = (await this.days(day, day)).find((each) => each.caller === caller)
    return found === undefined ? 0 : found.received + found.sent
  }

  #watch(server: Server): void {
    server.on('connection', (socket: Socket) => {
      const key = keyOf(socket)
      const since = this.#parts.clock.now()
      const connection: Connection = { socket, since, caller: undefined, received: 0, sent: 0 }
      this.#open.set(key, connection)
      socket.once('close', (failed: boolean) => {
        if (this.#open.get(key) === connection) this.#open.delete(key)
        connection.caller ??= ''
        this.#settle(connection)
        if (failed) this.#counts.add(connection.caller, { breaks: 1 })
        void this.#counts.step()
      })
    })
  }

  #claim(request: FastifyRequest): void {
    const connection = this.#open.get(keyOf(request.raw.socket))
    if (connection === undefined || request.caller === '') return
    this.#asked.set(request, connection)
    // Up to here it was another's: a proxy puts several callers on one connection.
    if (connection.caller !== undefined) this.#settle(connection)
    connection.caller = request.caller
  }

  async #answered(request: FastifyRequest, whole: boolean): Promise<void> {
    const { caller, evidence } = request
    if (evidence !== undefined) {
      this.#counts.add(caller, { evidenceBytes: evidence.sentBytes })
      this.#parts.report.count('evidence_bytes', { caller }, evidence.sentBytes)
    }
    const connection = this.#asked.get(request)
    if (connection !== undefined) {
      this.#settle(connection)
      if (!whole) this.#counts.add(caller, { breaks: 1 })
    }
    await this.#counts.step()
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
    this.#counts.add(forwarder, { received, sent })
    this.#parts.report.count('link_bytes', { forwarder, direction: 'received' }, received)
    this.#parts.report.count('link_bytes', { forwarder, direction: 'sent' }, sent)
  }

  /** Every connection was told to end; what it carried is known once it has. */
  async #ended(): Promise<void> {
    const open = [...this.#open.values()].map(({ socket }) => socket)
    await Promise.all(open.map(closed))
  }
}

/** Not by `once`: a connection may end in an error. */
function closed(socket: Socket): Promise<void> {
  return new Promise((done) => (socket.closed ? done() : socket.once('close', () => done())))
}

/** The other end of a connection tells it from every other one that is open, also from above TLS and HTTP/2. */
function keyOf({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string {
  return `${remoteAddress} ${remotePort}`
}
