import { type AddressInfo, createServer as createTcp, type Server, type Socket } from 'node:net'
import { createServer as createTls, type TlsOptions } from 'node:tls'
import { type Cef, parseCef } from './cef-parser.ts'
import { Watched } from './until.ts'

/** A syslog receiver over TLS or TCP that keeps every message. */
export class SyslogReceiver {
  readonly watched = new Watched()
  readonly messages: string[] = []
  /** Refused handshakes and connections that broke. */
  readonly failures: string[] = []
  connections = 0
  readonly #sockets = new Set<Socket>()
  readonly #server: Server
  readonly #framing: 'octet' | 'lf'

  constructor(framing: 'octet' | 'lf', tls?: TlsOptions) {
    this.#framing = framing
    const take = (socket: Socket) => this.#take(socket)
    this.#server = tls === undefined ? createTcp(take) : createTls(tls, take)
    this.#server.on('tlsClientError', (error: Error) => {
      this.failures.push(error.message)
      this.watched.changed()
    })
  }

  async listen(port = 0, host = '127.0.0.1'): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(port, host, resolve))
    return (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** Ends every connection: in order, or with a reset. */
  hangUp(how: 'closed' | 'reset'): void {
    for (const socket of this.#sockets) {
      if (how === 'reset') socket.resetAndDestroy()
      else socket.end()
    }
  }

  cef(): Cef[] {
    return this.messages.map((message) => parseCef(message.slice(message.indexOf('CEF:'))))
  }

  /** `id` and `revision` of every message, in order. */
  revisions(): string[] {
    return this.cef().map(({ extension }) => `${extension['externalId']} ${extension['cn1']}`)
  }

  #take(socket: Socket): void {
    this.connections++
    this.#sockets.add(socket)
    let rest: Buffer = Buffer.alloc(0)
    socket.on('error', (error) => this.failures.push(error.message))
    socket.once('close', () => this.#sockets.delete(socket))
    socket.on('data', (data: Buffer) => {
      rest = this.#cut(Buffer.concat([rest, data]))
      this.watched.changed()
    })
    this.watched.changed()
  }

  /** Takes whole messages off the front. */
  #cut(bytes: Buffer): Buffer {
    for (let rest = bytes; ; ) {
      const found = this.#framing === 'octet' ? octets(rest) : line(rest)
      if (found === undefined) return rest
      this.messages.push(found.message)
      rest = found.rest
    }
  }
}

function octets(bytes: Buffer) {
  const space = bytes.indexOf(32)
  if (space === -1) return undefined
  const head = bytes.subarray(0, space).toString()
  if (!/^[1-9]\d*$/.test(head)) throw new Error(`no octet count: ${head}`)
  const end = space + 1 + Number(head)
  if (bytes.length < end) return undefined
  return { message: bytes.subarray(space + 1, end).toString(), rest: bytes.subarray(end) }
}

function line(bytes: Buffer) {
  const end = bytes.indexOf(10)
  return end === -1
    ? undefined
    : { message: bytes.subarray(0, end).toString(), rest: bytes.subarray(end + 1) }
}
