import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import type { Clock } from '@weir/runtime'
import type { Faults } from './faults.ts'
import { FrameReader } from './framing.ts'
import type { Ledger } from './ledger.ts'

/** What syslog connections have seen. */
export interface SyslogCounts {
  connections: number
  open: number
  refused: number
  /** Handshakes that failed: a wrong or missing certificate. */
  handshakesFailed: number
  bytes: number
  messages: number
  /** Connections closed because of a broken frame. */
  framesBroken: number
}

/** Receives syslog over TCP, or over TLS, in both framings. */
export class SyslogReceiver {
  readonly counts: SyslogCounts = {
    connections: 0,
    open: 0,
    refused: 0,
    handshakesFailed: 0,
    bytes: 0,
    messages: 0,
    framesBroken: 0,
  }
  readonly #ledger: Ledger
  readonly #faults: Faults
  readonly #clock: Clock
  readonly #server: Server
  readonly #via: 'tls' | 'tcp'
  readonly #open = new Set<Socket>()

  /** @param tls certificate and key, and the authority of its clients if they must have one; absent for TCP. */
  constructor(ledger: Ledger, faults: Faults, clock: Clock, tls?: TlsOptions) {
    this.#ledger = ledger
    this.#faults = faults
    this.#clock = clock
    this.#via = tls === undefined ? 'tcp' : 'tls'
    this.#server =
      tls === undefined ? createServer((socket) => this.#take(socket, socket)) : this.#secure(tls)
  }

  async listen(port: number): Promise<number> {
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
    return (this.#server.address() as AddressInfo).port
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#open) socket.destroy()
  }

  /** The plain socket is taken first, so that one can be closed before the handshake and reset after it. */
  #secure(options: TlsOptions): Server {
    const secure = createTlsServer({ minVersion: 'TLSv1.2', ...options })
    const plainByPort = new Map<number, Socket>()
    secure.on('secureConnection', (socket) =>
      this.#take(socket, plainByPort.get(socket.remotePort!) ?? socket),
    )
    secure.on('tlsClientError', () => this.counts.handshakesFailed++)
    return createServer((plain) => {
      plain.on('error', () => undefined)
      if (this.#faults.state.refuseTls) {
        this.counts.refused++
        plain.destroy()
        return
      }
      const port = plain.remotePort ?? 0
      plainByPort.set(port, plain)
      plain.on('close', () => plainByPort.delete(port))
      secure.emit('connection', plain)
    })
  }

  #take(socket: Socket, plain: Socket): void {
    this.counts.connections++
    this.counts.open++
    this.#open.add(plain)
    socket.on('error', () => undefined)
    plain.on('close', () => {
      this.counts.open--
      this.#open.delete(plain)
    })
    void this.#receive(socket, plain)
  }

  /** Reads on only when what was read is on disk, so that the sender feels a slow SIEM. */
  async #receive(socket: Socket, plain: Socket): Promise<void> {
    const frames = new FrameReader()
    let received = 0
    try {
      for await (const chunk of socket as AsyncIterable<Buffer>) {
        await this.#faults.flowing()
        const reset = this.#resetWithin(received + chunk.length)
        const bytes = reset === undefined ? chunk : chunk.subarray(0, Math.max(0, reset - received))
        received += bytes.length
        await this.#keep(bytes, frames)
        if (reset !== undefined) return void plain.resetAndDestroy()
        if (frames.broken) return void this.#refuseFrames(plain)
      }
    } catch {
      // The sender reset the connection; what it sent before is kept.
    }
  }

  #resetWithin(received: number): number | undefined {
    const { resetAfterBytes } = this.#faults.state
    if (resetAfterBytes === 0 || received < resetAfterBytes || !this.#faults.takeReset()) return undefined
    return resetAfterBytes
  }

  async #keep(bytes: Buffer, frames: FrameReader): Promise<void> {
    this.counts.bytes += bytes.length
    const messages = frames.push(bytes)
    this.counts.messages += messages.length
    await this.#ledger.append(this.#via, this.#clock.now(), messages)
  }

  #refuseFrames(plain: Socket): void {
    this.counts.framesBroken++
    plain.destroy()
  }
}
