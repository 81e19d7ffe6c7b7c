import { connect, type Socket } from 'node:net'
import { Agent, buildConnector, type Dispatcher } from 'undici'
import type { ForwarderConfig } from '../config.ts'
import { tlsOptions } from '../tls-files.ts'

/** TCP payload since the start, both ways, TLS included. */
export interface LinkBytes {
  readonly sent: number
  readonly received: number
}

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

/** Two long polls and the marks; further calls wait. */
const CONNECTIONS_MAX = 4

export function openConnections(config: ForwarderConfig['aggregator'], connectMs: number): Connections {
  const counter = new Counter()
  const dispatcher = new Agent({
    connections: CONNECTIONS_MAX,
    connect: countingConnector(config, counter, connectMs),
    keepAliveTimeout: IDLE_MS_MAX,
  })
  return { dispatcher, bytes: () => counter.bytes(), close: () => dispatcher.destroy() }
}

/** Sums open sockets as they stand and closed ones as they ended. */
class Counter {
  readonly #open = new Set<Socket>()
  #closed = { sent: 0, received: 0 }

  watch(socket: Socket): void {
    this.#open.add(socket)
    socket.once('close', () => {
      this.#open.delete(socket)
      this.#closed = add(this.#closed, socket)
    })
  }

  bytes(): LinkBytes {
    return [...this.#open].reduce(add, this.#closed)
  }
}

function add(sum: LinkBytes, socket: Socket): LinkBytes {
  return { sent: sum.sent + socket.bytesWritten, received: sum.received + socket.bytesRead }
}

/**
 * TLS runs over a TCP socket of our own: that one counts what crosses the link, where the TLS socket
 * counts only
 * what is inside.
 */
function countingConnector(
  config: ForwarderConfig['aggregator'],
  counter: Counter,
  timeout: number,
): buildConnector.connector {
  const secure = buildConnector({ allowH2: false, timeout, ...tlsOptions(config) })
  return (to, done) => {
    const tcp = connect({ host: to.hostname, port: portOf(to), noDelay: true, keepAlive: true })
    counter.watch(tcp)
    tcp.setTimeout(timeout, () => tcp.destroy(new Error(`no connection within ${timeout} ms`)))
    const failed = (error: Error): void => done(error, null)
    tcp.once('error', failed)
    tcp.once('connect', () => {
      tcp.setTimeout(0)
      tcp.off('error', failed)
      if (to.protocol !== 'https:') return done(null, tcp)
      // Whatever ends the connection from here on is told by the TLS socket.
      tcp.on('error', () => undefined)
      secure({ ...to, httpSocket: tcp }, done)
    })
  }
}

function portOf({ port, protocol }: buildConnector.Options): number {
  if (port !== '') return Number(port)
  return protocol === 'https:' ? 443 : 80
}
