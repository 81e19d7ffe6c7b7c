import type { PartitionState, SourceContext } from '@weir/model'
import { backoffMs } from '@weir/runtime'
import type { RestAnswer } from '../rest/client.ts'
import { RestFailure } from '../rest/failure.ts'
import { Patience } from '../rest/patience.ts'
import { Progress } from '../rest/progress.ts'
import { type Window, windowsOf } from '../rest/windows.ts'
import { printOf } from '../seen.ts'
import { allEnded, Slots } from '../slots.ts'
import type { O365ContentType } from './config.ts'
import { isContentGone, isPageGone, isSubscribed, isUnsubscribed, o365Meaning } from './failure.ts'
import { type Content, type ContentPage, contentPage, recordsOf } from './feed.ts'
import type { O365Reading } from './reading.ts'

const SECOND_MS = 1_000
const DATASET = 'o365.audit'

/** Reads one content type: lists what was created, fetches what was not delivered before, until the signal aborts. */
export class ContentReader {
  readonly #reading: O365Reading
  readonly #type: O365ContentType
  readonly #signal: AbortSignal
  readonly #progress: Progress
  readonly #patience: Patience
  readonly #fetching: Slots
  /** A content's cursor also names those before it, so none may overtake another on its way. */
  readonly #delivering = new Slots(1)
  /** Why the first content was left that this look could not fetch: the next look begins before it. */
  #left: string | undefined

  constructor(reading: O365Reading, type: O365ContentType, context: SourceContext) {
    const { config, client, deps, pace, budget } = reading
    this.#reading = reading
    this.#type = type
    this.#signal = context.signal
    const partition = { source: config.name, partition: type }
    const { firstMs, retentionMs, seenContentsMax: seenMax } = config
    const bounds = { firstMs, retentionMs, seenMax }
    const now = () => client.now()
    this.#progress = new Progress({ ...partition, ...bounds, context, report: deps.report, budget, now })
    const said = (state: PartitionState['state'], reason?: string) => this.#progress.state(state, reason)
    const asking = { client, pace, bounds: config, meaning: o365Meaning, said }
    this.#patience = new Patience({ ...partition, ...asking }, deps)
    this.#fetching = new Slots(config.parallelMax)
  }

