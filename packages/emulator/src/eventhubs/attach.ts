import type { EventContext, link, Receiver, Sender } from 'rhea'
import { type Address, readAddress } from './address.ts'
import type { Broker } from './broker.ts'
import type { Claims } from './claims.ts'
import { ReceiverLink } from './receiver-link.ts'
import { badPosition, noPartition, notFound, type Refusal, unauthorized } from './refusal.ts'
import type { RequestNode } from './request-node.ts'
import { SenderLink } from './sender-link.ts'
import { readSelector, resolveStart } from './start-position.ts'

/** The connection that a link is attached on. */
export interface AttachContext {
  readonly broker: Broker
  readonly claims: Claims
  readonly cbs: RequestNode
  readonly management: RequestNode
  drop(): void
  admitted(receiver: ReceiverLink): void
}

const EPOCH = 'com.microsoft:epoch'
const PROGRESS = 'com.microsoft:enable-receiver-runtime-metric'
const SELECTOR = 'apache.org:selector-filter:string'

/** The address that the peer's link asks for: where it reads from, or where it sends to. */
export function addressOf(each: Sender | Receiver): string | undefined {
  return each.is_sender() ? each.source?.address : each.target?.address
}

/** A link that the peer sends on: to a request node, a hub, or one partition of it. */
export function attachWriter(context: AttachContext, receiver: Receiver): Refusal | undefined {
  const asked = addressOf(receiver)
  const address = readAddress(asked)
  switch (address?.node) {
    case 'cbs':
    case 'management': {
      const node = address.node === 'cbs' ? context.cbs : context.management
      receiver.on('message', (request: EventContext) => node.take(request))
      echo(receiver)
      return undefined
    }
    case 'hub':
      return attachProducer(context, receiver, address, asked)
    case 'group':
    case undefined:
      return notFound(asked)
    default:
      return address satisfies never
  }
}

/** A link that the peer reads from: answers of a request node, or a partition through a consumer group. */
export function attachReader(context: AttachContext, sender: Sender): Refusal | undefined {
  const asked = addressOf(sender)
  const address = readAddress(asked)
  switch (address?.node) {
    case 'cbs':
    case 'management': {
      const node = address.node === 'cbs' ? context.cbs : context.management
      node.addReplies(sender)
      echo(sender)
      return undefined
    }
    case 'group':
      return attachConsumer(context, sender, address, asked)
    case 'hub':
    case undefined:
      return notFound(asked)
    default:
      return address satisfies never
  }
}

function attachProducer(
  { broker, claims, drop }: AttachContext,
  receiver: Receiver,
  address: Extract<Address, { node: 'hub' }>,
  asked: string | undefined,
): Refusal | undefined {
  const hub = broker.hubs.hub(address.hub)
  if (hub === undefined) return notFound(asked)
  if (!claims.open(asked!)) return unauthorized(asked)
  const wanted = address.partition
  const partition = wanted === undefined ? undefined : broker.hubs.partition(hub.name, wanted)
  if (wanted !== undefined && partition === undefined) return noPartition(asked)
  new SenderLink(receiver, { hub, partition }, broker, drop).start()
  echo(receiver)
  return undefined
}

function attachConsumer(
  { broker, claims, drop, admitted }: AttachContext,
  sender: Sender,
  address: Extract<Address, { node: 'group' }>,
  asked: string | undefined,
): Refusal | undefined {
  if (broker.hubs.hub(address.hub) === undefined) return notFound(asked)
  if (!claims.open(asked!)) return unauthorized(asked)
  const partition = broker.hubs.partition(address.hub, address.partition)
  if (partition === undefined) return noPartition(asked)
  const position = readSelector(selectorOf(sender))
  const start = position && resolveStart(position, partition)
  if (start === undefined) return badPosition(selectorOf(sender), partition.next - 1)
  const terms = { group: address.group, epoch: epochOf(sender), progress: wants(sender, PROGRESS) }
  const receiver = new ReceiverLink(sender, { partition, start, ...terms }, broker, drop)
  const refusal = broker.receivers.admit(receiver)
  if (refusal !== undefined) return refusal
  echo(sender)
  admitted(receiver)
  return undefined
}

/** Answers an attach with the terms that were asked for; without it the answer is a refusal. */
function echo(each: link): void {
  each.set_source(each.source)
  each.set_target(each.target)
}

function selectorOf(sender: Sender): string | undefined {
  const selector = sender.source.filter?.[SELECTOR]
  return selector === undefined ? undefined : String(selector.value ?? selector)
}

function epochOf(sender: Sender): number | undefined {
  const epoch = sender.properties?.[EPOCH]
  return epoch === undefined || epoch === null ? undefined : Number(epoch)
}

function wants(sender: Sender, capability: string): boolean {
  return [sender.desired_capabilities].flat().some((each) => String(each) === capability)
}
