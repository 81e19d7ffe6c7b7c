import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { until } from '../e2e/until.ts'

/** A port of loopback that nobody listens on, for TCP as for UDP. */
export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** A connection to a listener, as soon as it is there. */
export function connected(port: number, tls?: ConnectionOptions): Promise<Socket> {
  return until('the listener is there', async () => {
    const socket =
      tls === undefined ? connect(port, '127.0.0.1') : connectTls({ ...tls, port, host: '127.0.0.1' })
    try {
      await once(socket, tls === undefined ? 'connect' : 'secureConnect')
    } catch {
      return undefined
    }
    // What the other side does to it later is the test's to see in what was received.
    socket.on('error', () => undefined)
    return socket
  })
}

/** Sends over a connection of its own and closes in order; resolves when the other side has closed too. */
export async function sendInOrder(
  port: number,
  bytes: string | Buffer,
  tls?: ConnectionOptions,
): Promise<void> {
  const socket = await connected(port, tls)
  const closed = once(socket, 'close').catch(() => undefined)
  socket.resume()
  socket.end(bytes)
  await closed
}

/** RFC 6587: the length in octets, a space, the message. */
export function counted(messages: readonly string[]): string {
  return messages.map((message) => `${Buffer.byteLength(message)} ${message}`).join('')
}

/** RFC 6587: a line feed behind each message. */
export function lined(messages: readonly string[]): string {
  return messages.map((message) => `${message}\n`).join('')
}

/** RFC 5426: one datagram a message. */
export async function sendDatagrams(port: number, messages: readonly string[]): Promise<void> {
  const socket = createSocket('udp4')
  for (const message of messages)
    await new Promise<void>((resolve, reject) => {
      socket.send(message, port, '127.0.0.1', (error) => (error === null ? resolve() : reject(error)))
    })
  socket.close()
}
