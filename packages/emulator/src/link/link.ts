import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { type Clock, systemClock } from '@weir/runtime'
import { Pace } from './pace.ts'
import { pump } from './pump.ts'

export interface LinkOptions {
  /** Port to listen on; 0 for any free one. */
  readonly listen: number
  /** Address to listen on instead of loopback. */
  readonly host?: string
  readonly target: { readonly host: string; readonly port: number }
  /** One way, milliseconds. */
  readonly delayMs?: number
  /** In each direction. */
  readonly bitsPerSecond?: number
  readonly clock?: Clock
}

/** TCP payload, as it enters the link; `up` goes towards the target. */
export interface LinkStats {
  readonly upBytes: number
  readonly downBytes: number
  /** Both directions. */
  readonly bytes: number
  /** Connections made so far, those open now, those refused while cut. */
  readonly connections: number
  readonly open: number
  readonly refused: number
}

/** A stretch of network between two sides: everything on it is counted, and it can fail on demand. */
export async function startLink(options: LinkOptions): Promise<Link> {
  const link = new Link(options)
  await link.listen(options.listen, options.host)
  return link
}

export class Link {
  readonly #clock: Clock
  readonly #up: Pace
  readonly #down: Pace
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #target: LinkOptions['target']
  #isCut = false
  readonly #stats = { upBytes: 0, downBytes: 0, connections: 0, open: 0, refused: 0 }

  constructor(options: LinkOptions) {
    this.#clock = options.clock ?? systemClock
    this.#target = options.target
    this.#up = new Pace(this.#clock)
    this.#down = new Pace(this.#clock)
    this.delay(options.delayMs ?? 0)
    this.limit(options.bitsPerSecond)
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => this.#accept(near))
  }

  async listen(port: number, host = '127.0.0.1'): Promise<void> {
    this.#server.listen(port, host)
    await once(this.#server, 'listening')
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  stats(): LinkStats {
    return { ...this.#stats, bytes: this.#stats.upBytes + this.#stats.downBytes }
  }

  /** New connections go elsewhere; those that are up stay. */
  retarget(target: LinkOptions['target']): void {
    this.#target = target
  }

  /** Resets every connection and refuses new ones until `resume`. */
  cut(): void {
    this.#isCut = true
    this.drop()
  }

  /** Resets every connection; new ones are welcome. */
  drop(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  /** Connections stay up and carry nothing until `resume`: what a dead route looks like. */
  stall(): void {
    this.#up.stall()
    this.#down.stall()
  }

  /** Ends a cut or a stall. */
  resume(): void {
    this.#isCut = false
    this.#up.flow()
    this.#down.flow()
  }

  /** One way, milliseconds; for what enters from now on. */
  delay(ms: number): void {
    this.#up.delayMs = ms
    this.#down.delayMs = ms
  }

  /** Bits per second in each direction over all connections; `undefined` lifts the limit. */
  limit(bitsPerSecond: number | undefined): void {
    this.#up.limit(bitsPerSecond)
    this.#down.limit(bitsPerSecond)
  }

  async stop(): Promise<void> {
    this.resume()
    this.drop()
    this.#server.close()
    if (this.#server.listening) await once(this.#server, 'close')
  }

  #accept(near: Socket): void {
    if (this.#isCut) {
      this.#stats.refused++
      near.on('error', () => undefined)
      near.resetAndDestroy()
      return
    }
    this.#stats.connections++
    this.#stats.open++
    const far = connect({ ...this.#target, allowHalfOpen: true, noDelay: true })
    this.#keep(near)
    this.#keep(far)
    void this.#join(near, far)
  }

  /** Both directions; when one breaks, both sides learn it as a reset. */
  async #join(near: Socket, far: Socket): Promise<void> {
    try {
      await Promise.all([
        pump(near, far, this.#up, this.#clock, (bytes) => {
          this.#stats.upBytes += bytes
        }),
        pump(far, near, this.#down, this.#clock, (bytes) => {
          this.#stats.downBytes += bytes
        }),
      ])
    } catch {
      near.resetAndDestroy()
      far.resetAndDestroy()
    } finally {
      this.#stats.open--
    }
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    // The pump hears of errors through its iterator; this keeps them from ending the process meanwhile.
    socket.on('error', () => undefined)
    socket.on('close', () => this.#sockets.delete(socket))
  }
}
