import { createHash, randomUUID } from 'node:crypto'
import type { Clock } from '@weir/runtime'
import { Refused } from '../aws/stand-in.ts'

export interface QueueSettings {
  readonly name: string
  /** Where a receive names none. */
  readonly visibilitySeconds: number
  /** After so many receives a message goes to `deadLetters` in place of being given again. */
  readonly receivesMax?: number
  readonly deadLetters?: Queue
}

export interface QueuedMessage {
  readonly id: string
  readonly body: string
  readonly md5: string
  readonly sentAt: number
  receives: number
  receipt: string
  /** Hidden until then, epoch milliseconds. */
  visibleAt: number
}

/** More are refused. */
const MESSAGES_MAX = 120_000
const VISIBILITY_SECONDS_MAX = 43_200

/** A standard queue: a message that is received is hidden for a while, and comes again unless it is deleted. */
export class Queue {
  readonly settings: QueueSettings
  readonly #clock: Clock
  readonly #messages = new Map<string, QueuedMessage>()
  readonly #waiting = new Set<() => void>()

  constructor(settings: QueueSettings, clock: Clock) {
    this.settings = settings
    this.#clock = clock
  }

  get visible(): number {
    return this.#ready().length
  }

  get hidden(): number {
    return this.#messages.size - this.visible
  }

  /** Receives that wait for a message, also of one who is gone and has not been missed yet. */
  get receiving(): number {
    return this.#waiting.size
  }

  get bodies(): string[] {
    return [...this.#messages.values()].map(({ body }) => body)
  }

  send(body: string): QueuedMessage {
    if (this.#messages.size >= MESSAGES_MAX) throw new Refused(400, 'OverLimit', 'the queue is full')
    const now = this.#clock.now()
    const md5 = createHash('md5').update(body).digest('hex')
    const message = { id: randomUUID(), body, md5, sentAt: now, receives: 0, receipt: '', visibleAt: now }
    this.#messages.set(message.id, message)
    this.#wake()
    return message
  }

  /** Up to `max` messages; waits for the first one. */
  async receive(max: number, waitMs: number, seconds: number, signal: AbortSignal): Promise<QueuedMessage[]> {
    const until = this.#clock.now() + waitMs
    for (;;) {
      const now = this.#clock.now()
      const ready = this.#ready().slice(0, max)
      if (ready.length > 0 || now >= until || signal.aborted)
        return signal.aborted ? [] : ready.map((message) => this.#give(message, now + seconds * 1000))
      await this.#change(Math.min(until, this.#nextVisible()) - now, signal)
    }
  }

  /** An old receipt deletes too, as long as nobody has received the message since; false where there is none. */
  delete(receipt: string): boolean {
    const message = this.#byReceipt(receipt)
    return message !== undefined && this.#messages.delete(message.id)
  }

  /** Throws `Refused` for a message that is not in flight. */
  hide(receipt: string, seconds: number): void {
    if (seconds < 0 || seconds > VISIBILITY_SECONDS_MAX)
      throw new Refused(400, 'InvalidParameterValue', 'VisibilityTimeout must be between 0 and 43200')
    const message = this.#byReceipt(receipt)
    const now = this.#clock.now()
    if (message === undefined || message.visibleAt <= now)
      throw new Refused(400, 'MessageNotInflight', 'The message is not in flight')
    message.visibleAt = now + seconds * 1000
    this.#wake()
  }

  /** As if the time of every hidden message were over. */
  showAll(): void {
    for (const message of this.#messages.values()) message.visibleAt = this.#clock.now()
    this.#wake()
  }

  #ready(): QueuedMessage[] {
    const now = this.#clock.now()
    const { receivesMax = Number.POSITIVE_INFINITY, deadLetters } = this.settings
    const ready: QueuedMessage[] = []
    for (const message of this.#messages.values()) {
      if (message.visibleAt > now) continue
      if (message.receives < receivesMax || deadLetters === undefined) ready.push(message)
      else {
        this.#messages.delete(message.id)
        deadLetters.send(message.body)
      }
    }
    return ready
  }

  #give(message: QueuedMessage, visibleAt: number): QueuedMessage {
    message.receives++
    message.receipt = randomUUID()
    message.visibleAt = visibleAt
    return message
  }

  #byReceipt(receipt: string): QueuedMessage | undefined {
    for (const message of this.#messages.values()) if (message.receipt === receipt) return message
    return undefined
  }

  #nextVisible(): number {
    return Math.min(...[...this.#messages.values()].map(({ visibleAt }) => visibleAt))
  }

  /** Resolves when something has come or changed, or after so long. */
  async #change(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    const ended = new AbortController()
    const wake = (): void => ended.abort()
    this.#waiting.add(wake)
    signal.addEventListener('abort', wake, { once: true })
    await this.#clock.sleep(Math.max(1, ms), ended.signal)
    this.#waiting.delete(wake)
    signal.removeEventListener('abort', wake)
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake()
  }
}
