import type { Socket } from 'node:net'
import type { Connection, EventContext, link, Receiver, Sender } from 'rhea'
import { readAddress } from './address.ts'
import type { Broker } from './broker.ts'
import { Claims } from './cbs.ts'
import type { FaultAction, Place } from './faults.ts'
import { readProperties } from './management.ts'
import { errorOf, ReceiverLink } from './receiver-link.ts'
import type { Refusal } from './receivers.ts'
import { RequestNode } from './request-node.ts'
import { giveReply, holdReply, limitFrames, serve, socketGone } from './rhea-gaps.ts'
import { SenderLink } from './sender-link.ts'
import { readSelector, resolveStart } from './start-position.ts'

/** As the service has it: a message of 250 KB is four frames. */
export const FRAME_BYTES_MAX = 65_536

const EPOCH = 'com.microsoft:epoch'
const PROGRESS = 'com.microsoft:enable-receiver-runtime-metric'

/** One client's connection: its links, its tokens, its two request nodes. */
export class ServedConnection {
  readonly #connection: Connection
  readonly #socket: Socket
  readonly #broker: Broker
  readonly #claims = new Claims()
  readonly #cbs: RequestNode
  readonly #management: RequestNode
  readonly #receivers = new Set<ReceiverLink>()

  constructor(connection: Connection, socket: Socket, broker: Broker) {
    this.#connection = connection
    this.#socket = socket
    this.#broker = broker
    const drop = () => this.drop()
    const { faults, hubs } = broker
    this.#cbs = new RequestNode('put-token', faults, (request) => this.#claims.putToken(request), drop)
    this.#management = new RequestNode('management', faults, (request) => readProperties(hubs, request), drop)
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
    on('sender_open', ({ sender }) => this.#attached(sender!))
    on('receiver_open', ({ receiver }) => this.#attached(receiver!))
    on('session_close', ({ session }) => this.#forget((each) => each.link.session === session))
    on('sender_close', ({ sender }) => this.#forget((each) => each.link === sender))
    for (const end of ['connection_close', 'disconnected']) on(end, () => this.#forget(() => true))
    for (const quiet of ['receiver_close', 'settled', 'accepted', 'message']) on(quiet, () => {})
    for (const failed of ['error', 'protocol_error'])
      this.#connection.on(failed, (error: unknown) => this.#note(error))
  }

  #opened(): void {
    limitFrames(this.#connection, FRAME_BYTES_MAX)
    const fault = this.#broker.faults.take('connection', {})
    if (fault !== undefined)
      this.#suffer(fault, this.#connection, {
        refuse: (error) => this.#connection.close(error),
        goOn: () => {},
      })
  }

  #attached(each: Sender | Receiver): void {
    const asked = each.is_sender() ? each.source?.address : each.target?.address
    const fault = this.#broker.faults.take('attach', placeOf(asked))
    if (fault === undefined) return this.#attach(each, asked)
    this.#suffer(fault, each, {
      refuse: (error) => each.close(error),
      goOn: () => this.#attach(each, asked),
    })
  }

