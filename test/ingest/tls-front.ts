import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createHttps } from 'node:https'
import { type AddressInfo, connect, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer as createTls } from 'node:tls'
import type { Certificates } from '@weir/emulator'

/** What stands before the service in Azure: TLS on one port, AMQP within WebSockets on another. */
export interface TlsFront {
  readonly tlsPort: number
  readonly webSocketPort: number
  /** Paths and subprotocols of the WebSockets that were opened. */
  readonly webSockets: string[]
  stop(): void
}

/** From RFC 6455: what a server adds to the client's key before it hashes it. */
const WEB_SOCKET_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const BINARY = 0x82
const CLOSE = 0x8

export async function startTlsFront(certificates: Certificates, port: number): Promise<TlsFront> {
  const { cert, key } = certificates.server
  const pair = { cert: readFileSync(cert), key: readFileSync(key) }
  const sockets = new Set<Duplex>()
  const webSockets: string[] = []
  const backend = (front: Duplex): Socket => {
    const back = connect(port, '127.0.0.1')
    for (const [one, other] of [[front, back] as const, [back, front] as const]) {
      sockets.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
    }
    return back
  }
  const plain = createTls(pair, (socket) => {
    socket.pipe(backend(socket)).pipe(socket)
  })
  const web = createHttps(pair)
  web.on('upgrade', (request, socket: Duplex) => {
    const { 'sec-websocket-key': asked, 'sec-websocket-protocol': protocol } = request.headers
    webSockets.push(`${request.url} ${protocol}`)
    const accept = createHash('sha1').update(`${asked}${WEB_SOCKET_GUID}`).digest('base64')
    const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
    const more = [`Sec-WebSocket-Accept: ${accept}`, `Sec-WebSocket-Protocol: ${protocol}`, '', '']
    socket.write([...head, ...more].join('\r\n'))
    joinWebSocket(socket, backend(socket))
  })
  return {
    tlsPort: await listen(plain),
    webSocketPort: await listen(web),
    webSockets,
    stop() {
      plain.close()
      web.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

function joinWebSocket(front: Duplex, back: Socket): void {
  let held = Buffer.alloc(0)
  back.on('data', (bytes) => front.write(Buffer.concat([frameHead(bytes.length), bytes])))
  front.on('data', (bytes: Buffer) => {
    held = Buffer.concat([held, bytes])
    for (let frame = readFrame(held); frame !== undefined; frame = readFrame(held)) {
      held = held.subarray(frame.size)
      if (frame.opcode === CLOSE) front.end()
      else back.write(frame.payload)
    }
  })
}

function frameHead(length: number): Buffer {
  if (length < 126) return Buffer.from([BINARY, length])
  if (length < 65_536) return Buffer.from([BINARY, 126, length >> 8, length & 255])
  const head = Buffer.alloc(10)
  head.set([BINARY, 127])
  head.writeBigUInt64BE(BigInt(length), 2)
  return head
}

/** A client's frame, unmasked; `undefined` while it is not all there. */
function readFrame(bytes: Buffer): { opcode: number; payload: Buffer; size: number } | undefined {
  if (bytes.length < 14 && bytes.length < 6 + (bytes[1]! & 127)) return undefined
  const short = bytes[1]! & 127
  const maskAt = short === 126 ? 4 : short === 127 ? 10 : 2
  const length =
    short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short
  const size = maskAt + 4 + length
  if (bytes.length < size) return undefined
  const mask = bytes.subarray(maskAt, maskAt + 4)
  const payload = Buffer.from(bytes.subarray(maskAt + 4, size))
  for (let n = 0; n < payload.length; n++) payload[n]! ^= mask[n & 3]!
  return { opcode: bytes[0]! & 15, payload, size }
}
