import type { Message, Receiver, Sender, Session } from 'rhea'
import type { AmqpConnection } from './connection.ts'
import { AmqpFailure, failureOf } from './failure.ts'

interface Waiting {
  readonly resolve: (answer: Message) => void
  readonly reject: (error: Error) => void
}

/** Conditions for answers that carry a number only. */
const CONDITIONS: Readonly<Record<number, string>> = {
  401: 'amqp:unauthorized-access',
  403: 'amqp:unauthorized-access',
  404: 'amqp:not-found',
}

/** Questions and answers with a node of the service, `$cbs` or `$management`: one link out, one link back. */
export class Requests {
  readonly #connection: AmqpConnection
  readonly #address: string
  readonly #replyTo: string
  readonly #session: Session
  readonly #sender: Sender
  readonly #waiting = new Map<string, Waiting>()
  #failed: Error | undefined
  #count = 0

  /** @param nth tells apart the links to one node, of which one is open at a time. */
  constructor(connection: AmqpConnection, address: string, nth: number) {
    this.#connection = connection
    this.#address = address
    this.#replyTo = `weir-reply-${nth}-${address}`
    this.#session = connection.session()
    this.#sender = this.#session.open_sender({ target: { address } })
    this.#listen(this.#openReceiver())
  }

  /** False once a link is gone, be it only because the service found it idle: then another takes its place. */
  get open(): boolean {
    return this.#failed === undefined
  }

  /** Rejects with `AmqpFailure` when the answer is a refusal, or when a link or the connection ends first. */
  async ask(properties: Readonly<Record<string, string>>, body: unknown): Promise<Message> {
    if (this.#failed !== undefined) throw this.#failed
    const id = `${++this.#count}`
    const answered = new Promise<Message>((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
    try {
      const application_properties = { ...properties }
      this.#sender.send({
        body,
        message_id: id,
        reply_to: this.#replyTo,
        to: this.#address,
        application_properties,
      })
      return accepted(await this.#connection.orClosed(answered))
    } finally {
      this.#waiting.delete(id)
    }
  }

  #openReceiver(): Receiver {
    const address = this.#replyTo
    // The name is the reply address for $cbs, the target is it for $management.
    return this.#session.open_receiver({
      name: address,
      source: { address: this.#address },
      target: { address },
    })
  }

  #listen(receiver: Receiver): void {
    receiver.on('message', ({ message }) => {
      this.#waiting.get(String(message?.correlation_id))?.resolve(message!)
    })
    const fail = (error: unknown): void => this.#fail(failureOf(error, `${this.#address} was detached`))
    receiver.on('receiver_close', () => fail(receiver.error))
    this.#sender.on('sender_close', () => fail(this.#sender.error))
    this.#session.on('session_close', () => fail(this.#session.error))
    for (const each of [receiver, this.#sender, this.#session]) {
      for (const event of ['receiver_error', 'sender_error', 'session_error']) each.on(event, () => undefined)
    }
  }

  #fail(error: Error): void {
    if (this.#failed === undefined) this.#session.close()
    this.#failed = error
    for (const { reject } of this.#waiting.values()) reject(error)
  }
}

function accepted(answer: Message): Message {
  const properties: Readonly<Record<string, unknown>> = answer.application_properties ?? {}
  const status = Number(properties['status-code'] ?? properties['statusCode'])
  if (status >= 200 && status < 300) return answer
  const condition = properties['error-condition'] ?? properties['errorCondition'] ?? CONDITIONS[status]
  const description = properties['status-description'] ?? properties['statusDescription']
  throw new AmqpFailure(String(condition ?? 'amqp:internal-error'), String(description ?? `status ${status}`))
}
