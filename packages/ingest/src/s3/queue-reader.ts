import type { Message } from '@aws-sdk/client-sqs'
import type { SourceContext } from '@weir/model'
import { type Backoff, backoffMs } from '@weir/runtime'
import { awsFailure } from '../aws/failure.ts'
import { Standing } from '../aws/standing.ts'
import type { SourceDeps } from '../deps.ts'
import { DAY_MS } from '../durations.ts'
import { allEnded } from '../slots.ts'
import type { QueueWay, S3Config } from './config.ts'
import { Hand, type SqsService } from './hand.ts'
import { wanted } from './keys.ts'
import { readNotice, type S3Object } from './notice.ts'
import type { ObjectReader } from './object-reader.ts'

const BACKOFF: Backoff = { firstMs: 1_000, maxMs: 60_000 }
/** The most that the service gives at once, and the longest that it waits for some. */
const RECEIVE_MAX = 10
const WAIT_SECONDS = 20
/** How long a message stays hidden whose object could not be read: longer from try to try. */
const RETRY: Backoff = { firstMs: 30_000, maxMs: 900_000 }
const NEEDS = 'sqs:ReceiveMessage or s3:GetObject'

/** Reads the objects that the messages of a queue tell of, until the signal aborts. */
export class QueueReader {
  readonly #config: S3Config
  readonly #way: QueueWay
  readonly #deps: SourceDeps
  readonly #context: SourceContext
  readonly #service: SqsService
  readonly #objects: ObjectReader
  readonly #hand: Hand
  readonly #standing: Standing
  /** Messages that are to come again, and until when they are hidden. */
  readonly #back = new Map<string, number>()
  #forgetAt = 0

