import type { Socket } from 'node:net'

/** TCP payload since the start, both ways, TLS and what a proxy was told included. */
export interface LinkBytes {
  readonly sent: number
  readonly received: number
}

/** Sums open sockets as they stand and closed ones as they ended. */
export class ByteCounter {
  readonly #open = new Set<Socket>()
  #closed = { sent: 0, received: 0 }

  watch(socket: Socket): void {
    this.#open.add(socket)
    socket.once('close', () => {
      this.#open.delete(socket)
      this.#closed = add(this.#closed, socket)
    })
  }

  bytes(): LinkBytes {
    return [...this.#open].reduce(add, this.#closed)
  }
}

function add(sum: LinkBytes, socket: Socket): LinkBytes {
  return { sent: sum.sent + socket.bytesWritten, received: sum.received + socket.bytesRead }
}
