import type { Message, Receiver, Sender, Session } from 'rhea'
import { type AmqpConnection, endSession } from './connection.ts'
import type { Token } from './endpoint.ts'
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

const ADDRESS = '$cbs'

/** Where a connection proves what it may do: one link to the service's `$cbs` node, one back. */
export class Claims {
  readonly #connection: AmqpConnection
  readonly #replyTo: string
  readonly #session: Session
  readonly #sender: Sender
  readonly #waiting = new Map<string, Waiting>()
  #failed: Error | undefined
  #count = 0

  /** @param nth tells apart the links to the node, of which one is open at a time. */
  constructor(connection: AmqpConnection, nth: number) {
    this.#connection = connection
    this.#replyTo = `weir-reply-${nth}`
    this.#session = connection.session()
    this.#sender = this.#session.open_sender({ target: { address: ADDRESS } })
    this.#listen(this.#openReceiver())
  }

  /** False once a link is gone, be it only because the service found it idle: then another takes its place. */
  get open(): boolean {
    return this.#failed === undefined
  }

  /** Rejects with `AmqpFailure` when the answer is a refusal, or when a link or the connection ends first. */
  async putToken(audience: string, { token, type }: Token): Promise<void> {
    if (this.#failed !== undefined) throw this.#failed
    const id = `${++this.#count}`
    const answered = new Promise<Message>((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
    try {
      this.#sender.send({
        body: token,
        message_id: id,
        reply_to: this.#replyTo,
        to: ADDRESS,
        application_properties: { operation: 'put-token', name: audience, type },
      })
      refuse(await this.#connection.orClosed(answered))
    } finally {
      this.#waiting.delete(id)
    }
  }

  /** The node answers to the link of this name. */
  #openReceiver(): Receiver {
    const address = this.#replyTo
    return this.#session.open_receiver({ name: address, source: { address: ADDRESS }, target: { address } })
  }

  #listen(receiver: Receiver): void {
    receiver.on('message', ({ message }) => {
      this.#waiting.get(String(message?.correlation_id))?.resolve(message!)
    })
    const fail = (error: unknown): void => this.#fail(failureOf(error, `${ADDRESS} was detached`))
    receiver.on('receiver_close', () => fail(receiver.error))
    this.#sender.on('sender_close', () => fail(this.#sender.error))
    this.#session.on('session_close', () => fail(this.#session.error))
    for (const each of [receiver, this.#sender, this.#session]) {
      for (const event of ['receiver_error', 'sender_error', 'session_error']) each.on(event, () => undefined)
    }
  }

  #fail(error: Error): void {
    if (this.#failed === undefined) endSession(this.#session)
    this.#failed = error
    for (const { reject } of this.#waiting.values()) reject(error)
  }
}

/** Throws `AmqpFailure` unless the answer is a yes. */
function refuse(answer: Message): void {
  const properties: Readonly<Record<string, unknown>> = answer.application_properties ?? {}
  const status = Number(properties['status-code'] ?? properties['statusCode'])
  if (status >= 200 && status < 300) return
  const condition = properties['error-condition'] ?? properties['errorCondition'] ?? CONDITIONS[status]
  const description = properties['status-description'] ?? properties['statusDescription']
  throw new AmqpFailure(String(condition ?? 'amqp:internal-error'), String(description ?? `status ${status}`))
}
