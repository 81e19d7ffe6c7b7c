import type { Limits } from '../../limits.ts'

/** How a connection ended: `closed` in order by the receiver, `broken` otherwise. */
export type Ending = 'closed' | 'broken'

interface Sent {
  readonly frame: Buffer
  readonly at: number
}

/**
 * The last frames that were counted as received, in case the connection breaks before the receiver read
 * them.
 */
export class SyslogWindow {
  readonly #limits: Pick<Limits, 'windowMessagesMax' | 'windowMs' | 'windowClosedMs'>
  #sent: readonly Sent[] = []
  #inDoubt: readonly Buffer[] = []

  constructor(limits: Pick<Limits, 'windowMessagesMax' | 'windowMs' | 'windowClosedMs'>) {
    this.#limits = limits
  }

  /** Frames to repeat with the next write. */
  get inDoubt(): readonly Buffer[] {
    return this.#inDoubt
  }

  /** Frames went through, those in doubt among them. */
  sent(frames: readonly Buffer[], now: number): void {
    const { windowMessagesMax, windowMs } = this.#limits
    const all = [...this.#sent, ...frames.map((frame) => ({ frame, at: now }))]
    this.#sent = all.slice(-windowMessagesMax).filter(({ at }) => now - at <= windowMs)
    this.#inDoubt = []
  }

  /** The connection is gone; true when frames are in doubt now. */
  broke(ending: Ending, now: number): boolean {
    const { windowMs, windowClosedMs } = this.#limits
    const ageMax = ending === 'closed' ? windowClosedMs : windowMs
    const again = this.#sent.filter(({ at }) => now - at <= ageMax).map(({ frame }) => frame)
    this.#inDoubt = [...this.#inDoubt, ...again]
    this.#sent = []
    return this.#inDoubt.length > 0
  }
}
