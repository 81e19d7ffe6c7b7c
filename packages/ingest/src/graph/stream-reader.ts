import { type Cursor, isObject, type PartitionState, type RawBatch, type SourceContext } from '@weir/model'
import { backoffMs } from '@weir/runtime'
import type { Element } from '../rest/elements.ts'
import { RestFailure } from '../rest/failure.ts'
import { Patience } from '../rest/patience.ts'
import { type Window, windowsOf } from '../rest/windows.ts'
import { printOf, Seen } from '../seen.ts'
import { graphMeaning } from './failure.ts'
import { brokenPage, type GraphPage, pageOf } from './page.ts'
import type { GraphReading } from './reading.ts'
import { type GraphStream, urlOf } from './streams.ts'

/** Asked for beyond now, because the service's clock is known to a second only. */
const AHEAD_MS = 1_000

/** Reads one stream, window by window and again over what may come late, until the signal aborts. */
export class StreamReader {
  readonly #reading: GraphReading
  readonly #stream: GraphStream
  readonly #context: SourceContext
  readonly #patience: Patience
  readonly #seen: Seen
  /** Nothing before it is ever read: the time of the very first run less `firstMs`. */
  #since: number | undefined
  /** Up to here every window was read once. */
  #read: number | undefined
  #recheckAt = 0

  constructor(reading: GraphReading, stream: GraphStream, context: SourceContext) {
    const { config, client, deps, paces } = reading
    this.#reading = reading
    this.#stream = stream
    this.#context = context
    const { name: partition } = stream
    const meaning = (error: unknown) => graphMeaning(error, stream)
    const said = (state: PartitionState['state'], reason?: string) => this.#state(state, reason)
    const parts = {
      source: config.name,
      partition,
      client,
      pace: paces[stream.limit],
      bounds: config,
      meaning,
      said,
    }
    this.#patience = new Patience(parts, deps)
    this.#seen = new Seen(config.name, this.#key('seen/'), config.seenRecordsMax, context.cursors)
    this.#since = this.#stored('since')
    this.#read = this.#stored('read')
  }

  async run(): Promise<void> {
    const { signal } = this.#context
    const { config, deps } = this.#reading
    try {
      await this.#learnClock()
      while (!signal.aborted) {
        await this.#poll()
        await deps.clock.sleep(config.pollMs, signal)
      }
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  /** The smallest request there is: it tells the service's time before any window is cut by it. */
  async #learnClock(): Promise<void> {
    const url = `${this.#stream.path}?$top=1`
    await this.#patience.ask({ url, read: () => undefined }, this.#context.signal)
  }

  async #poll(): Promise<void> {
    const { client, config, deps } = this.#reading
    const now = client.now()
    const whole = deps.clock.now() >= this.#recheckAt
    const { since, read } = await this.#start(now)
    // Read ahead of now, by a clock that was wrong then, is read up to now.
    const from = Math.max(since, Math.min(read, now) - (whole ? config.overlapMs : config.recentMs))
    for (const window of windowsOf(from, now + AHEAD_MS, config.windowMs)) {
      if (window.to < now - config.windowMs) await this.#state('lagging')
      await this.#window(window)
    }
    if (whole) this.#recheckAt = deps.clock.now() + config.recheckMs
    await this.#forget(Math.min(this.#read!, now) - config.overlapMs)
    await this.#state('caught-up', undefined, now)
  }