  async run(): Promise<void> {
    try {
      await this.#subscribe()
      for (let again = 0; !this.#signal.aborted; ) {
        again = (await this.#poll()) ? 0 : again + 1
        await this.#pause(again)
      }
    } catch (error) {
      if (!this.#signal.aborted) throw error
    }
  }

  /** That it is there already is fine; a stop would throw away what waits, so none is ever asked for. */
  async #subscribe(): Promise<void> {
    const url = this.#reading.feed.start(this.#type)
    const question = { url, method: 'POST', read: () => undefined, final: isSubscribed } as const
    try {
      await this.#patience.ask(question, this.#signal)
      this.#progress.event('info', 'content_subscribed')
    } catch (error) {
      if (!(error instanceof RestFailure && isSubscribed(error))) throw error
    }
  }

  /** After a listing that could not be followed the next one waits longer and longer. */
  async #pause(again: number): Promise<void> {
    const { config, deps } = this.#reading
    const backoff = { firstMs: config.retryMsFirst, maxMs: config.retryMsMax }
    const pause = again === 0 ? config.pollMs : backoffMs(backoff, again, deps.random())
    await deps.clock.sleep(pause, this.#signal)
    this.#signal.throwIfAborted()
  }

  /** False where a listing could not be followed to its end, or content could not be fetched. */
  async #poll(): Promise<boolean> {
    const { client, config } = this.#reading
    // Listings end before the second asked for, so the second that is not over is left for the next one.
    const now = Math.floor(client.now() / SECOND_MS) * SECOND_MS
    const from = await this.#progress.begin(now, config.overlapMs)
    this.#left = undefined
    for (const window of windowsOf(from, now, config.windowMs)) {
      if (window.to < now - config.windowMs) await this.#progress.state('lagging')
      if (!(await this.#window(window))) return false
      await this.#progress.forget(this.#left === undefined ? window.to - config.overlapMs : from)
    }
    if (this.#left !== undefined) {
      await this.#progress.state('lagging', `content is to be tried again: ${this.#left}`)
      return false
    }
    await this.#progress.state('caught-up', undefined, now)
    return true
  }

  async #window(window: Window): Promise<boolean> {
    const contents = await this.#list(window)
    if (contents === undefined) return false
    const fresh = contents.filter(({ id }) => !this.#progress.seen.has(printOf(id)))
    await allEnded(fresh.map((content) => this.#fetching.run(() => this.#fetch(content))))
    if (this.#left === undefined) await this.#progress.reached(window)
    return true
  }

  /** Every content once, oldest first; `undefined` where the listing has to begin anew. */
  async #list(window: Window): Promise<readonly Content[] | undefined> {
    const { config, feed } = this.#reading
    const found = new Map<string, Content>()
    let url: string | undefined = feed.listing(this.#type, window)
    for (let pages = 0; url !== undefined; pages++) {
      if (pages === config.pagesMax) {
        await this.#progress.lost(window, `its listing has more than ${config.pagesMax} pages`)
        break
      }
      const page = await this.#page(url)
      if (page === undefined) return undefined
      for (const content of page.contents) found.set(content.id, content)
      url = page.next === undefined ? undefined : feed.ours(page.next)
    }
    return [...found.values()].sort((a, b) => a.created - b.created)
  }

  async #page(url: string): Promise<ContentPage | undefined> {
    const final = (failure: RestFailure): boolean => isPageGone(failure) || isUnsubscribed(failure)
    try {
      return await this.#patience.ask({ url, read: contentPage, final }, this.#signal)
    } catch (error) {
      if (!(error instanceof RestFailure && final(error))) throw error
      const { reason } = o365Meaning(error)
      this.#progress.event('warn', 'listing_begun_anew', { reason })
      await this.#progress.state('lagging', reason)
      if (isUnsubscribed(error)) await this.#subscribe()
      return undefined
    }
  }

  async #fetch(content: Content): Promise<void> {
    this.#signal.throwIfAborted()
    const url = this.#reading.feed.ours(content.url)
    // One more than a body that is broken is given, so that such a one ends in quarantine.
    const attemptsMax = this.#reading.config.brokenAttemptsMax + 1
    const question = { url, read: this.#patientReader(content), final: isContentGone, attemptsMax }
    try {
      const records = await this.#patience.ask(question, this.#signal)
      await this.#delivering.run(() => this.#deliver(content, records))
    } catch (error) {
      this.#signal.throwIfAborted()
      if (error instanceof RestFailure && isContentGone(error))
        return this.#delivering.run(() => this.#gone(content, error))
      this.#leave(content, error)
    }
  }

  /** The service fails to give it: it holds up no other, and is asked for again by the next look. */
  #leave({ id }: Content, error: unknown): void {
    const { reason } = o365Meaning(error)
    this.#progress.event('warn', 'content_left', { content: id, reason })
    this.#left ??= reason
  }

  /** Content that stays unreadable becomes one record, whole. */
  #patientReader({ id }: Content): (answer: RestAnswer) => readonly Buffer[] {
    let broken = 0
    return (answer) => {
      try {
        return recordsOf(answer).map(({ bytes }) => bytes)
      } catch (error) {
        if (++broken < this.#reading.config.brokenAttemptsMax) throw error
        this.#progress.event('error', 'content_unreadable', { content: id, bytes: answer.body.length })
        return [answer.body]
      }
    }
  }

  /** All records of a content and the cursor that remembers it are one commit. */
  async #deliver({ id, created: arrival }: Content, records: readonly Buffer[]): Promise<void> {
    this.#progress.seen.add(printOf(id), arrival)
    await this.#progress.deliver(
      records.map((bytes, index) => ({ bytes, at: `${id}#${index}`, arrival, dataset: DATASET })),
    )
  }

  async #gone({ id, created }: Content, failure: RestFailure): Promise<void> {
    const after = new Date(created).toISOString()
    const { reason } = o365Meaning(failure)
    this.#progress.event('error', 'content_gone', { content: id, created: after, reason })
    this.#progress.seen.add(printOf(id), created)
    await this.#progress.deliver([], { after, next: 'content that is gone' })
  }
}
