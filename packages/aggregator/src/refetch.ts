import type { Event, EventSource, MessagePlace, RawMessage, Refetch, StoredMember } from '@weir/model'
import { classify, eventsOf, identityOf, unwrap } from '@weir/normalize'
import { messageOf, type Report } from '@weir/runtime'
import type { Absent, FetchAgain, Found } from './api/context.ts'

/** Bytes of records held at once; more and the caller asks for fewer members at a time. A single one may go beyond. */
const HELD_BYTES_MAX = 32 * 1024 * 1024

/** Failures of a source in one request; after the last one it is not asked again in it, and its members count as unreachable. */
const FAILURES_MAX = 3

/**
 * How records that were not kept are had again from the sources that can read twice. Opened for one request; what is
 * held open is let go when its signal aborts. A record is handed out only if the event of the member comes of it:
 * whatever else stands at its place by now is not the member.
 */
export function refetcher(
  sources: readonly EventSource[],
  report: Report,
): (signal: AbortSignal) => FetchAgain {
  const able = sources.filter(({ refetch }) => refetch !== undefined)
  return (signal) => {
    const ways = new Map(
      able.map((source) => [source.name, { refetch: source.refetch!(signal), failures: 0 }]),
    )
    return async (members) => {
      const fetching = new Fetching(members)
      const asked = fetching.sources.map(async (source) => {
        const way = ways.get(source)
        if (way === undefined) return fetching.miss(source, 'unsupported')
        while (way.failures < FAILURES_MAX && !signal.aborted) {
          try {
            return await fetching.ask(source, way.refetch, signal)
          } catch (error) {
            if (signal.aborted) break
            way.failures++
            report.event('warn', 'refetch_failed', { source, reason: messageOf(error) }, ['source'])
          }
        }
        fetching.miss(source, signal.aborted ? 'bound' : 'unreachable')
      })
      await Promise.all(asked)
      return fetching.tooMuch ? 'too-much' : fetching.found()
    }
  }
}

/** The members of one source at one place, by their index in the list. */
interface Wanted extends MessagePlace {
  readonly source: string
  readonly indexes: number[]
}

class Fetching {
  readonly #members: readonly StoredMember[]
  readonly #wanted = new Map<string, Wanted>()
  readonly #found = new Map<number, Found>()
  #heldBytes = 0

  constructor(members: readonly StoredMember[]) {
    this.#members = members
    for (const [index, { match }] of members.entries()) {
      const { source, partition, at } = match.position
      const key = keyOf(source, partition, at)
      const wanted = this.#wanted.get(key)
      if (wanted === undefined) this.#wanted.set(key, { source, partition, at, indexes: [index] })
      else wanted.indexes.push(index)
    }
  }

  get sources(): string[] {
    return [...new Set([...this.#wanted.values()].map(({ source }) => source))]
  }

  get tooMuch(): boolean {
    return this.#heldBytes > HELD_BYTES_MAX && this.#members.length > 1
  }

  found(): readonly Found[] {
    return this.#members.map((_, index) => this.#found.get(index) ?? { absent: 'not-found' })
  }

  /** Asks for what has no answer yet. Rejects when the source does, or the signal aborts. */
  async ask(source: string, refetch: Refetch, signal: AbortSignal): Promise<void> {
    const places = [...this.#wanted.values()].filter((each) => each.source === source && this.#lacks(each))
    for await (const answer of refetch(places.map(({ partition, at }) => ({ partition, at })))) {
      signal.throwIfAborted()
      const wanted = this.#wanted.get(keyOf(source, answer.partition, answer.at))
      if (wanted === undefined) continue
      if ('gone' in answer) this.#settle(wanted, answer.gone)
      else this.#take(wanted, answer.message)
      if (this.tooMuch) return
    }
  }

  /** What has no answer yet will have none. */
  miss(source: string, absent: Absent): void {
    for (const wanted of this.#wanted.values()) if (wanted.source === source) this.#settle(wanted, absent)
  }

  #lacks({ indexes }: Wanted): boolean {
    return indexes.some((index) => !this.#found.has(index))
  }

  #settle({ indexes }: Wanted, absent: Absent): void {
    for (const index of indexes) if (!this.#found.has(index)) this.#found.set(index, { absent })
  }

  #take({ indexes }: Wanted, message: RawMessage): void {
    const cut = unwrap(message.bytes, message.format)
    for (const index of indexes) {
      const { match } = this.#members[index]!
      const record = cut.records[match.position.index]
      if (record === undefined || !isOf(match, record, message, cut)) continue
      // A copy: the message it was cut from is let go.
      const bytes = Buffer.from(cut.bytesOf(match.position.index))
      this.#found.set(index, { bytes })
      this.#heldBytes += bytes.length
    }
  }
}

/** True when the member's event comes of this record, exactly as it did in the line. */
function isOf(
  { dataset, identity, position: { source, partition, at, index } }: StoredMember['match'],
  record: Event['record'],
  message: RawMessage,
  cut: ReturnType<typeof unwrap>,
): boolean {
  const origin = { source, partition, at, arrival: message.arrival, bytesOf: (n: number) => cut.bytesOf(n) }
  const events: Event[] = []
  eventsOf(record, classify(record, message.dataset), origin, index, events)
  return events.some((event) => event.dataset.name === dataset && identityOf(event) === identity)
}

function keyOf(source: string, partition: string, at: string): string {
  return [source, partition, at].join('\n')
}
