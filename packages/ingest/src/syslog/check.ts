import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, isIPv6 } from 'node:net'
import { createSecureContext } from 'node:tls'
import type { Clock } from '@weir/runtime'
import { look, type SourceCheck } from '../look.ts'
import type { SyslogConfig, SyslogListener } from './config.ts'
import { secure } from './tcp.ts'

const PORT_REMEDY =
  'see who holds the port (ss -lnp); below 1024 the process needs CAP_NET_BIND_SERVICE; the address must be one of this machine'
const TLS_REMEDY = 'look at the paths, at who may read them, and whether the key belongs to the certificate'

/** Opens every port for a moment, and reads the certificates; nothing is received. */
export async function checkSyslog({ name, listeners }: SyslogConfig, clock: Clock): Promise<SourceCheck[]> {
  const checks = listeners.flatMap((listener) => {
    const what = `${name} listener ${listener.name}`
    const port = look(what, PORT_REMEDY, clock, () => lookAtPort(listener))
    if (listener.transport !== 'tls') return [port]
    const { tls } = listener
    return [port, look(`${what} certificate`, TLS_REMEDY, clock, async () => lookAtPair(tls))]
  })
  return Promise.all(checks)
}

/** A port that is in use may be held by this very source, which then listens. */
async function lookAtPort(listener: SyslogListener): Promise<string> {
  const at = `${listener.host}:${listener.port}`
  try {
    await (listener.transport === 'udp' ? openDatagrams(listener) : openStream(listener))
    return `${at} is free`
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    return `${at} is in use; that is right while the aggregator runs`
  }
}

async function openDatagrams({ host, port }: SyslogListener): Promise<void> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
  const listening = once(socket, 'listening')
  socket.bind(port, host)
  await listening
  socket.close()
}

async function openStream({ host, port }: SyslogListener): Promise<void> {
  const server = createServer()
  const listening = once(server, 'listening')
  server.listen(port, host)
  await listening
  server.close()
}

function lookAtPair(tls: Extract<SyslogListener, { transport: 'tls' }>['tls']): string {
  createSecureContext(secure(tls))
  const senders = tls.ca === undefined ? 'any sender may connect' : `senders show a certificate of ${tls.ca}`
  return `${tls.cert} and its key; ${senders}`
}
