import type { Socket } from 'node:net'
import type { Connection, EventContext, Receiver, Sender } from 'rhea'
import { placeOf } from './address.ts'
import { type AttachContext, addressOf, attachReader, attachWriter } from './attach.ts'
import type { Broker } from './broker.ts'
import { Claims } from './claims.ts'
import type { FaultAction } from './faults.ts'
import { readProperties } from './management.ts'
import type { ReceiverLink } from './receiver-link.ts'
import type { Refusal } from './refusal.ts'
import { RequestNode } from './request-node.ts'
import { giveReply, holdReply, limitFrames, serve, socketGone } from './rhea-gaps.ts'
import { strike } from './strike.ts'

/** As the service has it: a message of 250 KB is four frames. */
export const FRAME_BYTES_MAX = 65_536

/** One client's connection: its links, its tokens, its two request nodes. */
export class ServedConnection {
  readonly #connection: Connection
  readonly #socket: Socket
  readonly #broker: Broker
  readonly #context: AttachContext
  readonly #receivers = new Set<ReceiverLink>()

  constructor(connection: Connection, socket: Socket, broker: Broker) {
    this.#connection = connection
    this.#socket = socket
    this.#broker = broker
    const { faults, hubs } = broker
    const claims = new Claims()
    const drop = () => this.drop()
    this.#context = {
      broker,
      claims,
      cbs: new RequestNode('put-token', faults, (request) => claims.putToken(request), drop),
      management: new RequestNode('management', faults, (request) => readProperties(hubs, request), drop),
      drop,
      admitted: (receiver) => this.#admitted(receiver),
    }
  }

  /** Speaks AMQP on the socket until either side ends it. */
  serve(): void {
    this.#listen()
    this.#socket.once('close', () => this.#gone())
    serve(this.#connection, this.#socket)
  }

  /** Ends the connection with a TCP reset, without a word. */
  drop(): void {
    this.#socket.resetAndDestroy()
  }

  #listen(): void {
    const on = (name: string, handler: (context: EventContext) => void) => this.#connection.on(name, handler)
    on('connection_open', () => this.#opened())
    on('sender_open', ({ sender }) => this.#attached(sender!, () => attachReader(this.#context, sender!)))
    on('receiver_open', ({ receiver }) =>
      this.#attached(receiver!, () => attachWriter(this.#context, receiver!)),
    )
    on('session_close', ({ session }) => this.#forget((each) => each.link.session === session))
    on('sender_close', ({ sender }) => this.#forget((each) => each.link === sender))
    for (const end of ['connection_close', 'disconnected']) on(end, () => this.#forget(() => true))
    for (const failed of ['error', 'protocol_error'])
      this.#connection.on(failed, (error: unknown) => this.#note(error))
  }

  #opened(): void {
    limitFrames(this.#connection, FRAME_BYTES_MAX)
    const fault = this.#broker.faults.take('connection', {})
    if (fault !== undefined)
      this.#strike(
        fault,
        this.#connection,
        (error) => this.#connection.close(error),
        () => {},
      )
  }

  #attached(each: Sender | Receiver, attach: () => Refusal | undefined): void {
    const goOn = () => {
      const refusal = attach()
      if (refusal !== undefined) each.close(refusal)
    }
    const fault = this.#broker.faults.take('attach', placeOf(addressOf(each)))
    if (fault === undefined) goOn()
    else this.#strike(fault, each, (error) => each.close(error), goOn)
  }

  /**
   * A fault on an open or an attach: rhea has the answer ready, and it is held back or refused; who left
   * meanwhile gets none.
   */
  #strike(
    fault: FaultAction,
    endpoint: Connection | Sender | Receiver,
    refuse: (error: Refusal | undefined) => void,
    goOn: () => void,
  ): void {
    if (fault.kind !== 'refuse') holdReply(endpoint)
    const answer = () => {
      if (!endpoint.is_remote_open()) return
      giveReply(endpoint)
      goOn()
    }
    strike(fault, { refuse, detach: refuse, drop: () => this.drop(), goOn: answer })
  }

  #admitted(receiver: ReceiverLink): void {
    this.#receivers.add(receiver)
    receiver.start()
  }

  #forget(which: (receiver: ReceiverLink) => boolean): void {
    for (const receiver of this.#receivers) {
      if (!which(receiver)) continue
      receiver.stop()
      this.#receivers.delete(receiver)
      this.#broker.receivers.remove(receiver)
    }
  }

  #note(error: unknown): void {
    const { errors } = this.#broker
    errors.count += 1
    errors.last = String(error)
  }

  #gone(): void {
    this.#forget(() => true)
    socketGone(this.#connection)
  }
}
