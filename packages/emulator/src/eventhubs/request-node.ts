import type { EventContext, Message, Sender } from 'rhea'
import type { FaultPoint, Faults, Place } from './faults.ts'
import type { Refusal } from './refusal.ts'
import { strike } from './strike.ts'

/** The answer to a request: an HTTP-like status, and a body where there is something to tell. */
export interface Answer {
  readonly status: number
  readonly description: string
  readonly condition?: string
  readonly body?: unknown
}

/** Statuses that clients expect with a condition; any other condition is 500. */
const STATUS: Readonly<Record<string, number>> = {
  'amqp:unauthorized-access': 401,
  'amqp:not-found': 404,
  'amqp:not-implemented': 501,
  'com.microsoft:argument-error': 400,
  'com.microsoft:argument-out-of-range': 400,
  'com.microsoft:timeout': 408,
  'com.microsoft:server-busy': 503,
}

export function refused(condition: string, description: string): Answer {
  return { status: STATUS[condition] ?? 500, condition, description }
}

/**
 * A node of one connection that answers requests (`$cbs`, `$management`) on the link named by their reply-
 * to.
 */
export class RequestNode {
  readonly #point: FaultPoint
  readonly #faults: Faults
  readonly #answer: (request: Message) => Answer
  readonly #drop: () => void
  readonly #replies = new Map<string, Sender>()

  constructor(point: FaultPoint, faults: Faults, answer: (request: Message) => Answer, drop: () => void) {
    this.#point = point
    this.#faults = faults
    this.#answer = answer
    this.#drop = drop
  }

  /**
   * A link on which answers go out. Some clients name it by its target's address, some by the link's own
   * name.
   */
  addReplies(link: Sender): void {
    const names = [link.name, link.target?.address ?? link.name]
    for (const name of names) this.#replies.set(name, link)
    link.on('sender_close', () => {
      for (const name of names) this.#replies.delete(name)
    })
  }

  /** A request arrived: settles it and answers, unless a fault says otherwise. */
  take({ message, delivery }: EventContext): void {
    delivery?.accept()
    if (message === undefined) return
    const fault = this.#faults.take(this.#point, placeOf(message))
    const goOn = () => this.#reply(message, this.#answer(message))
    if (fault === undefined) {
      goOn()
      return
    }
    const refuse = (error: Refusal | undefined) =>
      this.#reply(message, refused(error?.condition ?? 'amqp:internal-error', error?.description ?? ''))
    strike(fault, { refuse, detach: refuse, drop: this.#drop, goOn })
  }

  #reply(request: Message, { status, description, condition, body }: Answer): void {
    const link = this.#replies.get(String(request['reply_to']))
    if (link === undefined || !link.is_open()) return
    const properties: Record<string, unknown> = { 'status-code': status, 'status-description': description }
    if (condition !== undefined) properties['error-condition'] = condition
    const reply = {
      correlation_id: request['message_id'],
      application_properties: properties,
      body: body ?? null,
    }
    link.send(reply as unknown as Message)
  }
}

function placeOf(request: Message): Place {
  const { name, partition } = request['application_properties'] ?? {}
  return {
    hub: hubOf(String(name ?? '')),
    partition: partition === undefined ? undefined : String(partition),
  }
}

/** The hub of a management request is its name; of a token, the first part of its audience's path. */
function hubOf(name: string): string {
  if (!URL.canParse(name)) return name
  return decodeURIComponent(new URL(name).pathname.split('/')[1] ?? '')
}
