import type { Cursor, PartitionState, RawBatch, SourceContext } from '@weir/model'
import { backoffMs } from '@weir/runtime'
import { allEnded, Slots } from '../blobs/slots.ts'
import type { RestAnswer } from '../rest/client.ts'
import { RestFailure } from '../rest/failure.ts'
import { Patience } from '../rest/patience.ts'
import { type Window, windowsOf } from '../rest/windows.ts'
import { printOf, Seen } from '../seen.ts'
import type { O365ContentType } from './config.ts'
import { isContentGone, isPageGone, isSubscribed, isUnsubscribed, o365Meaning } from './failure.ts'
import { type Content, contentPage, recordsOf } from './feed.ts'
import type { O365Reading } from './reading.ts'

const SECOND_MS = 1_000
const DATASET = 'o365.audit'

/** Reads one content type: lists what was created, fetches what was not delivered before, until the signal aborts. */
export class ContentReader {
  readonly #reading: O365Reading
  readonly #type: O365ContentType
  readonly #context: SourceContext
  readonly #patience: Patience
  readonly #seen: Seen
  readonly #fetching: Slots
  /** A content's cursor also names those before it, so none may overtake another on its way. */
  readonly #delivering = new Slots(1)
  /** Nothing created before it is ever read: the time of the very first run less `firstMs`. */
  #since: number | undefined
  /** Up to here all that was created was listed and delivered. */
  #read: number | undefined

  constructor(reading: O365Reading, type: O365ContentType, context: SourceContext) {
    const { config, client, deps, pace } = reading
    this.#reading = reading
    this.#type = type
    this.#context = context
    const said = (state: PartitionState['state'], reason?: string) => this.#state(state, reason)
    const parts = {
      source: config.name,
      partition: type,
      client,
      pace,
      bounds: config,
      meaning: o365Meaning,
      said,
    }
    this.#patience = new Patience(parts, deps)
    this.#seen = new Seen(config.name, `${type}/seen/`, config.seenContentsMax, context.cursors)
    this.#fetching = new Slots(config.parallelMax)
    this.#since = this.#stored('since')
    this.#read = this.#stored('read')
  }

