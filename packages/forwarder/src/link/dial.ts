import { once } from 'node:events'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import type { TlsOptions } from '../tls-files.ts'
import { openTunnel } from './tunnel.ts'

/** Whom to connect to, as a URL has it. */
export interface Target {
  readonly hostname: string
  /** Empty where the protocol says it. */
  readonly port: string
  readonly protocol: string
}

/** How to connect. */
export interface Dialling {
  readonly connectMs: number
  /** An HTTP proxy on the way there. */
  readonly proxy: URL | undefined
  readonly tls: TlsOptions
  /** Of an earlier connection: saves certificates in the handshake. */
  readonly session: Buffer | undefined
  /** Told of a session for the next connection. */
  readonly resumable: (session: Buffer | undefined) => void
  /** Told of the TCP socket beneath: that one counts what crosses the link, TLS included. */
  readonly opened: (socket: Socket) => void
}

/** Connects, through the proxy if there is one, TLS and its handshake included for HTTPS. Rejects when it is not done within `connectMs`. */
export async function dial(to: Target, how: Dialling): Promise<Socket> {
  const within = AbortSignal.timeout(how.connectMs)
  const { hostname, port } = endOf(how.proxy ?? to)
  const tcp = connect({ host: hostname, port, noDelay: true, keepAlive: true })
  how.opened(tcp)
  // Whatever ends the connection is told by `once`, and later by the socket on top.
  tcp.on('error', () => undefined)
  try {
    await once(tcp, 'connect', { signal: within })
    if (how.proxy !== undefined) await openTunnel(tcp, how.proxy, authorityOf(to), within)
    return to.protocol === 'https:' ? await secure(tcp, to, how, within) : tcp
  } catch (cause) {
    tcp.destroy()
    throw within.aborted ? new Error(`no connection within ${how.connectMs} ms`, { cause }) : cause
  }
}

async function secure(tcp: Socket, to: Target, how: Dialling, within: AbortSignal): Promise<TLSSocket> {
  const { hostname } = endOf(to)
  const socket = connectTls({
    socket: tcp,
    host: hostname,
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['h2', 'http/1.1'],
    ...(isIP(hostname) === 0 ? { servername: hostname } : {}),
    ...(how.session === undefined ? {} : { session: how.session }),
    ...how.tls,
  })
  socket.on('session', how.resumable)
  try {
    await once(socket, 'secureConnect', { signal: within })
    return socket
  } catch (error) {
    // Should the old session be the reason, the next try does without.
    how.resumable(undefined)
    socket.on('error', () => undefined).destroy()
    throw error
  }
}

/** An IPv6 address stands in brackets in a URL, and nowhere else. */
function endOf({ hostname, port, protocol }: Target) {
  const usual = protocol === 'https:' ? 443 : 80
  return { hostname: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? usual : Number(port) }
}

function authorityOf(to: Target): string {
  const { hostname, port } = endOf(to)
  return `${isIP(hostname) === 6 ? `[${hostname}]` : hostname}:${port}`
}
