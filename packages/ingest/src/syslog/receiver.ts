import type { RawBatch, RawMessage, SourceContext } from '@weir/model'
import { ByteBudget } from '../byte-budget.ts'
import type { SourceDeps } from '../deps.ts'
import type { SyslogConfig, SyslogListener } from './config.ts'
import type { Part } from './framer.ts'

export interface Received {
  readonly part: Part
  /** Address of the sender. */
  readonly peer: string
}

/** A batch that is on its way, and what it holds of the budget. */
interface Kept {
  readonly batch: RawBatch
  readonly last: number
  held: number
}

/**
 * What one listener took and how far it is: numbers messages, delivers them, and keeps what is not committed,
 * because nobody can be asked for it again: after a failed commit it is delivered anew.
 */
export class Receiver {
  readonly listener: SyslogListener
  readonly #source: string
  readonly #clock: SourceDeps['clock']
  /** Who gives the numbers: nobody outside can foretell one, and pass off a record of his for a message to come. */
  readonly #numbered: string
  readonly #budget: ByteBudget
  readonly #kept = new Set<Kept>()
  #context: SourceContext | undefined
  /** Number of the last message. */
  #last = 0
  #lost = 0
  /** A gap that is not committed yet. */
  #gap: RawBatch | undefined
  #waiting = 0

  constructor(
    { name, bytesInFlightMax }: SyslogConfig,
    listener: SyslogListener,
    { clock, random }: Pick<SourceDeps, 'clock' | 'random'>,
  ) {
    this.listener = listener
    this.#source = name
    this.#clock = clock
    this.#numbered = `${name}/${listener.name}/${Math.floor(random() * 2 ** 52).toString(36)}`
    this.#budget = new ByteBudget(bytesInFlightMax)
  }

  /** True while something that was taken from a sender is not delivered yet. */
  get waits(): boolean {
    return this.#waiting > 0
  }

  /** Goes on behind the stored number, and delivers again what was taken before and is not committed. */
  async begin(context: SourceContext): Promise<void> {
    this.#context = context
    const stored = Number(context.cursors.get(this.listener.name) ?? 0)
    this.#last = Math.max(this.#last, stored)
    for (const kept of this.#kept) {
      if (kept.last <= stored) this.#release(kept)
      else await context.deliver(kept.batch)
    }
  }

  /** Resolves once there is some room, true, or the signal aborts and there is none: then nothing more may be read. */
  async room(signal: AbortSignal): Promise<boolean> {
    const found = this.#budget.takeNow(1) || (await this.#waitFor(1, signal))
    if (found) this.#budget.give(1)
    return found
  }

  /** Waits for room. Once the signal aborts what was read goes through without, and weighs on what is read later. */
  async hold(bytes: number, signal: AbortSignal): Promise<void> {
    if (!(await this.#waitFor(bytes, signal))) this.#budget.exceed(bytes)
  }

  async #waitFor(bytes: number, signal: AbortSignal): Promise<boolean> {
    this.#waiting++
    try {
      await this.#budget.take(bytes, signal)
      return true
    } catch {
      return false
    } finally {
      this.#waiting--
    }
  }

  /** Takes room where there is some; a datagram without is lost. */
  holdNow(bytes: number): boolean {
    const fits = this.#budget.takeNow(bytes)
    if (!fits) this.#lost += 1
    return fits
  }

  /** Delivers, and gives what is held back with the commit. */
  async deliver(received: readonly Received[], held: number): Promise<void> {
    if (received.length === 0) return this.#budget.give(held)
    const arrival = this.#clock.now()
    const messages = received.flatMap(({ part, peer }) => this.#messageOf(part, peer, arrival))
    await this.#send({ messages }, held)
  }

  /**
   * Datagrams that the kernel dropped, and our own, take their numbers; a gap tells of them. While one is not committed
   * further ones are gathered, so that an hour without commits makes no thousand gaps.
   */
  async tellLost(byKernel: number): Promise<number> {
    this.#lost += byKernel
    const lost = this.#lost
    if (lost === 0 || this.#gap !== undefined) return 0
    this.#lost = 0
    const after = this.#last
    this.#last += lost
    await this.#send({ messages: [], gap: { after: String(after), next: String(this.#last + 1) } }, 0)
    return lost
  }

  async #send(what: Pick<RawBatch, 'messages' | 'gap'>, held: number): Promise<void> {
    const { name } = this.listener
    const batch: RawBatch = {
      kind: 'batch',
      source: this.#source,
      partition: name,
      ...what,
      cursors: [{ source: this.#source, key: name, value: String(this.#last) }],
      committed: () => this.#release(kept),
    }
    const kept: Kept = { batch, last: this.#last, held }
    this.#kept.add(kept)
    if (what.gap !== undefined) this.#gap = batch
    this.#waiting++
    await this.#context?.deliver(batch)
    this.#waiting--
  }

  #release(kept: Kept): void {
    if (!this.#kept.delete(kept)) return
    if (this.#gap === kept.batch) this.#gap = undefined
    this.#budget.give(kept.held)
  }

  #messageOf(part: Part, peer: string, arrival: number): RawMessage {
    const first = this.#last + 1
    const { format, zone } = this.listener
    const at = { at: String(first), arrival }
    if (part.kind === 'unreadable') {
      this.#last += 1
      return { ...at, bytes: part.bytes, format: { kind: 'unreadable', reason: part.reason } }
    }
    const { bytes, extents } = part
    this.#last += extents.length / 2
    if (format === 'json') return { ...at, bytes: asLines(bytes, extents) }
    const listener = this.#numbered
    return { ...at, bytes, format: { kind: 'syslog', extents, peer, listener, first, arrival, zone } }
  }
}

/** Without the lengths between the messages. */
function asLines(bytes: Buffer, extents: readonly number[]): Buffer {
  const lines: Buffer[] = []
  for (let i = 0; i < extents.length; i += 2) lines.push(bytes.subarray(extents[i], extents[i + 1]), END)
  return Buffer.concat(lines)
}

const END = Buffer.from('\n')
