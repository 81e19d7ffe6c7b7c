import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { type Clock, WeirError } from '@weir/runtime'
import type { Limits } from '../../limits.ts'
import { tlsOptions } from '../../tls-files.ts'
import type { SyslogConfig } from './config.ts'
import type { Ending } from './window.ts'

export interface SyslogConnection {
  /** Resolves when the kernel took all frames and the connection outlived that by the confirm time. */
  write(frames: readonly Buffer[], signal: AbortSignal): Promise<void>
  /** Resolves when the connection is gone. Never rejects. */
  readonly closed: Promise<Ending>
  end(withinMs: number): Promise<void>
}

interface Tools {
  readonly clock: Clock
  readonly limits: Limits
}

/** Connects, handshake included. Throws `WeirError` OUTPUT_FAILED. */
export async function openSyslog(
  config: SyslogConfig,
  tools: Tools,
  signal: AbortSignal,
): Promise<SyslogConnection> {
  const socket = dialSyslog(config)
  const failure = { error: undefined as Error | undefined }
  const closed = ending(socket, failure)
  const up = new Promise<'up'>((resolve) =>
    socket.once(config.transport === 'tls' ? 'secureConnect' : 'connect', () => resolve('up')),
  )
  const first = await within(tools.clock, tools.limits.connectMs, signal, [up, closed])
  if (first !== 'up') {
    socket.destroy()
    throw failed(config, 'cannot connect to', failure.error)
  }
  return connectionOver(socket, config, tools, closed, failure)
}

/** Begins a connection; TLS 1.2 at least. */
export function dialSyslog(config: SyslogConfig): Socket {
  const { host, port } = config
  const tcp = { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 }
  if (config.transport === 'tcp') return connectTcp(tcp)
  const servername = isIP(host) === 0 ? { servername: host } : {}
  return connectTls({ ...tcp, minVersion: 'TLSv1.2', ...servername, ...tlsOptions(config) })
}

function connectionOver(
  socket: Socket,
  config: SyslogConfig,
  { clock, limits }: Tools,
  closed: Promise<Ending>,
  failure: { readonly error: Error | undefined },
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
        throw failed(config, 'lost the connection to', failure.error)
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
async function ending(socket: Socket, failure: { error: Error | undefined }): Promise<Ending> {
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

/** The first of several, or `late` when none came in time or the signal aborted. */
async function within<T>(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  several: readonly Promise<T>[],
): Promise<T | 'late'> {
  const done = new AbortController()
  const late = clock.sleep(ms, AbortSignal.any([signal, done.signal])).then(() => 'late' as const)
  try {
    return await Promise.race([...several, late])
  } finally {
    done.abort()
  }
}

function failed({ name, host, port }: SyslogConfig, doing: string, cause: Error | undefined): WeirError {
  const options = cause === undefined ? {} : { cause }
  return new WeirError('OUTPUT_FAILED', `${doing} ${host}:${port} for output ${name}`, options)
}
