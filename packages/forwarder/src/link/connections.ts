import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { Agent, type buildConnector, Dispatcher } from 'undici'
import type { AggregatorConfig } from '../config.ts'
import { tlsOptions } from '../tls-files.ts'
import { ByteCounter, type LinkBytes } from './byte-counter.ts'
import { dial } from './dial.ts'

/** Connections to the aggregator, and what they carried. */
export interface Connections {
  readonly dispatcher: Dispatcher
  bytes(): LinkBytes
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

export function openConnections(config: AggregatorConfig, connectMs: number): Connections {
  const counter = new ByteCounter()
  const dispatcher = new Link(config, connectMs, (socket) => counter.watch(socket))
  return { dispatcher, bytes: () => counter.bytes(), close: () => dispatcher.destroy() }
}

/**
 * Over TLS all calls share one connection by HTTP/2, unless the first handshake shows that only HTTP/1.1 is
 * spoken there.
 */
class Link extends Dispatcher {
  readonly #config: AggregatorConfig
  readonly #connectMs: number
  readonly #opened: (socket: Socket) => void
  #shared: boolean
  #agent: Agent
  #session: Buffer | undefined

  constructor(config: AggregatorConfig, connectMs: number, opened: (socket: Socket) => void) {
    super()
    this.#config = config
    this.#connectMs = connectMs
    this.#opened = opened
    this.#shared = config.url.startsWith('https:')
    this.#agent = this.#newAgent()
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    return this.#agent.dispatch(options, handler)
  }

  override destroy(): Promise<void> {
    return this.#agent.destroy()
  }

  #newAgent(): Agent {
    const connector = (to: buildConnector.Options, done: buildConnector.Callback): void => {
      this.#connect(to).then(
        (socket) => done(null, socket),
        (error) => done(error, null),
      )
    }
    return new Agent({
      connections: this.#shared ? 1 : CONNECTIONS_MAX,
      // A long poll that is not answered in time tells of a dead peer soon enough; pings would cost the link.
      h2Options: { pingInterval: 0 },
      connect: connector as buildConnector.connector,
      keepAliveTimeout: IDLE_MS_MAX,
    })
  }

  async #connect(to: buildConnector.Options): Promise<Socket> {
    const socket = await dial(to, {
      connectMs: this.#connectMs,
      tls: tlsOptions(this.#config),
      session: this.#session,
      resumable: (session) => {
        this.#session = session
      },
      opened: this.#opened,
    })
    if (socket instanceof TLSSocket) this.#share(socket.alpnProtocol === 'h2')
    return socket
  }

  /** What is under way ends on the connections that it has. */
  #share(shared: boolean): void {
    if (shared === this.#shared) return
    this.#shared = shared
    const before = this.#agent
    this.#agent = this.#newAgent()
    void before.close()
  }
}
