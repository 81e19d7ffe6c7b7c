import type { Acknowledged } from './spool/acknowledged.ts'
import { alertKey, type Entry } from './spool/entry.ts'
import type { Ahead, Batch, Outcome } from './spool/spool.ts'

/** A batch on its way to an output. */
export interface Sending {
  /** Absent where only what was in doubt goes once more. */
  readonly batch?: Batch
  readonly sent: readonly Entry[]
  /** Entries that the output's filter left out. */
  readonly filtered: number
  /** Rejects when it is not known what became of all. */
  readonly done: Promise<Outcome>
}

/** Batches that are on their way to an output, oldest first, and what they carry. */
export class Flight {
  readonly #sendings: Sending[] = []
  readonly #entries = new Map<string, Entry>()

  get size(): number {
    return this.#sendings.length
  }

  /** How far the lanes are read: what is on its way is not given out again. */
  get ahead(): Ahead {
    const last = (from: Batch['from']) =>
      this.#sendings.findLast(({ batch }) => batch?.from === from)?.batch?.entries.at(-1)?.position ?? 0
    return { urgent: last('urgent'), quarantine: last('quarantine'), bulk: last('bulk') }
  }

  /** The last of the alert that is on its way. */
  carries(entry: Entry): Acknowledged | undefined {
    return this.#entries.get(alertKey(entry))
  }

  add(sending: Sending): void {
    // Whoever waits for it comes later than a quick failure.
    sending.done.catch(() => undefined)
    this.#sendings.push(sending)
    for (const entry of sending.sent) this.#entries.set(alertKey(entry), entry)
  }

  oldest(): Sending | undefined {
    return this.#sendings[0]
  }

  /** The oldest has come to its end. */
  landed(): void {
    for (const entry of this.#sendings.shift()?.sent ?? []) {
      const alert = alertKey(entry)
      if (this.#entries.get(alert) === entry) this.#entries.delete(alert)
    }
  }

  /** What became of all of them, once it has; of those that failed nothing is known. */
  async allEnded(): Promise<readonly Outcome[]> {
    const ended = await Promise.allSettled(this.#sendings.map(({ done }) => done))
    return ended.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []))
  }
}
