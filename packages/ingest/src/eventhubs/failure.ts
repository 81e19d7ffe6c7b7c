import { messageOf } from '@weir/runtime'

/** What the service said no with: an AMQP condition, such as `amqp:not-found`, and words. */
export class AmqpFailure extends Error {
  override readonly name = 'AmqpFailure'
  readonly condition: string

  constructor(condition: string, description: string) {
    super(description)
    this.condition = condition
  }
}

/** An AMQP error, or the lack of one, as a failure. */
export function failureOf(error: unknown, otherwise: string): Error {
  if (error instanceof Error && error.message !== '' && !('condition' in error)) return error
  const { condition, description } = (error ?? {}) as { condition?: unknown; description?: unknown }
  if (typeof condition !== 'string') return new AmqpFailure('amqp:connection:forced', otherwise)
  return new AmqpFailure(condition, typeof description === 'string' ? description : otherwise)
}

export interface HubFailure {
  readonly reason: string
  /** Trying again soon is of no use: an operator has to mend it. */
  readonly hopeless: boolean
  /** Another reader of our consumer group is in the way. */
  readonly evicted: boolean
}

const STOLEN = 'amqp:link:stolen'
const TOO_MANY = 'amqp:resource-limit-exceeded'

const REMEDIES: Readonly<Record<string, string>> = {
  'amqp:unauthorized-access': 'the identity lacks the role Azure Event Hubs Data Receiver on this namespace',
  'amqp:not-found': 'there is no such hub or consumer group in this namespace; look at their names',
  [STOLEN]:
    'another reader with an epoch (an owner level) has taken over our consumer group; give Weir a group of its own',
  [TOO_MANY]: 'five readers are attached already; give Weir a consumer group of its own',
  'com.microsoft:argument-out-of-range': 'the service knows no such partition',
}

/** Names of errors by which @azure/identity says that there is no usable identity here. */
const NO_CREDENTIAL = new Set([
  'CredentialUnavailableError',
  'AuthenticationRequiredError',
  'AuthenticationError',
  'AggregateAuthenticationError',
])

/** What a failure means to an operator. */
export function hubFailure(error: unknown): HubFailure {
  if (error instanceof AmqpFailure) return refusalOf(error)
  const hopeless = error instanceof Error && NO_CREDENTIAL.has(error.name)
  return { reason: messageOf(error), hopeless, evicted: false }
}

function refusalOf({ condition, message }: AmqpFailure): HubFailure {
  // The same condition stands for every quota; only this one is about readers.
  const tooMany = condition === TOO_MANY && /receiver|reader/i.test(message)
  const evicted = condition === STOLEN || tooMany
  const remedy = condition === TOO_MANY && !tooMany ? undefined : REMEDIES[condition]
  const reason = `${condition}: ${message}`
  const hopeless = remedy !== undefined
  return { reason: remedy === undefined ? reason : `${reason} (${remedy})`, hopeless, evicted }
}
