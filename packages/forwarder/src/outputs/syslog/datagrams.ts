import { createSocket, type Socket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import type { SyslogConfig } from './config.ts'
import { type ConnectionTools, type Failure, failed, type SyslogConnection, within } from './connection.ts'
import type { Ending } from './window.ts'

/**
 * Datagrams to one receiver. Nothing tells whether they arrive; only that nobody listens is told by some hosts,
 * and counts as the end of the connection. Throws `WeirError` OUTPUT_FAILED for a host without an address.
 */
export async function openDatagrams(
  config: SyslogConfig,
  { clock, limits }: ConnectionTools,
): Promise<SyslogConnection> {
  const failure: Failure = { error: undefined }
  const socket = await dialDatagrams(config).catch((error: Error) => {
    throw failed(config, 'cannot find', { error })
  })
  const closed = ending(socket, failure)
  return {
    closed,
    write: async (frames, signal) => {
      const written = handOver(socket, frames, failure)
      const first = await within(clock, limits.writeMs, signal, [written, closed])
      const unrefused = first === 'written' && (await within(clock, limits.confirmMs, signal, [closed]))
      if (unrefused === 'late' && failure.error === undefined && !signal.aborted) return
      close(socket)
      throw failed(config, 'nobody takes datagrams at', failure)
    },
    end: async () => close(socket),
  }
}

/** A socket that is bound to its receiver, so that the kernel tells of refusals. */
export async function dialDatagrams({ host, port }: SyslogConfig): Promise<Socket> {
  const { address, family } = await lookup(host)
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4')
  try {
    socket.connect(port, address)
    await once(socket, 'connect')
    return socket
  } catch (error) {
    // It is tried for as long as the network is away: each attempt would leave a socket behind.
    close(socket)
    throw error
  }
}

/**
 * A refusal is told of some earlier datagram. It is like an orderly end: what went out long ago was taken, and
 * the last ones were not.
 */
async function ending(socket: Socket, failure: Failure): Promise<Ending> {
  socket.on('error', (error) => {
    failure.error ??= error
    close(socket)
  })
  return new Promise((resolve) => socket.once('close', () => resolve('closed')))
}

/** Some at a time, so that a flood waits here rather than in the socket's memory. */
const AT_ONCE_MAX = 64

async function handOver(
  socket: Socket,
  frames: readonly Buffer[],
  failure: Failure,
): Promise<'written' | 'failed'> {
  for (let at = 0; at < frames.length && failure.error === undefined; at += AT_ONCE_MAX)
    await Promise.all(frames.slice(at, at + AT_ONCE_MAX).map((frame) => sendOne(socket, frame, failure)))
  return failure.error === undefined ? 'written' : 'failed'
}

async function sendOne(socket: Socket, frame: Buffer, failure: Failure): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      socket.send(frame, (error) => (error ? reject(error) : resolve()))
    })
  } catch (error) {
    failure.error ??= error as Error
  }
}

function close(socket: Socket): void {
  try {
    socket.close()
  } catch {
    // It is closed already.
  }
}
