import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { aborted, messageOf } from '@weir/runtime'
import type { SourceDeps } from '../deps.ts'
import { chunksOf } from './chunks.ts'
import type { SyslogConfig, SyslogListener, SyslogTransport } from './config.ts'
import { Framer } from './framer.ts'
import type { Receiver } from './receiver.ts'

type StreamListener = Extract<SyslogListener, { transport: 'tcp' | 'tls' }>

/** No connection takes more than this part of the room at a time. */
const SHARE = 4

/** A sender that went without a word is noticed after about so long. */
const KEEP_ALIVE_MS = 60_000

/**
 * Takes connections until `stop` aborts, then reads on until `over` does. Calls `open` once it listens. Rejects
 * when it cannot listen, or a certificate cannot be read.
 */
export async function serveStream(
  config: SyslogConfig,
  listener: StreamListener,
  receiver: Receiver,
  deps: SourceDeps,
  signals: { readonly stop: AbortSignal; readonly over: AbortSignal },
  open: () => void,
): Promise<void> {
  const sockets = new Map<Socket, Promise<void>>()
  const taken = (socket: Socket): void => {
    const served = serve(socket, config, listener, receiver, deps, signals.over)
    sockets.set(socket, served)
    void served.then(() => sockets.delete(socket))
  }
  const server = serverOf(config, listener, taken, deps)
  server.maxConnections = config.connectionsMax
  server.on('drop', (dropped) => {
    const details = { source: config.name, listener: listener.name, peer: dropped?.remoteAddress }
    deps.report.event('warn', 'syslog_connection_refused', details, ['source', 'listener'])
  })
  server.listen(listener.port, listener.host)
  const failed = once(server, 'error').then(([error]) => Promise.reject(error as Error))
  try {
    await Promise.race([once(server, 'listening'), failed])
    open()
    await Promise.race([aborted(signals.stop), failed])
  } finally {
    failed.catch(() => undefined)
    server.close()
    for (const socket of sockets.keys()) socket.end()
    if (signals.stop.aborted) await Promise.all(sockets.values())
    else for (const socket of sockets.keys()) socket.destroy()
  }
}

function serverOf(
  config: SyslogConfig,
  listener: StreamListener,
  taken: (socket: Socket) => void,
  { report }: SourceDeps,
): Server {
  if (listener.transport === 'tcp') return createServer({ allowHalfOpen: false }, taken)
  const server = createTlsServer({ ...secure(listener.tls), handshakeTimeout: config.handshakeMsMax }, taken)
  server.on('tlsClientError', (error: Error, socket: TLSSocket) => {
    // A certificate that was refused is told here; the error itself only says that the connection is over.
    const reason = socket.authorizationError ?? error.message.trim()
    const details = { source: config.name, listener: listener.name, error: String(reason) }
    report.event('warn', 'syslog_handshake_failed', details, ['source', 'listener'])
  })
  return server
}

/** RFC 5425 asks for certificates on both sides; without `ca` any sender may connect. Throws for files that cannot be read. */
export function secure({ cert, key, ca }: Extract<SyslogTransport, { transport: 'tls' }>['tls']) {
  const mutual = ca === undefined ? {} : { ca: readFileSync(ca), requestCert: true, rejectUnauthorized: true }
  return { cert: readFileSync(cert), key: readFileSync(key), minVersion: 'TLSv1.2' as const, ...mutual }
}

/** One connection to its end; never rejects. */
async function serve(
  socket: Socket,
  { name, messageBytesMax, bytesInFlightMax }: SyslogConfig,
  listener: StreamListener,
  receiver: Receiver,
  { report }: SourceDeps,
  over: AbortSignal,
): Promise<void> {
  const peer = peerOf(socket)
  const details = { source: name, listener: listener.name, peer }
  socket.setKeepAlive(true, KEEP_ALIVE_MS)
  socket.on('error', (error) =>
    report.event('info', 'syslog_connection_broke', { ...details, error: messageOf(error) }, ['source']),
  )
  const framer = new Framer(listener.framing, messageBytesMax)
  const chunks = chunksOf(socket, Math.ceil(bytesInFlightMax / SHARE), over)
  let inOrder = false
  while (!framer.broken && (await receiver.room(over))) {
    const { value, done } = await chunks.next()
    if (done === true) {
      inOrder = value
      break
    }
    await receiver.hold(value.length, over)
    await receiver.deliver(
      framer.take(value).map((part) => ({ part, peer })),
      value.length,
    )
  }
  if (framer.broken) report.event('warn', 'syslog_framing_error', details, ['source', 'listener'])
  const rest = framer.end(inOrder)
  await receiver.deliver(
    rest.map((part) => ({ part, peer })),
    0,
  )
  socket.destroy()
}

/** IPv4 in its own form also where the socket speaks IPv6. */
function peerOf({ remoteAddress }: Pick<Socket, 'remoteAddress'>): string {
  return (remoteAddress ?? 'unknown').replace(/^::ffff:/, '')
}