  #suffer(
    fault: FaultAction,
    endpoint: unknown,
    then: { refuse: (error: Refusal) => void; goOn: () => void },
  ): void {
    if (fault.kind === 'refuse') return then.refuse(errorOf(fault.condition)!)
    holdReply(endpoint)
    if (fault.kind === 'drop') this.drop()
    if (fault.kind === 'stall')
      setTimeout(() => {
        giveReply(endpoint)
        then.goOn()
      }, fault.ms).unref()
  }

  /** An attach that is refused answers with an empty terminus and then detaches, as the protocol has it. */
  #attach(each: Sender | Receiver, asked: string | undefined): void {
    const refusal = each.is_sender()
      ? this.#attachReader(each as Sender, asked)
      : this.#attachWriter(each as Receiver, asked)
    if (refusal !== undefined) each.close(refusal)
  }

  #attachWriter(receiver: Receiver, asked: string | undefined): Refusal | undefined {
    const address = readAddress(asked)
    if (address?.node === 'cbs' || address?.node === 'management') {
      const node = address.node === 'cbs' ? this.#cbs : this.#management
      receiver.on('message', (context: EventContext) => node.take(context))
    } else if (address?.node === 'hub') {
      const hub = this.#broker.hubs.hub(address.hub)
      if (hub === undefined) return notFound(asked)
      if (!this.#claims.open(asked!)) return unauthorized(asked)
      const partition =
        address.partition === undefined
          ? undefined
          : this.#broker.hubs.partition(address.hub, address.partition)
      if (address.partition !== undefined && partition === undefined) return noPartition(asked)
      const { queue, faults } = this.#broker
      new SenderLink(receiver, { hub, partition }, queue, faults, () => this.drop()).start()
    } else return notFound(asked)
    echo(receiver)
    return undefined
  }

  #attachReader(sender: Sender, asked: string | undefined): Refusal | undefined {
    const address = readAddress(asked)
    if (address?.node === 'cbs') this.#cbs.addReplies(sender)
    else if (address?.node === 'management') this.#management.addReplies(sender)
    else if (address?.node === 'group') {
      if (this.#broker.hubs.hub(address.hub) === undefined) return notFound(asked)
      if (!this.#claims.open(asked!)) return unauthorized(asked)
      const partition = this.#broker.hubs.partition(address.hub, address.partition)
      if (partition === undefined) return noPartition(asked)
      const start = readSelector(selectorOf(sender))
      const from = start === undefined ? undefined : resolveStart(start, partition)
      if (from === undefined) return badPosition(selectorOf(sender), partition.next - 1)
      return this.#admit(
        new ReceiverLink(
          sender,
          {
            partition,
            group: address.group,
            start: from,
            epoch: epochOf(sender),
            progress: wants(sender, PROGRESS),
          },
          this.#broker,
          () => this.drop(),
        ),
      )
    } else return notFound(asked)
    echo(sender)
    return undefined
  }

  #admit(receiver: ReceiverLink): Refusal | undefined {
    const refusal = this.#broker.receivers.admit(receiver)
    if (refusal !== undefined) return refusal
    echo(receiver.link)
    this.#receivers.add(receiver)
    receiver.start()
    return undefined
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

/** Answers an attach with the terms that were asked for. */
function echo(each: link): void {
  each.set_source(each.source)
  each.set_target(each.target)
}

function placeOf(asked: string | undefined): Place {
  const address = readAddress(asked)
  if (address?.node === 'hub') return { hub: address.hub, partition: address.partition }
  if (address?.node === 'group')
    return { hub: address.hub, partition: address.partition, group: address.group }
  return {}
}

function selectorOf(sender: Sender): string | undefined {
  const selector = sender.source.filter?.['apache.org:selector-filter:string']
  return selector === undefined ? undefined : String(selector?.value ?? selector)
}

function epochOf(sender: Sender): number | undefined {
  const epoch = sender.properties?.[EPOCH]
  return epoch === undefined || epoch === null ? undefined : Number(epoch)
}

function wants(sender: Sender, capability: string): boolean {
  return [sender.desired_capabilities].flat().some((each) => String(each) === capability)
}

function notFound(asked: string | undefined): Refusal {
  return { condition: 'amqp:not-found', description: `There is no entity ${asked}.` }
}

function noPartition(asked: string | undefined): Refusal {
  return { condition: 'com.microsoft:argument-out-of-range', description: `There is no partition ${asked}.` }
}

function unauthorized(asked: string | undefined): Refusal {
  return { condition: 'amqp:unauthorized-access', description: `No token was put for ${asked}.` }
}

function badPosition(selector: string | undefined, last: number): Refusal {
  return {
    condition: 'com.microsoft:argument-error',
    description: `The position ${selector} is not valid; the last sequence number is ${last}.`,
  }
}