  /** Where this look begins; what the tenant no longer keeps is jumped over, and said. */
  async #start(now: number): Promise<{ since: number; read: number }> {
    const { firstMs, retentionMs } = this.#reading.config
    this.#since ??= now - Math.min(firstMs, retentionMs)
    if (this.#read === undefined)
      await this.#moveTo(this.#since, [this.#cursor('since', String(this.#since))])
    const kept = now - retentionMs
    if (this.#read! < kept)
      await this.#lost({ from: this.#read!, to: kept }, 'not read before the tenant let it go')
    return { since: this.#since, read: this.#read! }
  }

  async #lost(window: Window, reason: string): Promise<void> {
    const after = new Date(window.from).toISOString()
    const next = new Date(window.to).toISOString()
    this.#event('error', 'window_lost', { after, next, reason })
    await this.#moveTo(Math.max(this.#read ?? 0, window.to), [], { after, next })
  }

  async #window(window: Window): Promise<void> {
    const { config, deps } = this.#reading
    for (let again = 1; !(await this.#pages(window)); again++) {
      this.#event('warn', 'window_begun_anew', { again })
      const backoff = { firstMs: config.retryMsFirst, maxMs: config.retryMsMax }
      await deps.clock.sleep(backoffMs(backoff, again, deps.random()), this.#context.signal)
      this.#context.signal.throwIfAborted()
    }
    if (window.to > this.#read!) await this.#moveTo(window.to)
  }

  /** False where the address of a further page was no longer taken: the window has to begin anew. */
  async #pages(window: Window): Promise<boolean> {
    const { pageRecords, pagesMax } = this.#reading.config
    let url: string | undefined = urlOf(this.#stream, window, pageRecords)
    for (let pages = 0; url !== undefined; pages++) {
      if (pages === pagesMax) {
        await this.#lost(window, `it has more than ${pagesMax} pages`)
        return true
      }
      const page = await this.#page(url, pages > 0)
      if (page === 'expired') return false
      await this.#deliver(page, window)
      if (page.broken && page.next === undefined) await this.#lost(window, 'a page could not be read')
      url = page.next
    }
    return true
  }

  async #page(url: string, followed: boolean): Promise<GraphPage | 'expired'> {
    let broken = 0
    const read = (answer: Parameters<typeof pageOf>[0]): GraphPage => {
      try {
        return pageOf(answer)
      } catch (error) {
        if (++broken < this.#reading.config.brokenAttemptsMax) throw error
        this.#event('error', 'page_unreadable', { bytes: answer.body.length })
        return brokenPage(answer)
      }
    }
    const final = ({ status }: RestFailure): boolean =>
      followed && (status === 400 || status === 404 || status === 410)
    try {
      return await this.#patience.ask({ url, read, final }, this.#context.signal)
    } catch (error) {
      if (error instanceof RestFailure && final(error)) return 'expired'
      throw error
    }
  }

  /** What was not delivered before; the cursors that remember it commit with it. */
  async #deliver({ records, at }: GraphPage, window: Window): Promise<void> {
    const { budget } = this.#reading
    const fresh = this.#fresh(records, window)
    if (fresh.length === 0) return
    let held = fresh.reduce((sum, { bytes }) => sum + bytes.length, 0)
    await budget.take(held, this.#context.signal)
    const { dataset } = this.#stream
    await this.#context.deliver({
      ...this.#batch(this.#seen.takeCursors()),
      messages: fresh.map((record) => ({ bytes: record.bytes, at: record.at, arrival: at, dataset })),
      committed: () => {
        budget.give(held)
        held = 0
      },
    })
  }

  #fresh(records: readonly Element[], window: Window): { readonly bytes: Buffer; readonly at: string }[] {
    const fresh: { readonly bytes: Buffer; readonly at: string }[] = []
    for (const { value, bytes } of records) {
      const print = printOf(bytes)
      if (this.#seen.has(print)) continue
      this.#seen.add(print, this.#timeOf(value) ?? window.from)
      fresh.push({ bytes, at: placeOf(value, print) })
    }
    return fresh
  }

  #timeOf(value: unknown): number | undefined {
    const written = isObject(value) ? value[this.#stream.time] : undefined
    const time = typeof written === 'string' ? Date.parse(written) : Number.NaN
    return Number.isNaN(time) ? undefined : time
  }

  async #moveTo(read: number, more: readonly Cursor[] = [], gap?: RawBatch['gap']): Promise<void> {
    this.#read = read
    const batch = this.#batch([this.#cursor('read', String(read)), ...more])
    await this.#context.deliver(gap === undefined ? batch : { ...batch, gap })
  }

  async #forget(before: number): Promise<void> {
    const { seenRecordsMax } = this.#reading.config
    const full = this.#seen.size > seenRecordsMax
    const cursors = this.#seen.forget(before)
    if (full) this.#event('warn', 'seen_bound', { seenRecordsMax })
    if (cursors.length > 0) await this.#context.deliver(this.#batch(cursors))
  }

  #batch(cursors: readonly Cursor[]): RawBatch {
    const { name: source } = this.#reading.config
    return { kind: 'batch', source, partition: this.#stream.name, messages: [], cursors, unordered: true }
  }

  async #state(
    state: PartitionState['state'],
    reason?: string,
    now = this.#reading.client.now(),
  ): Promise<void> {
    const { name: source } = this.#reading.config
    const signal = { kind: 'state', source, partition: this.#stream.name, state, now } as const
    await this.#context.deliver(reason === undefined ? signal : { ...signal, reason })
  }

  #event(level: 'warn' | 'error', name: string, details: Readonly<Record<string, unknown>>): void {
    const where = { source: this.#reading.config.name, stream: this.#stream.name }
    this.#reading.deps.report.event(level, name, { ...where, ...details }, ['source'])
  }

  #key(name: string): string {
    return `${this.#stream.name}/${name}`
  }

  #cursor(name: string, value: string): Cursor {
    return { source: this.#reading.config.name, key: this.#key(name), value }
  }

  #stored(name: string): number | undefined {
    const stored = Number(this.#context.cursors.get(this.#key(name)) || Number.NaN)
    return Number.isFinite(stored) ? stored : undefined
  }
}

/** The provider's id, and which state of it. */
function placeOf(value: unknown, print: number): string {
  const id = isObject(value) ? value['id'] : undefined
  const state = print.toString(16)
  return typeof id === 'string' ? `${id}@${state}` : state
}
