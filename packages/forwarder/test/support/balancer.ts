import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { Watched } from './until.ts'

/** Leads each connection to one of the addresses. */
export class Balancer {
  readonly #urls: readonly string[]
  readonly #sockets = new Set<Socket>()
  readonly #server: Server = createServer((socket) => this.#lead(socket))
  readonly watched = new Watched()
  /** Which address the next connection leads to. */
  to = 0
  /** Pieces of answers that were handed on. */
  handedBack = 0

  constructor(urls: readonly string[]) {
    this.#urls = urls
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Breaks every connection. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async close(): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #lead(socket: Socket): void {
    const url = new URL(this.#urls[this.to]!)
    const onward = connect(Number(url.port), url.hostname)
    for (const [from, to] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      this.#sockets.add(from)
      from.on('error', () => undefined)
      from.on('close', () => to.destroy())
      from.on('close', () => this.#sockets.delete(from))
    }
    socket.on('data', (bytes) => onward.write(bytes))
    onward.on('data', (bytes) =>
      socket.write(bytes, () => {
        this.handedBack++
        this.watched.changed()
      }),
    )
  }
}