  async run(): Promise<void> {
    const { signal } = this.#context
    try {
      await this.#subscribe()
      for (let again = 0; !signal.aborted; ) {
        again = (await this.#poll()) ? 0 : again + 1
        await this.#pause(again)
      }
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  /** That it is there already is fine; a stop would throw away what waits, so none is ever asked for. */
  async #subscribe(): Promise<void> {
    const url = this.#reading.feed.start(this.#type)
    const question = { url, method: 'POST', read: () => undefined, final: isSubscribed } as const
    try {
      await this.#patience.ask(question, this.#context.signal)
      this.#event('info', 'content_subscribed')
    } catch (error) {
      if (!(error instanceof RestFailure && isSubscribed(error))) throw error
    }
  }

  /** After a listing that could not be followed the next one waits longer and longer. */
  async #pause(again: number): Promise<void> {
    const { config, deps } = this.#reading
    const backoff = { firstMs: config.retryMsFirst, maxMs: config.retryMsMax }
    const pause = again === 0 ? config.pollMs : backoffMs(backoff, again, deps.random())
    await deps.clock.sleep(pause, this.#context.signal)
    this.#context.signal.throwIfAborted()
  }

  /** False where a listing could not be followed to its end. */
  async #poll(): Promise<boolean> {
    const { client, config } = this.#reading
    // Listings end before the second asked for, so the second that is not over is left for the next one.
    const now = Math.floor(client.now() / SECOND_MS) * SECOND_MS
    const { since, read } = await this.#start(now)
    // Read ahead of now, by a clock that was wrong then, is read up to now.
    const again = Math.min(read, now) - config.overlapMs
    const from = Math.max(since, again, now - config.retentionMs)
    for (const window of windowsOf(from, now, config.windowMs)) {
      if (window.to < now - config.windowMs) await this.#state('lagging')
      if (!(await this.#window(window))) return false
    }
    await this.#forget(again)
    await this.#state('caught-up', undefined, now)
    return true
  }

  /** Where this look begins; what can no longer be listed is jumped over, and said. */
  async #start(now: number): Promise<{ since: number; read: number }> {
    const { firstMs, retentionMs } = this.#reading.config
    const kept = now - retentionMs
    this.#since ??= Math.max(now - firstMs, kept)
    if (this.#read === undefined)
      await this.#moveTo(this.#since, [this.#cursor('since', String(this.#since))])
    if (this.#read! < kept)
      await this.#lost({ from: this.#read!, to: kept }, 'not listed in the days it is kept')
    return { since: this.#since, read: this.#read! }
  }

  async #lost(window: Window, reason: string): Promise<void> {
    const gap = { after: iso(window.from), next: iso(window.to) }
    this.#event('error', 'content_lost', { ...gap, reason })
    await this.#moveTo(Math.max(this.#read ?? 0, window.to), [], gap)
  }

  async #window(window: Window): Promise<boolean> {
    const contents = await this.#list(window)
    if (contents === undefined) return false
    const fresh = contents.filter(({ id }) => !this.#seen.has(printOf(id)))
    await allEnded(fresh.map((content) => this.#fetching.run(() => this.#fetch(content))))
    if (window.to > this.#read!) await this.#moveTo(window.to)
    return true
  }

  /** Every content once, oldest first; `undefined` where the listing has to begin anew. */
  async #list(window: Window): Promise<readonly Content[] | undefined> {
    const { config, feed } = this.#reading
    const found = new Map<string, Content>()
    let url: string | undefined = feed.listing(this.#type, window)
    for (let pages = 0; url !== undefined; pages++) {
      if (pages === config.pagesMax) {
        await this.#lost(window, `its listing has more than ${config.pagesMax} pages`)
        break
      }
      const page = await this.#page(url)
      if (page === undefined) return undefined
      for (const content of page.contents) found.set(content.id, content)
      url = page.next === undefined ? undefined : feed.ours(page.next)
    }
    return [...found.values()].sort((a, b) => a.created - b.created)
  }

  async #page(url: string): Promise<ReturnType<typeof contentPage> | undefined> {
    const final = (failure: RestFailure): boolean => isPageGone(failure) || isUnsubscribed(failure)
    try {
      return await this.#patience.ask({ url, read: contentPage, final }, this.#context.signal)
    } catch (error) {
      if (!(error instanceof RestFailure && final(error))) throw error
      this.#event('warn', 'listing_begun_anew', { reason: o365Meaning(error).reason })
      if (isUnsubscribed(error)) await this.#subscribe()
      return undefined
    }
  }

  async #fetch(content: Content): Promise<void> {
    this.#context.signal.throwIfAborted()
    const url = this.#reading.feed.ours(content.url)
    const read = this.#patientReader(content)
    try {
      const records = await this.#patience.ask({ url, read, final: isContentGone }, this.#context.signal)
      await this.#delivering.run(() => this.#deliver(content, records))
    } catch (error) {
      if (!(error instanceof RestFailure && isContentGone(error))) throw error
      await this.#delivering.run(() => this.#gone(content, error))
    }
  }

  /** Content that stays unreadable becomes one record, whole. */
  #patientReader({ id }: Content): (answer: RestAnswer) => readonly Buffer[] {
    let broken = 0
    return (answer) => {
      try {
        return recordsOf(answer).map(({ bytes }) => bytes)
      } catch (error) {
        if (++broken < this.#reading.config.brokenAttemptsMax) throw error
        this.#event('error', 'content_unreadable', { content: id, bytes: answer.body.length })
        return [answer.body]
      }
    }
  }

  /** All records of a content and the cursor that remembers it are one commit. */
  async #deliver({ id, created }: Content, records: readonly Buffer[]): Promise<void> {
    const { budget } = this.#reading
    let held = records.reduce((sum, bytes) => sum + bytes.length, 0)
    await budget.take(held, this.#context.signal)
    this.#seen.add(printOf(id), created)
    const messages = records.map((bytes, index) => {
      return { bytes, at: `${id}#${index}`, arrival: created, dataset: DATASET }
    })
    await this.#context.deliver({
      ...this.#batch(this.#seen.takeCursors()),
      messages,
      committed: () => {
        budget.give(held)
        held = 0
      },
    })
  }

  async #gone({ id, created }: Content, failure: RestFailure): Promise<void> {
    this.#event('error', 'content_gone', {
      content: id,
      created: iso(created),
      reason: o365Meaning(failure).reason,
    })
    this.#seen.add(printOf(id), created)
    const gap = { after: iso(created), next: 'content that is gone' }
    await this.#context.deliver({ ...this.#batch(this.#seen.takeCursors()), gap })
  }

  async #moveTo(read: number, more: readonly Cursor[] = [], gap?: RawBatch['gap']): Promise<void> {
    this.#read = read
    const batch = this.#batch([this.#cursor('read', String(read)), ...more])
    await this.#context.deliver(gap === undefined ? batch : { ...batch, gap })
  }

  async #forget(before: number): Promise<void> {
    const { seenContentsMax } = this.#reading.config
    if (this.#seen.size > seenContentsMax) this.#event('warn', 'seen_bound', { seenContentsMax })
    const cursors = this.#seen.forget(before)
    if (cursors.length > 0) await this.#context.deliver(this.#batch(cursors))
  }

  #batch(cursors: readonly Cursor[]): RawBatch {
    const { name: source } = this.#reading.config
    return { kind: 'batch', source, partition: this.#type, messages: [], cursors, unordered: true }
  }

  async #state(
    state: PartitionState['state'],
    reason?: string,
    now = this.#reading.client.now(),
  ): Promise<void> {
    const { name: source } = this.#reading.config
    const signal = { kind: 'state', source, partition: this.#type, state, now } as const
    await this.#context.deliver(reason === undefined ? signal : { ...signal, reason })
  }

  #event(
    level: 'info' | 'warn' | 'error',
    name: string,
    details: Readonly<Record<string, unknown>> = {},
  ): void {
    const where = { source: this.#reading.config.name, contentType: this.#type }
    this.#reading.deps.report.event(level, name, { ...where, ...details }, ['source'])
  }

  #cursor(name: string, value: string): Cursor {
    return { source: this.#reading.config.name, key: `${this.#type}/${name}`, value }
  }

  #stored(name: string): number | undefined {
    const stored = Number(this.#context.cursors.get(`${this.#type}/${name}`) || Number.NaN)
    return Number.isFinite(stored) ? stored : undefined
  }
}

function iso(time: number): string {
  return new Date(time).toISOString()
}