  constructor(
    config: S3Config,
    way: QueueWay,
    deps: SourceDeps,
    context: SourceContext,
    service: SqsService,
    objects: ObjectReader,
  ) {
    this.#config = config
    this.#way = way
    this.#deps = deps
    this.#context = context
    this.#service = service
    this.#objects = objects
    const { name: source, visibilityMs } = config
    const where = { source, partition: queueName(way.url) }
    this.#standing = new Standing(where, BACKOFF, deps, context)
    this.#hand = new Hand(
      { source, url: way.url, visibilityMs },
      service,
      deps.clock,
      deps.report,
      context.signal,
    )
  }

  async run(): Promise<void> {
    await Promise.all([this.#read(), this.#hand.keepHidden()])
    await this.#hand.settled()
  }

  async #read(): Promise<void> {
    const { signal } = this.#context
    for (let failures = 0; !signal.aborted; ) {
      try {
        await this.#round()
        failures = 0
      } catch (error) {
        if (signal.aborted) return
        await this.#standing.cutOff(awsFailure(error, NEEDS), ++failures)
      }
    }
  }

  /** Some messages, and everything that they tell of delivered. */
  async #round(): Promise<void> {
    await this.#forget()
    await this.#hand.room(this.#config.messagesInHandMax)
    const { signal } = this.#context
    if (signal.aborted) return
    const now = this.#deps.clock.now()
    const messages = await this.#receive(signal)
    const taken = await Promise.allSettled(messages.map((message) => this.#take(message)))
    if (signal.aborted) return
    const failed = taken.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []))
    // Where some were read, a refusal is one object's own, and its message comes again by itself.
    const grave =
      failed.length === messages.length ? failed : failed.filter((each) => !awsFailure(each).hopeless)
    if (grave.length > 0) throw grave[0]
    // A receive that is not full has asked every part of the queue and found no more.
    if (messages.length === RECEIVE_MAX) await this.#standing.tell('lagging', now)
    else await this.#upToDate(now)
  }

  async #receive(abortSignal: AbortSignal): Promise<readonly Message[]> {
    const { sdk, client } = this.#service
    const command = new sdk.ReceiveMessageCommand({
      QueueUrl: this.#way.url,
      MaxNumberOfMessages: RECEIVE_MAX,
      WaitTimeSeconds: WAIT_SECONDS,
      VisibilityTimeout: Math.ceil(this.#config.visibilityMs / 1000),
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
    })
    return (await client.send(command, { abortSignal })).Messages ?? []
  }

  async #take(message: Message): Promise<void> {
    const id = message.MessageId ?? ''
    this.#hand.take(message)
    this.#back.delete(id)
    const notice = readNotice(message.Body ?? '')
    switch (notice.kind) {
      case 'nothing':
        return this.#hand.finish(id)
      case 'unknown':
        return this.#leave(message, 'message_unknown', notice.reason)
      case 'objects':
        return this.#readAll(message, notice.objects)
      default:
        notice satisfies never
    }
  }

  /** The message is deleted once all that it told of is on disk; where something cannot be read it comes again. */
  async #readAll(message: Message, objects: readonly S3Object[]): Promise<void> {
    const id = message.MessageId ?? ''
    const mine = objects.filter((object) => wanted(object, this.#config.keys))
    const reading = mine.map((object) => this.#objects.read(object))
    try {
      await allEnded(reading)
    } catch (error) {
      if (!this.#context.signal.aborted) await this.#comeAgain(message, awsFailure(error, NEEDS).reason)
      throw error
    }
    const outcomes = await Promise.all(reading)
    for (const [n, outcome] of outcomes.entries()) {
      if (outcome.kind === 'read') continue
      const reason = outcome.kind === 'missing' ? 'is not there' : outcome.reason
      return this.#leave(message, 'object_unreadable', `${mine[n]!.bucket}/${mine[n]!.key} ${reason}`)
    }
    const committed = outcomes.map((outcome) => (outcome.kind === 'read' ? outcome.committed : undefined))
    Promise.all(committed).then(
      () => this.#hand.finish(id),
      () => undefined,
    )
  }

  /** Not deleted: the queue itself moves it to its dead letters when it has come often enough. */
  async #leave(message: Message, happening: string, reason: string): Promise<void> {
    const id = message.MessageId ?? ''
    const tries = triesOf(message)
    const last = tries >= this.#config.receivesMax
    const details = { source: this.#config.name, message: id, reason, tries }
    this.#deps.report.event('warn', happening, details, ['source'])
    if (last) this.#deps.report.event('error', 'message_left', details, ['source'])
    // Told once, at the try that makes it so.
    if (tries === this.#config.receivesMax) await this.#objects.tellUnread(`message ${id}: ${reason}`)
    const afterMs = backoffMs(RETRY, tries, 0)
    if (last) await this.#hand.giveBack(id, afterMs)
    else await this.#giveBack(id, afterMs)
  }

  /** The service failed, or refused an object: it comes again when its time is over, or is among the dead letters. */
  async #comeAgain(message: Message, reason: string): Promise<void> {
    const id = message.MessageId ?? ''
    const tries = triesOf(message)
    const details = { source: this.#config.name, message: id, reason, tries }
    this.#deps.report.event('warn', 'message_given_back', details, ['source'])
    if (tries === this.#config.receivesMax) await this.#objects.tellUnread(`message ${id}: ${reason}`)
    await this.#giveBack(id, this.#config.visibilityMs)
  }

  async #giveBack(id: string, afterMs: number): Promise<void> {
    this.#back.set(id, this.#deps.clock.now() + afterMs)
    await this.#hand.giveBack(id, afterMs)
  }

  /** What is to come again is not delivered yet, for as long as it may take to come. */
  async #upToDate(now: number): Promise<void> {
    for (const [id, until] of this.#back) if (now > until + this.#config.visibilityMs) this.#back.delete(id)
    if (this.#back.size === 0) return this.#standing.tell('caught-up', now)
    await this.#standing.tell('lagging', now, {
      behind: this.#back.size,
      reason: 'messages are to be tried again',
    })
  }

  async #forget(): Promise<void> {
    const now = this.#deps.clock.now()
    if (now < this.#forgetAt) return
    await this.#objects.forget(now - this.#config.rememberDays * DAY_MS)
    this.#forgetAt = now + DAY_MS / 24
  }
}

/** How often it has been received, this time included. */
function triesOf({ Attributes }: Message): number {
  return Number(Attributes?.ApproximateReceiveCount ?? 1)
}

/** The last part of a queue's address. */
export function queueName(url: string): string {
  return new URL(url).pathname.split('/').at(-1) ?? url
}
