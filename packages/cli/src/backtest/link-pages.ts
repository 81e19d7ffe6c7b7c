import { packedBytes } from '@weir/aggregator'
import { type Alert, LANES, type Lane, laneOf } from '@weir/model'
import { feedLine } from '@weir/store'

/** Bytes of lines that are packed to learn how well they pack; those after them are taken to pack as well. */
const PACKED_BYTES_MAX = 16_000_000

/** The feed as the store would write it; what one round of the line ships makes a page of its lane. */
export class LinkPages {
  readonly #seq: Record<Lane, number> = { urgent: 0, bulk: 0 }
  readonly #page: Record<Lane, Buffer[]> = { urgent: [], bulk: [] }
  #raw = 0
  #packed = 0

  /** Bytes of one revision's line, before compression and without its newline; `at` is epoch milliseconds. */
  add(alert: Alert, at: number): number {
    const { kind, severity } = alert.weir.alert
    const lane = laneOf(kind, severity)
    this.#seq[lane] += 1
    const line = feedLine(this.#seq[lane], at, alert)
    this.#page[lane].push(line)
    return line.length
  }

  /** Bytes of the line that a revision would be if it were shipped now. */
  bytesOf(alert: Alert, at: number): number {
    const { kind, severity } = alert.weir.alert
    return feedLine(this.#seq[laneOf(kind, severity)] + 1, at, alert).length
  }

  /** The round is over. */
  async turn(): Promise<void> {
    for (const lane of LANES) {
      const lines = this.#page[lane]
      this.#page[lane] = []
      if (lines.length === 0 || this.#raw > PACKED_BYTES_MAX) continue
      const page = Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]))
      this.#raw += page.length
      this.#packed += await packedBytes(page)
    }
  }

  /** Share of the bytes that is left when pages are packed with zstd; `undefined` before there was one. */
  get packedShare(): number | undefined {
    return this.#raw === 0 ? undefined : this.#packed / this.#raw
  }
}
