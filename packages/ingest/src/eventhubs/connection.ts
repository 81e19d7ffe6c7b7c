import rhea, { type Connection, type ConnectionOptions, type Session } from 'rhea'
import type { Endpoint } from './endpoint.ts'
import { failureOf } from './failure.ts'

/** Silence for twice so long ends a connection; the peer is told to send empty frames in between. */
const IDLE_MS = 30_000

/** One AMQP connection, never reconnected by itself: when it is gone, a new one is made. */
export class AmqpConnection {
  /** Resolves with the reason once the connection is gone, whoever ended it. */
  readonly closed: Promise<Error>
  readonly #connection: Connection
  readonly #dependents = new Set<(reason: Error) => void>()
  readonly #opened: Promise<void>
  #gone: Error | undefined

  constructor(endpoint: Endpoint) {
    const container = rhea.create_container()
    this.#connection = container.create_connection(connectionOptions(endpoint))
    this.closed = closedOf(this.#connection, `${endpoint.line} was closed`)
    this.#opened = new Promise((resolve) => this.#connection.once('connection_open', () => resolve()))
    void this.closed.then((reason) => {
      this.#gone = reason
      for (const dependent of this.#dependents) dependent(reason)
    })
    this.#connection.connect()
  }

  /** Resolves once the peer has opened it too; rejects when it ends first. */
  async opened(): Promise<void> {
    await this.orClosed(this.#opened)
  }

  /** The work's result, or a rejection when the connection ends first. */
  async orClosed<T>(work: Promise<T>): Promise<T> {
    const gone = Promise.withResolvers<never>()
    const forget = this.onClosed(gone.reject)
    try {
      return await Promise.race([work, gone.promise])
    } finally {
      forget()
    }
  }

  /** Tells the reason when the connection is gone, or at once when it is already; the result forgets the listener. */
  onClosed(listener: (reason: Error) => void): () => void {
    if (this.#gone !== undefined) listener(this.#gone)
    this.#dependents.add(listener)
    return () => this.#dependents.delete(listener)
  }

  /** Every link has a session of its own, so that what ends one ends no other. */
  session(): Session {
    const session = this.#connection.create_session()
    session.begin()
    return session
  }

  close(): void {
    this.#connection.close()
  }

  /** Ends it without waiting for a peer that does not answer. */
  abort(reason: Error): void {
    abortConnection(this.#connection, reason)
  }
}

/**
 * Ends a session after the peer has detached a link of it. The link's own detach is written first: on a session
 * that has ended already it would be a breach of the protocol, and cost the whole connection.
 */
export function endSession(session: Session): void {
  setImmediate(() => {
    // On a connection that is over already it would set a timer that nobody clears.
    if (session.is_open()) session.close()
  })
}

/** Ends a connection that has a socket, at once, and tells its listeners so. */
export function abortConnection(connection: Connection, reason: Error): void {
  connection.emit('disconnected', { connection, error: reason })
  // Not in rhea's types: it destroys the socket and, unlike a destroy of our own, stops the heartbeats too.
  const inner = connection as unknown as { abort_socket(socket: unknown): void; socket: unknown }
  inner.abort_socket(inner.socket)
}

function connectionOptions(endpoint: Endpoint): ConnectionOptions {
  const { host, port, transport, webSocket } = endpoint
  const common = {
    host,
    port,
    hostname: host,
    // A name without a password makes rhea say ANONYMOUS; the proof follows over $cbs.
    username: 'weir',
    reconnect: false,
    // Credit goes out in tiny frames; waiting to fill a packet would cost 40 ms for each, and where the peer has
    // nothing to send until it gets the credit, some networks never let the frame go at all.
    tcp_no_delay: true,
    idle_time_out: IDLE_MS,
    properties: { product: 'weir' },
  }
  if (webSocket === undefined) return { ...common, transport } as ConnectionOptions
  const open = rhea.websocket_connect(webSocket as unknown as Parameters<typeof rhea.websocket_connect>[0])
  const details = open(`wss://${host}:${port}/$servicebus/websocket`, ['AMQPWSB10'], {})
  return { ...common, connection_details: details } as unknown as ConnectionOptions
}

/** Resolves with the reason when a connection ends, or never came to be. */
export function closedOf(connection: Connection, otherwise: string): Promise<Error> {
  return new Promise((resolve) => {
    const end = (error: unknown): void => resolve(failureOf(error, otherwise))
    connection.on('connection_error', (context) => end(context.connection.error))
    connection.on('connection_close', (context) => end(context.connection.error))
    connection.on('disconnected', (context: { error?: unknown }) => end(context.error))
    connection.on('protocol_error', end)
    connection.on('error', end)
  })
}
