import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue'
import { type Backoff, backoffMs, messageOf } from '@weir/runtime'
import type { SourceDeps } from '../deps.ts'
import type { BlobConfig } from './config.ts'
import { blobFailure } from './failure.ts'
import { type Notice, noticeOf } from './notice.ts'

/** Somebody who reads the blobs of one container: `ContainerReader`. */
export interface NoticeReader {
  readonly name: string
  readNow(blob: string, committed: () => void): Promise<boolean>
}

const BACKOFF: Backoff = { firstMs: 1_000, maxMs: 60_000 }
/** As many as one request gives. */
const MESSAGES = 32
const CREATED = /^Microsoft\.Storage\.(?:BlobCreated|BlobRenamed)$/
/** Messages left in the queue that are remembered as said; beyond it one may be said again. */
const SAID_MAX = 10_000

/**
 * Takes messages of Event Grid from a queue and has their blobs read at once. A message is deleted once the commit
 * that covers its blob is on disk, or when it asks for nothing; one that is not for this source, or was received too
 * often in vain, is left to expire, and said. What goes wrong here delays blobs until the next poll and no longer.
 */
export class Notices {
  readonly #config: BlobConfig
  readonly #deps: SourceDeps
  readonly #queue: QueueClient
  readonly #account: string
  readonly #readers: ReadonlyMap<string, NoticeReader>
  readonly #signal: AbortSignal
  readonly #deleting = new Set<Promise<void>>()
  readonly #said = new Set<string>()

  constructor(
    config: BlobConfig,
    deps: SourceDeps,
    queue: QueueClient,
    account: string,
    readers: readonly NoticeReader[],
    signal: AbortSignal,
  ) {
    this.#config = config
    this.#deps = deps
    this.#queue = queue
    this.#account = account
    this.#readers = new Map(readers.map((reader) => [reader.name, reader]))
    this.#signal = signal
  }

  async run(): Promise<void> {
    for (let failures = 0; !this.#signal.aborted; ) {
      try {
        const taken = await this.#round()
        failures = 0
        if (taken < MESSAGES) await this.#pause(this.#config.noticeMs)
      } catch (error) {
        if (this.#signal.aborted) break
        const { reason, retryAfterMs } = blobFailure(error)
        this.#event('warn', 'queue_cut_off', { reason, attempt: ++failures })
        await this.#pause(Math.max(backoffMs(BACKOFF, failures, this.#deps.random()), retryAfterMs))
      }
    }
    await Promise.all(this.#deleting)
  }

  /** How many messages came. */
  async #round(): Promise<number> {
    const { receivedMessageItems } = await this.#queue.receiveMessages({
      numberOfMessages: MESSAGES,
      visibilityTimeout: Math.ceil(this.#config.noticeHiddenMs / 1000),
      abortSignal: this.#signal,
    })
    await Promise.all(receivedMessageItems.map((message) => this.#take(message)))
    return receivedMessageItems.length
  }

  async #take(message: DequeuedMessageItem): Promise<void> {
    if (message.dequeueCount > this.#config.noticeTriesMax)
      return this.#leave(message, 'notice_given_up', { reason: `received ${message.dequeueCount} times` })
    const notice = noticeOf(message.messageText)
    if (notice === undefined) return this.#leave(message, 'notice_unreadable', {})
    const reader = this.#readerOf(notice)
    if (reader === undefined) return this.#leave(message, 'notice_of_another', { ...notice })
    if (!CREATED.test(notice.type)) return this.#notWanted(message, notice)
    try {
      const wanted = await reader.readNow(notice.blob, () => this.#delete(message))
      if (!wanted) this.#notWanted(message, notice)
    } catch (error) {
      if (this.#signal.aborted) return
      this.#event('warn', 'notice_failed', { ...notice, reason: blobFailure(error).reason })
    }
  }

  #readerOf({ account, container }: Notice): NoticeReader | undefined {
    const other = account !== undefined && account.toLowerCase() !== this.#account.toLowerCase()
    return other ? undefined : this.#readers.get(container)
  }

  /** Of a container that is read, but of a deletion or none of its blobs that are: nobody else will want it. */
  #notWanted(message: DequeuedMessageItem, notice: Notice): void {
    this.#event('info', 'notice_not_wanted', { ...notice })
    this.#delete(message)
  }

  /** Said once for a message, though it comes again and again; counted each time. */
  #leave(message: DequeuedMessageItem, happening: string, details: object): void {
    const key = `${happening} ${message.messageId}`
    const level = this.#said.has(key) ? 'debug' : 'warn'
    if (this.#said.size >= SAID_MAX) this.#said.clear()
    this.#said.add(key)
    this.#event(level, happening, { message: message.messageId, ...details })
  }

  #delete({ messageId, popReceipt }: DequeuedMessageItem): void {
    const done = this.#queue.deleteMessage(messageId, popReceipt).then(
      () => undefined,
      // It comes again, its blob has nothing new, and it is deleted then.
      (error) => this.#event('warn', 'notice_not_deleted', { message: messageId, reason: messageOf(error) }),
    )
    this.#deleting.add(done)
    void done.finally(() => this.#deleting.delete(done))
  }

  #pause(ms: number): Promise<void> {
    return this.#deps.clock.sleep(ms, this.#signal)
  }

  #event(level: 'debug' | 'info' | 'warn', name: string, details: object): void {
    this.#deps.report.event(level, name, { source: this.#config.name, ...details }, ['source'])
  }
}
