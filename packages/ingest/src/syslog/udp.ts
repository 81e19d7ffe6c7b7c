import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import { aborted } from '@weir/runtime'
import type { SyslogConfig } from './config.ts'
import { datagram } from './framer.ts'
import type { Received, Receiver } from './receiver.ts'

/** What a datagram costs in memory beside its bytes; without it a flood of tiny ones would know no bound. */
const DATAGRAM_OVERHEAD_BYTES = 500

/**
 * Takes datagrams until `over` aborts. Calls `open` once it listens. Nobody can be made to wait here: what finds
 * no room is lost, and counted. Rejects when it cannot listen.
 */
export async function serveDatagrams(
  { receiveBufferBytes }: SyslogConfig,
  receiver: Receiver,
  over: AbortSignal,
  open: () => void,
): Promise<void> {
  const { host, port } = receiver.listener
  const type = isIPv6(host) ? 'udp6' : 'udp4'
  const socket = createSocket({ type, recvBufferSize: receiveBufferBytes })
  const failed = once(socket, 'error').then(([error]) => Promise.reject(error as Error))
  const backlog = new Backlog(receiver)
  socket.on('message', (bytes, { address }) => backlog.add(bytes, address.replace(/^::ffff:/, '')))
  try {
    socket.bind(port, host)
    await Promise.race([once(socket, 'listening'), failed])
    open()
    await Promise.race([aborted(over), failed])
  } finally {
    failed.catch(() => undefined)
    close(socket)
    await backlog.empty()
  }
}

/** A socket that could not be bound may be closed already. */
function close(socket: Socket): void {
  try {
    socket.close()
  } catch {
    return
  }
}

/** Datagrams that came while others were delivered; all of them go with the next batch. */
class Backlog {
  readonly #receiver: Receiver
  #waiting: Received[] = []
  #bytes = 0
  #pump: Promise<void> | undefined

  constructor(receiver: Receiver) {
    this.#receiver = receiver
  }

  add(bytes: Buffer, peer: string): void {
    const part = datagram(bytes)
    const held = bytes.length + DATAGRAM_OVERHEAD_BYTES
    if (part === undefined || !this.#receiver.holdNow(held)) return
    this.#waiting.push({ part, peer })
    this.#bytes += held
    this.#pump ??= this.#deliver()
  }

  async empty(): Promise<void> {
    await this.#pump
  }

  async #deliver(): Promise<void> {
    // One turn later, so that what the kernel has handed over by then goes together.
    await new Promise<void>((resolve) => setImmediate(resolve))
    while (this.#waiting.length > 0) {
      const [received, bytes] = [this.#waiting, this.#bytes]
      this.#waiting = []
      this.#bytes = 0
      await this.#receiver.deliver(joined(received), bytes)
    }
    this.#pump = undefined
  }
}

/** Datagrams of one sender that follow one another become one message. */
function joined(received: readonly Received[]): Received[] {
  const all: Received[] = []
  for (let from = 0; from < received.length; ) {
    const { peer } = received[from]!
    let to = from + 1
    while (to < received.length && received[to]!.peer === peer) to++
    all.push(to === from + 1 ? received[from]! : together(received.slice(from, to), peer))
    from = to
  }
  return all
}

function together(received: readonly Received[], peer: string): Received {
  const extents: number[] = []
  let at = 0
  for (const { part } of received) {
    extents.push(at, at + part.bytes.length)
    at += part.bytes.length
  }
  return {
    peer,
    part: { kind: 'messages', bytes: Buffer.concat(received.map((each) => each.part.bytes)), extents },
  }
}
