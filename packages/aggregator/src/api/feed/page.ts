import type { EndLine, SkipLine } from '@weir/contract'
import type { FeedEntry, FeedStore, Lane } from '@weir/model'
import type { FeedFilter } from '../context.ts'
import { passes } from './filter.ts'

const NEWLINE = Buffer.from('\n')

type Skip = SkipLine['skip']

/** What a page is made for. */
export interface PageRequest {
  readonly lane: Lane
  readonly after: number
  readonly filter: FeedFilter | undefined
  /** Bytes of its lines; a first line beyond it goes alone. */
  readonly bytesMax: number
}

/**
 * A page of a lane: stored lines as they are, and in place of what does not cross, skips that carry the chain
 * over the gap. It grows with the lane until it is full.
 */
export class Page {
  readonly #request: PageRequest
  #lines: Uint8Array[] = []
  #skip: Skip | undefined
  #bytes = 0
  #seq: number
  #chain = ''
  #alerts = 0
  #full = false

  constructor(request: PageRequest) {
    this.#request = request
    this.#seq = request.after
  }

  /** A page of its own that goes on from here. */
  fork(): Page {
    const fork = new Page(this.#request)
    fork.#lines = [...this.#lines]
    fork.#skip = this.#skip
    fork.#bytes = this.#bytes
    fork.#seq = this.#seq
    fork.#chain = this.#chain
    fork.#alerts = this.#alerts
    fork.#full = this.#full
    return fork
  }

  /** Nothing has been appended after the reader's cursor. */
  get empty(): boolean {
    return this.#seq === this.#request.after
  }

  /** An alert is in it, so that it is worth a response; skips alone can wait. */
  get worthSending(): boolean {
    return this.#alerts > 0
  }

  get full(): boolean {
    return this.#full
  }

  /** Reads on from where it ends, until the lane's end or until it is full. */
  async fill(store: FeedStore): Promise<this> {
    const { lane, bytesMax } = this.#request
    for (;;) {
      const entries = await store.read(lane, this.#seq, bytesMax - this.#bytes)
      for (const entry of entries) this.#add(entry)
      if (entries.length === 0 || this.#full) return this
    }
  }

  /** The page as it crosses the wire, before compression. */
  bytes(): Buffer {
    const end: EndLine = { end: { lane: this.#request.lane, seq: this.#seq, chain: this.#chain } }
    const open = this.#skip === undefined ? [] : [lineOf({ skip: this.#skip })]
    return Buffer.concat([...this.#lines, ...open, lineOf(end)].flatMap((line) => [line, NEWLINE]))
  }

  #add(entry: FeedEntry): void {
    if (this.#full) return
    const line = passes(entry, this.#request.filter) ? entry.line : undefined
    if (this.#bytes > 0 && this.#bytes + (line?.length ?? 0) > this.#request.bytesMax) {
      this.#full = true
      return
    }
    if (line === undefined) this.#addSkip(entry)
    else this.#addLine(line)
    this.#seq = entry.seq
    this.#chain = entry.chain
  }

  #addLine(line: Uint8Array): void {
    this.#closeSkip()
    this.#lines.push(line)
    this.#bytes += line.length
    this.#alerts++
  }

  #addSkip({ skip, line, seq: to, chain }: FeedEntry): void {
    const reason = skip ?? (line === undefined ? 'closed' : 'filter')
    if (this.#skip?.reason === reason) {
      this.#skip = { ...this.#skip, to, chain }
      return
    }
    this.#closeSkip()
    this.#skip = { from: to, to, reason, chain }
  }

  #closeSkip(): void {
    if (this.#skip === undefined) return
    const line = lineOf({ skip: this.#skip })
    this.#lines.push(line)
    this.#bytes += line.length
    this.#skip = undefined
  }
}

function lineOf(line: SkipLine | EndLine): Buffer {
  return Buffer.from(JSON.stringify(line))
}
