import { Readable } from 'node:stream'
import type { Lane } from '@weir/model'
import type { Clock } from '@weir/runtime'
import { Bell } from '../../bell.ts'

/** What may go at once after a rest, as time at the rate. */
const BURST_MS = 250
/** Of a body, as time at the rate; and its bytes: smaller pieces cost more in frames than they pace. */
const PIECE_MS = 100
const PIECE_BYTES_MIN = 64
const PIECE_BYTES_MAX = 64 * 1024
/**
 * Time at the rate that a page takes before compression: an urgent alert that comes while a bulk page is on its way
 * shares the link with it for no longer than that. A single larger line goes alone.
 */
const PAGE_MS_MAX: Readonly<Record<Lane, number>> = { urgent: 10_000, bulk: 1000 }

/**
 * A token bucket for the pages that one forwarder is sent: pieces of their bodies go one after another, no faster
 * than the rate. A bulk page begins only while no urgent one is on its way; one that has begun goes on beside it,
 * because its reader takes a connection that falls silent for a dead one.
 */
export class Pacer {
  readonly #bytesPerMs: number
  readonly #pieceBytes: number
  readonly #clock: Clock
  readonly #idle: Bell
  #urgent = 0
  /** When all that was let go so far is through, at the rate. */
  #freeAt = Number.NEGATIVE_INFINITY
  #last: Promise<void> = Promise.resolve()

  constructor(bitsPerSecond: number, clock: Clock) {
    this.#bytesPerMs = bitsPerSecond / 8 / 1000
    const bytes = Math.ceil(this.#bytesPerMs * PIECE_MS)
    this.#pieceBytes = Math.min(Math.max(bytes, PIECE_BYTES_MIN), PIECE_BYTES_MAX)
    this.#clock = clock
    this.#idle = new Bell(clock)
  }

  /** Bytes of a page's lines. */
  pageBytesMax(lane: Lane): number {
    return Math.ceil(this.#bytesPerMs * PAGE_MS_MAX[lane])
  }

  /** An urgent page is on its way. */
  get busy(): boolean {
    return this.#urgent > 0
  }

  /** Resolves when no urgent page is on its way any more, after `ms`, or when the signal aborts. */
  async idle(ms: number, signal: AbortSignal): Promise<void> {
    if (this.busy) await this.#idle.heard(ms, signal)
  }

  /** A body that takes its time; it ends early when the signal aborts. */
  pace(lane: Lane, body: Buffer, signal: AbortSignal): Readable {
    const paced = Readable.from(this.#pieces(body, signal), { objectMode: false })
    if (lane === 'urgent') this.#watch(paced)
    signal.addEventListener('abort', () => paced.destroy(), { once: true })
    if (signal.aborted) paced.destroy()
    return paced
  }

  #watch(urgent: Readable): void {
    this.#urgent++
    urgent.once('close', () => {
      this.#urgent--
      if (!this.busy) this.#idle.ring()
    })
  }

  async *#pieces(body: Buffer, signal: AbortSignal): AsyncGenerator<Buffer> {
    for (let from = 0; from < body.length; from += this.#pieceBytes) {
      const piece = body.subarray(from, from + this.#pieceBytes)
      await this.#turn(piece.length, signal)
      if (signal.aborted) return
      yield piece
    }
  }

  /** In the order in which they were asked for, whatever page they are of. */
  #turn(bytes: number, signal: AbortSignal): Promise<void> {
    this.#last = this.#last.then(() => this.#take(bytes, signal))
    return this.#last
  }

  async #take(bytes: number, signal: AbortSignal): Promise<void> {
    // No more can be on its way; where more seems to be, the clock was set back.
    const aheadMs = BURST_MS + this.#pieceBytes / this.#bytesPerMs
    this.#freeAt = Math.min(this.#freeAt, this.#clock.now() + aheadMs)
    const waitMs = this.#freeAt - BURST_MS - this.#clock.now()
    if (waitMs > 0) await this.#clock.sleep(waitMs, signal)
    if (!signal.aborted) this.#freeAt = Math.max(this.#freeAt, this.#clock.now()) + bytes / this.#bytesPerMs
  }
}
