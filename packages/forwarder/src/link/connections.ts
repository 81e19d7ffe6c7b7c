import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { Clock } from '@weir/runtime'
import { Agent, type buildConnector, Dispatcher } from 'undici'
import type { TlsOptions } from '../tls-files.ts'
import { ByteCounter, type LinkBytes } from './byte-counter.ts'
import { dial } from './dial.ts'

/** Connections to the aggregator, and what they carried. */
export interface Connections {
  readonly dispatcher: Dispatcher
  bytes(): LinkBytes
  /** Says goodbye on every connection and reads to its end, so that both sides counted the same of it. */
  end(clock: Clock): Promise<void>
  /** Cuts them. */
  close(): Promise<void>
}

/**
 * An idle connection is kept for so long, if the other side keeps it: a new one costs a handshake on the
 * link.
 */
const IDLE_MS_MAX = 240_000

/**
 * Where HTTP/2 is not spoken (plain HTTP, a proxy that ends TLS) each call needs a connection: two long polls
 * and the marks; further calls wait.
 */
const CONNECTIONS_MAX = 4

/** A connection that does not end within this is cut. */
const END_MS_MAX = 1000

/** What connections are made with. */
export interface Dialled {
  readonly url: string
  readonly proxy?: string | undefined
  readonly connectMs: number
  /** Asked before each call: another object is shown and trusted from then on, on a new connection. */
  readonly tls: () => TlsOptions
}

/** Calls under way on a shared connection; further ones wait. The aggregator allows as many. */
const STREAMS_MAX = 100

export function openConnections(dialled: Dialled): Connections {
  const counter = new ByteCounter()
  const dispatcher = new Link(dialled, (socket) => counter.watch(socket))
  return {
    dispatcher,
    bytes: () => counter.bytes(),
    end: (clock) => dispatcher.end(clock),
    close: () => dispatcher.destroy(),
  }
}

/**
 * Over TLS all calls share one connection by HTTP/2, unless the first handshake shows that only HTTP/1.1 is
 * spoken there.
 */
class Link extends Dispatcher {
  readonly #dialled: Dialled
  readonly #opened: (socket: Socket) => void
  readonly #agents = new Set<Agent>()
  readonly #open = new Set<Socket>()
  #agent: Agent
  #shared: boolean
  #tls: TlsOptions
  #session: Buffer | undefined

  constructor(dialled: Dialled, opened: (socket: Socket) => void) {
    super()
    this.#dialled = dialled
    this.#opened = opened
    this.#tls = dialled.tls()
    this.#shared = dialled.url.startsWith('https:')
    this.#agent = this.#newAgent()
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const tls = this.#dialled.tls()
    if (tls !== this.#tls) {
      this.#tls = tls
      // It carries the certificate that it was made with.
      this.#session = undefined
      this.#renew()
    }
    return this.#agent.dispatch(options, handler)
  }

  override async destroy(): Promise<void> {
    await Promise.all([...this.#agents].map((agent) => agent.destroy()))
  }

  async end(clock: Clock): Promise<void> {
    const late = new AbortController()
    const ended = Promise.all([...this.#open].map(endInOrder))
    // The clock also keeps the process up meanwhile, which an idle connection does not.
    await Promise.race([ended, clock.sleep(END_MS_MAX, late.signal)])
    late.abort()
    await this.destroy()
  }

  #newAgent(): Agent {
    const connector = (to: buildConnector.Options, done: buildConnector.Callback): void => {
      this.#connect(to).then(
        (socket) => done(null, socket),
        (error) => done(error, null),
      )
    }
    const agent = new Agent({
      connections: this.#shared ? 1 : CONNECTIONS_MAX,
      // Without it, calls wait for what is under way on a connection that the other side retires.
      pipelining: this.#shared ? STREAMS_MAX : 1,
      // A long poll that is not answered in time tells of a dead peer soon enough; pings would cost the link.
      h2Options: { pingInterval: 0 },
      connect: connector as buildConnector.connector,
      keepAliveTimeout: IDLE_MS_MAX,
    })
    this.#agents.add(agent)
    return agent
  }

  async #connect(to: buildConnector.Options): Promise<Socket> {
    const { proxy, connectMs } = this.#dialled
    const tls = this.#tls
    const socket = await dial(to, {
      connectMs,
      proxy: proxy === undefined ? undefined : new URL(proxy),
      tls,
      session: this.#session,
      resumable: (session) => {
        if (tls === this.#tls) this.#session = session
      },
      opened: this.#opened,
    })
    this.#open.add(socket)
    socket.once('close', () => this.#open.delete(socket))
    if (socket instanceof TLSSocket) this.#share(socket.alpnProtocol === 'h2')
    return socket
  }

  #share(shared: boolean): void {
    if (shared === this.#shared) return
    this.#shared = shared
    this.#renew()
  }

  /** The next call goes over a new connection; what is under way ends on the one that it has. */
  #renew(): void {
    const before = this.#agent
    this.#agent = this.#newAgent()
    void before.close().then(() => this.#agents.delete(before))
  }
}

/** The other side answers an end with its own. */
async function endInOrder(socket: Socket): Promise<void> {
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.end()
  await closed
}
