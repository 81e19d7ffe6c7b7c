import type { Message, SQSClient } from '@aws-sdk/client-sqs'
import { type Clock, messageOf, type Report } from '@weir/runtime'
import type { loadAws } from '../aws/load.ts'
import { within } from '../within.ts'

/** A client and its commands. */
export interface SqsService {
  readonly client: SQSClient
  readonly sdk: Awaited<ReturnType<typeof loadAws<'@aws-sdk/client-sqs'>>>
}

/** Entries that the service takes in one request. */
const BATCH_MAX = 10
/** So long a stop waits for messages to be deleted. */
const SETTLE_MS_MAX = 5_000
/** The service takes no longer time to hide a message. */
const HIDE_SECONDS_MAX = 43_200

export interface HandConfig {
  readonly source: string
  readonly url: string
  readonly visibilityMs: number
}

interface Held {
  readonly id: string
  readonly receipt: string
}

/** The messages that were received and are neither deleted nor given back: hidden from others while they are here. */
export class Hand {
  readonly #config: HandConfig
  readonly #service: SqsService
  readonly #clock: Clock
  readonly #report: Report
  readonly #signal: AbortSignal
  readonly #held = new Map<string, Held>()
  readonly #done: Held[] = []
  readonly #waiting: (() => void)[] = []
  #deleting: Promise<void> | undefined

  constructor(config: HandConfig, service: SqsService, clock: Clock, report: Report, signal: AbortSignal) {
    this.#config = config
    this.#service = service
    this.#clock = clock
    this.#report = report
    this.#signal = signal
    signal.addEventListener('abort', () => this.#wakeAll(), { once: true })
  }

  take({ MessageId: id = '', ReceiptHandle: receipt = '' }: Message): void {
    this.#held.set(id, { id, receipt })
  }

  /** Resolves once fewer than so many are held, or the signal aborts. */
  async room(messagesMax: number): Promise<void> {
    while (this.#held.size >= messagesMax && !this.#signal.aborted) {
      await new Promise<void>((wake) => this.#waiting.push(wake))
    }
  }

  /** Everything that it told of is on disk, or there was nothing to read: it is deleted soon, with others. */
  finish(id: string): void {
    const held = this.#held.get(id)
    if (held === undefined) return
    this.#done.push(held)
    this.#deleting ??= this.#delete()
  }

  /** Lets a message go unread; it comes again when the time is over. */
  async giveBack(id: string, afterMs: number): Promise<void> {
    const held = this.#held.get(id)
    if (held === undefined) return
    this.#drop(id)
    await this.#hide([held], Math.min(HIDE_SECONDS_MAX, Math.ceil(afterMs / 1000)))
  }

  /** Hides everything that is held anew, again and again, until the signal aborts. */
  async keepHidden(): Promise<void> {
    const seconds = Math.ceil(this.#config.visibilityMs / 1000)
    while (!this.#signal.aborted) {
      await this.#clock.sleep(this.#config.visibilityMs / 3, this.#signal)
      if (this.#signal.aborted) return
      const all = [...this.#held.values()]
      for (let at = 0; at < all.length; at += BATCH_MAX)
        await this.#hide(all.slice(at, at + BATCH_MAX), seconds)
    }
  }

  /** Resolves when what was finished is deleted, as far as that succeeds soon: the rest comes again, and is known. */
  async settled(): Promise<void> {
    const deleting = this.#deleting ?? Promise.resolve()
    await within(this.#clock, SETTLE_MS_MAX, 'deleting messages', deleting).catch(() => undefined)
  }

  async #delete(): Promise<void> {
    // Those that are finished at the same moment go in one request.
    await Promise.resolve()
    const { sdk, client } = this.#service
    while (this.#done.length > 0) {
      const some = this.#done.splice(0, BATCH_MAX)
      const Entries = some.map(({ receipt }, n) => ({ Id: String(n), ReceiptHandle: receipt }))
      const command = new sdk.DeleteMessageBatchCommand({ QueueUrl: this.#config.url, Entries })
      // One that is not deleted comes again, and is known then by its objects.
      await this.#tried('message_not_deleted', async () => (await client.send(command)).Failed)
      for (const { id } of some) this.#drop(id)
    }
    // At once: what is finished from now on would wait for the next one otherwise.
    this.#deleting = undefined
  }

  async #hide(some: readonly Held[], seconds: number): Promise<void> {
    const { sdk, client } = this.#service
    const Entries = some.map(({ receipt }, n) => ({
      Id: String(n),
      ReceiptHandle: receipt,
      VisibilityTimeout: seconds,
    }))
    const command = new sdk.ChangeMessageVisibilityBatchCommand({ QueueUrl: this.#config.url, Entries })
    const abortSignal = this.#signal
    await this.#tried('message_not_hidden', async () => (await client.send(command, { abortSignal })).Failed)
  }

  async #tried(
    happening: string,
    send: () => Promise<readonly { readonly Code?: string | undefined }[] | undefined>,
  ): Promise<void> {
    try {
      const [failed] = (await send()) ?? []
      if (failed !== undefined) this.#say(happening, failed.Code ?? 'refused')
    } catch (error) {
      if (!this.#signal.aborted) this.#say(happening, messageOf(error))
    }
  }

  #say(happening: string, reason: string): void {
    this.#report.event('warn', happening, { source: this.#config.source, reason }, ['source'])
  }

  #drop(id: string): void {
    this.#held.delete(id)
    this.#wakeAll()
  }

  #wakeAll(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }
}
