import type { Limits } from '../../limits.ts'

/** How a connection ended: `closed` in order by the receiver, `broken` otherwise. */
export type Ending = 'closed' | 'broken'

type WindowLimits = Pick<Limits, 'windowBytesMax' | 'windowMs' | 'windowClosedMs'>

/** Frames that went through at once. */
interface Sent {
  readonly frames: readonly Buffer[]
  readonly bytes: number
  readonly at: number
}

/**
 * The last frames that were counted as received, in case the connection breaks before the receiver read
 * them. Batches are kept whole, so that a batch costs one step; only a break looks at single frames.
 */
export class SyslogWindow {
  readonly #limits: WindowLimits
  readonly #sent: Sent[] = []
  #bytes = 0
  #inDoubt: readonly Buffer[] = []

  constructor(limits: WindowLimits) {
    this.#limits = limits
  }

  /** Frames that wait to be repeated. */
  get inDoubt(): number {
    return this.#inDoubt.length
  }

  /** Hands out the frames to repeat; whoever takes them says `sent` or `doubt`. */
  take(): readonly Buffer[] {
    const taken = this.#inDoubt
    this.#inDoubt = []
    return taken
  }

  /** Frames that were taken did not go through; they are older than any others in doubt. */
  doubt(frames: readonly Buffer[]): void {
    if (frames.length > 0) this.#inDoubt = [...frames, ...this.#inDoubt]
  }

  /** Frames went through. */
  sent(frames: readonly Buffer[], now: number): void {
    const bytes = bytesOf(frames)
    this.#sent.push({ frames, bytes, at: now })
    this.#bytes += bytes
    while (this.#spare(now)) this.#bytes -= this.#sent.shift()!.bytes
  }

  /** The connection is gone; true when frames are in doubt now. */
  broke(ending: Ending, now: number): boolean {
    const { windowBytesMax, windowMs, windowClosedMs } = this.#limits
    const ageMax = ending === 'closed' ? windowClosedMs : windowMs
    const recent = this.#sent.filter(({ at }) => now - at <= ageMax)
    const frames = recent.flatMap((sent) => sent.frames)
    this.#inDoubt = [...this.#inDoubt, ...lastOf(frames, windowBytesMax)]
    this.#sent.length = 0
    this.#bytes = 0
    return this.#inDoubt.length > 0
  }

  /** True while the oldest batch is too old, or the others alone are enough. */
  #spare(now: number): boolean {
    const [oldest] = this.#sent
    if (oldest === undefined) return false
    const { windowBytesMax, windowMs } = this.#limits
    return now - oldest.at > windowMs || this.#bytes - oldest.bytes >= windowBytesMax
  }
}

/** The last frames, as many as `bytesMax` holds. */
function lastOf(frames: readonly Buffer[], bytesMax: number): readonly Buffer[] {
  let bytes = 0
  let from = frames.length
  while (from > 0 && bytes + frames[from - 1]!.length <= bytesMax) bytes += frames[--from]!.length
  return frames.slice(from)
}

function bytesOf(frames: readonly Buffer[]): number {
  return frames.reduce((sum, { length }) => sum + length, 0)
}
