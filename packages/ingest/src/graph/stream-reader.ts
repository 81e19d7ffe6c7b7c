import { isObject, type PartitionState, type RawMessage, type SourceContext } from '@weir/model'
import { backoffMs } from '@weir/runtime'
import type { RestAnswer } from '../rest/client.ts'
import { RestFailure } from '../rest/failure.ts'
import { Patience } from '../rest/patience.ts'
import { Progress } from '../rest/progress.ts'
import { type Window, windowsOf } from '../rest/windows.ts'
import { printOf } from '../seen.ts'
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
  readonly #signal: AbortSignal
  readonly #progress: Progress
  readonly #patience: Patience
  #recheckAt = 0

  constructor(reading: GraphReading, stream: GraphStream, context: SourceContext) {
    const { config, client, deps, paces, budget } = reading
    this.#reading = reading
    this.#stream = stream
    this.#signal = context.signal
    const partition = { source: config.name, partition: stream.name }
    const { firstMs, retentionMs, seenRecordsMax: seenMax } = config
    const bounds = { firstMs, retentionMs, seenMax }
    const now = () => client.now()
    this.#progress = new Progress({ ...partition, ...bounds, context, report: deps.report, budget, now })
    const said = (state: PartitionState['state'], reason?: string) => this.#progress.state(state, reason)
    const meaning = (error: unknown) => graphMeaning(error, stream)
    const asking = { client, pace: paces[stream.limit], bounds: config, meaning, said }
    this.#patience = new Patience({ ...partition, ...asking }, deps)
  }

  async run(): Promise<void> {
    const { config, deps } = this.#reading
    try {
      await this.#learnClock()
      while (!this.#signal.aborted) {
        await this.#poll()
        await deps.clock.sleep(config.pollMs, this.#signal)
      }
    } catch (error) {
      if (!this.#signal.aborted) throw error
    }
  }

  /** The smallest request there is: it tells the service's time before any window is cut by it. */
  async #learnClock(): Promise<void> {
    const url = `${this.#stream.path}?$top=1`
    await this.#patience.ask({ url, read: () => undefined }, this.#signal)
  }

  async #poll(): Promise<void> {
    const { client, config, deps } = this.#reading
    const now = client.now()
    const whole = deps.clock.now() >= this.#recheckAt
    const from = await this.#progress.begin(now, whole ? config.overlapMs : config.recentMs)
    for (const window of windowsOf(from, now + AHEAD_MS, config.windowMs)) {
      if (window.to < now - config.windowMs) await this.#progress.state('lagging')
      await this.#window(window)
      await this.#progress.forget(Math.min(window.to, now) - config.overlapMs)
    }
    if (whole) this.#recheckAt = deps.clock.now() + config.recheckMs
    await this.#progress.state('caught-up', undefined, now)
  }

  async #window(window: Window): Promise<void> {
    const { config, deps } = this.#reading
    for (let again = 1; !(await this.#pages(window)); again++) {
      this.#progress.event('warn', 'window_begun_anew', { again })
      await this.#progress.state('lagging', 'a further page is no longer given; its window is read anew')
      const backoff = { firstMs: config.retryMsFirst, maxMs: config.retryMsMax }
      await deps.clock.sleep(backoffMs(backoff, again, deps.random()), this.#signal)
      this.#signal.throwIfAborted()
    }
    await this.#progress.reached(window)
  }

  /** False where the address of a further page was no longer taken: the window has to begin anew. */
  async #pages(window: Window): Promise<boolean> {
    const { pageRecords, pagesMax } = this.#reading.config
    let url: string | undefined = urlOf(this.#stream, window, pageRecords)
    for (let pages = 0; url !== undefined; pages++) {
      if (pages === pagesMax) {
        await this.#progress.lost(window, `it has more than ${pagesMax} pages`)
        return true
      }
      const page = await this.#page(url, pages > 0)
      if (page === undefined) return false
      await this.#deliver(page, window)
      if (page.broken && page.next === undefined)
        await this.#progress.lost(window, 'a page could not be read')
      url = page.next
    }
    return true
  }

  /** `undefined` for a further page whose address was no longer taken. */
  async #page(url: string, followed: boolean): Promise<GraphPage | undefined> {
    const final = ({ status }: RestFailure): boolean =>
      followed && (status === 400 || status === 404 || status === 410)
    try {
      return await this.#patience.ask({ url, read: this.#patientReader(), final }, this.#signal)
    } catch (error) {
      if (error instanceof RestFailure && final(error)) return undefined
      throw error
    }
  }

  /** A page that stays unreadable becomes one record, whole. */
  #patientReader(): (answer: RestAnswer) => GraphPage {
    let broken = 0
    return (answer) => {
      try {
        return pageOf(answer)
      } catch (error) {
        if (++broken < this.#reading.config.brokenAttemptsMax) throw error
        this.#progress.event('error', 'page_unreadable', { bytes: answer.body.length })
        return brokenPage(answer)
      }
    }
  }

  /** What was not delivered before. */
  async #deliver({ records, at: arrival }: GraphPage, window: Window): Promise<void> {
    const { seen } = this.#progress
    const { dataset } = this.#stream
    const fresh: RawMessage[] = []
    for (const { value, bytes } of records) {
      const print = printOf(bytes)
      if (seen.has(print)) continue
      seen.add(print, this.#timeOf(value) ?? window.from)
      fresh.push({ bytes, at: placeOf(value, print), arrival, dataset })
    }
    if (fresh.length > 0) await this.#progress.deliver(fresh)
  }

  #timeOf(value: unknown): number | undefined {
    const written = isObject(value) ? value[this.#stream.time] : undefined
    const time = typeof written === 'string' ? Date.parse(written) : Number.NaN
    return Number.isNaN(time) ? undefined : time
  }
}

/** The provider's id, and which state of it. */
function placeOf(value: unknown, print: number): string {
  const id = isObject(value) ? value['id'] : undefined
  const state = print.toString(16)
  return typeof id === 'string' ? `${id}@${state}` : state
}
