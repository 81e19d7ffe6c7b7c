import rhea, { type Message, type Receiver, type Session } from 'rhea'
import { endSession } from './connection.ts'
import { failureOf } from './failure.ts'

export interface AttachOptions {
  readonly hub: string
  readonly partition: string
  readonly consumerGroup: string
  /** Which messages to send, as the service's selector: `amqp.annotation.x-opt-offset > '-1'`. */
  readonly selector: string
  /** Shown to who looks at the readers of the hub. */
  readonly receiverName: string
  readonly message: (message: Message) => void
}

/** Descriptor of the selector filter, fixed by the service. */
const SELECTOR_DESCRIPTOR = 0x468c00000004

/** A receiver on one partition that is sent exactly as many messages as it was given credit for. */
export class PartitionLink {
  readonly opened: Promise<void>
  /** Rejects when the link is over: with the service's reason, or that of the connection. */
  readonly over: Promise<never>
  readonly #session: Session
  readonly #receiver: Receiver
  #end: (error: Error) => void = () => undefined
  #ended = false

  constructor(session: Session, address: string, options: AttachOptions) {
    this.#session = session
    this.over = new Promise((_, reject) => {
      this.#end = reject
    })
    this.over.catch(() => undefined)
    this.#receiver = session.open_receiver({
      name: `${options.receiverName}-${options.partition}`,
      source: { address, filter: { 'apache.org:selector-filter:string': selectorFilter(options.selector) } },
      target: options.receiverName,
      credit_window: 0,
      autoaccept: true,
      properties: { 'com.microsoft:receiver-name': options.receiverName },
    } as Parameters<Session['open_receiver']>[0])
    this.#receiver.on('message', ({ message }) => {
      if (!this.#ended) options.message(message!)
    })
    this.opened = this.#untilOpened()
  }

  credit(messages: number): void {
    if (!this.#ended) this.#receiver.add_credit(messages)
  }

  /** Says goodbye, as the whole connection is about to; nothing is delivered from here on. */
  close(reason = new Error('closed')): void {
    this.end(reason)
    this.#session.close()
  }

  /**
   * Gives up the receiver alone. Its session ends when the goodbye is answered: what is still on its way is settled
   * on it, and on a session that has ended that would cost the whole connection.
   */
  giveUp(reason: Error): void {
    this.end(reason)
    this.#receiver.close()
  }

  end(reason: Error): void {
    this.#ended = true
    this.#end(reason)
  }

  /** A refused attach is answered by an attach without source and a detach that says why. */
  #untilOpened(): Promise<void> {
    const receiver = this.#receiver
    const opened = new Promise<void>((resolve) => {
      receiver.on('receiver_open', () => {
        if (receiver.source?.address) resolve()
      })
    })
    const closed = (error: unknown): void => {
      this.end(failureOf(error, 'the service detached the receiver'))
      endSession(this.#session)
    }
    receiver.on('receiver_error', () => undefined)
    receiver.on('receiver_close', () => closed(receiver.error))
    this.#session.on('session_error', () => undefined)
    this.#session.on('session_close', () => closed(this.#session.error))
    return Promise.race([opened, this.over])
  }
}

function selectorFilter(selector: string): unknown {
  return rhea.types.wrap_described(selector, SELECTOR_DESCRIPTOR)
}
