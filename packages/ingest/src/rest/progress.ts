import type { Cursor, PartitionState, RawBatch, RawMessage, SourceContext } from '@weir/model'
import type { LogLevel, Report } from '@weir/runtime'
import type { ByteBudget } from '../byte-budget.ts'
import { Seen } from '../seen.ts'
import type { Window } from './windows.ts'

/** A partition that is polled by time. */
export interface ProgressParts {
  readonly source: string
  readonly partition: string
  readonly context: SourceContext
  readonly report: Report
  /** Bytes delivered and not yet committed, of the whole source. */
  readonly budget: ByteBudget
  /** Epoch milliseconds by the service's clock. */
  readonly now: () => number
  readonly firstMs: number
  readonly retentionMs: number
  /** Beyond it the oldest of what was seen is forgotten. */
  readonly seenMax: number
}

/**
 * How far a partition was read and what of it was delivered, in cursors that commit with what they cover; and the
 * one place from which anything is said of it.
 */
export class Progress {
  readonly seen: Seen
  readonly #parts: ProgressParts
  /** Nothing before it is ever read: the time of the very first run less `firstMs`. */
  #since: number | undefined
  /** Up to here everything was read once. */
  #read: number | undefined

  constructor(parts: ProgressParts) {
    this.#parts = parts
    const { source, context, seenMax } = parts
    this.seen = new Seen(source, this.#key('seen/'), seenMax, context.cursors)
    this.#since = this.#stored('since')
    this.#read = this.#stored('read')
  }

  /**
   * Where a look begins that goes back so far. What the service no longer keeps is jumped over, and said; what was
   * read ahead of now, by a clock that was wrong then, counts as read up to now.
   */
  async begin(now: number, backMs: number): Promise<number> {
    const { firstMs, retentionMs } = this.#parts
    const kept = now - retentionMs
    // Whoever began ahead of now, by a clock that was wrong then, would read nothing until then.
    const since = (this.#since ?? now) < now ? this.#since! : Math.max(now - firstMs, kept)
    let read = since === this.#since ? (this.#read ?? since) : await this.#begun(since)
    if (read < kept) read = await this.lost({ from: read, to: kept }, 'not read while the service kept it')
    return Math.max(since, kept, Math.min(read, now) - backMs)
  }

  /** The whole of a window was read. */
  async reached({ to }: Window): Promise<void> {
    if (to <= (this.#read ?? 0)) return
    this.#read = to
    await this.#batch([], [this.#cursor('read', to)])
  }

  /** A stretch of time that is given up; it counts as read, and health says so. Gives how far that is. */
  async lost(window: Window, reason: string): Promise<number> {
    const gap = { after: iso(window.from), next: iso(window.to) }
    this.event('error', 'records_lost', { ...gap, reason })
    this.#read = Math.max(this.#read ?? 0, window.to)
    await this.#batch([], [this.#cursor('read', this.#read)], { gap })
    return this.#read
  }

  /** Delivers messages, or what is missing in their place, together with what was added to `seen` for them. */
  async deliver(messages: readonly RawMessage[], gap?: RawBatch['gap']): Promise<void> {
    const { budget, context } = this.#parts
    let held = messages.reduce((sum, { bytes }) => sum + bytes.length, 0)
    await budget.take(held, context.signal)
    const committed = (): void => {
      budget.give(held)
      held = 0
    }
    const more = gap === undefined ? { committed } : { committed, gap }
    await this.#batch(messages, this.seen.takeCursors(), more)
  }

  /** Forgets what no look goes back to any more, and what is beyond the bound. */
  async forget(before: number): Promise<void> {
    const { seenMax } = this.#parts
    if (this.seen.size > seenMax) this.event('warn', 'seen_bound', { seenMax })
    const cursors = this.seen.forget(before)
    if (cursors.length > 0) await this.#batch([], cursors)
  }

  async state(state: PartitionState['state'], reason?: string, now = this.#parts.now()): Promise<void> {
    const { source, partition, context } = this.#parts
    const signal = { kind: 'state', source, partition, state, now } as const
    await context.deliver(reason === undefined ? signal : { ...signal, reason })
  }

  event(level: LogLevel, name: string, details: Readonly<Record<string, unknown>> = {}): void {
    const { source, partition, report } = this.#parts
    report.event(level, name, { source, partition, ...details }, ['source'])
  }

  async #begun(since: number): Promise<number> {
    this.#since = since
    this.#read = since
    await this.#batch([], [this.#cursor('since', since), this.#cursor('read', since)])
    return since
  }

  async #batch(
    messages: readonly RawMessage[],
    cursors: readonly Cursor[],
    more: Pick<RawBatch, 'gap' | 'committed'> = {},
  ): Promise<void> {
    const { source, partition, context } = this.#parts
    await context.deliver({ kind: 'batch', source, partition, messages, cursors, unordered: true, ...more })
  }

  #key(name: string): string {
    return `${this.#parts.partition}/${name}`
  }

  #cursor(name: string, time: number): Cursor {
    return { source: this.#parts.source, key: this.#key(name), value: String(time) }
  }

  #stored(name: string): number | undefined {
    const stored = Number(this.#parts.context.cursors.get(this.#key(name)) || Number.NaN)
    return Number.isFinite(stored) ? stored : undefined
  }
}

function iso(time: number): string {
  return new Date(time).toISOString()
}
