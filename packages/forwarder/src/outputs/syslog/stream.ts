import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { tlsOptions } from '../../tls-files.ts'
import type { SyslogConfig } from './config.ts'
import { type ConnectionTools, type Failure, failed, type SyslogConnection, within } from './connection.ts'
import type { Ending } from './window.ts'

/** A connection over TCP or TLS. Throws `WeirError` OUTPUT_FAILED. */
export async function openStream(
  config: SyslogConfig,
  tools: ConnectionTools,
  signal: AbortSignal,
): Promise<SyslogConnection> {
  const socket = dialStream(config)
  const failure: Failure = { error: undefined }
  const closed = ending(socket, failure)
  const up = new Promise<'up'>((resolve) =>
    socket.once(config.transport === 'tls' ? 'secureConnect' : 'connect', () => resolve('up')),
  )
  const first = await within(tools.clock, tools.limits.connectMs, signal, [up, closed])
  if (first !== 'up') {
    socket.destroy()
    throw failed(config, 'cannot connect to', failure)
  }
  return connectionOver(socket, config, tools, closed, failure)
}

/** Begins a connection; TLS 1.2 at least. */
export function dialStream(config: SyslogConfig): Socket {
  const { host, port } = config
  const tcp = { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 }
  if (config.transport === 'tcp') return connectTcp(tcp)
  const servername = isIP(host) === 0 ? { servername: host } : {}
  return connectTls({ ...tcp, minVersion: 'TLSv1.2', ...servername, ...tlsOptions(config) })
}

function connectionOver(
  socket: Socket,
  config: SyslogConfig,
  { clock, limits }: ConnectionTools,
  closed: Promise<Ending>,
  failure: Failure,
): SyslogConnection {
  let confirmMs = config.transport === 'tls' ? limits.firstConfirmMs : limits.confirmMs
  return {
    closed,
    write: async (frames, signal) => {
      const written = handOver(socket, frames)
      const first = await within(clock, limits.writeMs, signal, [written, closed])
      const outlived = first === 'written' && (await within(clock, confirmMs, signal, [closed])) === 'late'
      if (!outlived || socket.destroyed || signal.aborted) {
        socket.destroy()
        throw failed(config, 'lost the connection to', failure)
      }
      confirmMs = limits.confirmMs
    },
    end: async (withinMs) => {
      socket.end()
      await within(clock, withinMs, new AbortController().signal, [closed])
      socket.destroy()
    },
  }
}

/** A socket that closes with an error was cut; one that the other side ended was closed in order. */
async function ending(socket: Socket, failure: Failure): Promise<Ending> {
  socket.on('error', (error) => {
    failure.error = error
  })
  // Receivers say nothing, but their end is only noticed while we read.
  socket.resume()
  return new Promise((resolve) => {
    socket.once('close', (hadError: boolean) => resolve(hadError ? 'broken' : 'closed'))
  })
}

async function handOver(socket: Socket, frames: readonly Buffer[]): Promise<'written' | 'failed'> {
  const whole = Buffer.concat(frames)
  if (whole.length === 0) return 'written'
  return new Promise((resolve) => {
    socket.write(whole, (error) => resolve(error ? 'failed' : 'written'))
  })
}
