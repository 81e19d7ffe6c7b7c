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
  if (error instanceof Error && !('condition' in error)) return error
  const { condition, description } = (error ?? {}) as { condition?: unknown; description?: unknown }
  if (typeof condition !== 'string') return new AmqpFailure('amqp:connection:forced', otherwise)
  return new AmqpFailure(condition, typeof description === 'string' ? description : otherwise)
}

export interface HubFailure {
  readonly reason: string
  /** Trying again soon is of no use: an operator has to mend it. */
  readonly hopeless: boolean
}

const REMEDIES: Readonly<Record<string, string>> = {
  'amqp:unauthorized-access': 'the identity lacks the role Azure Event Hubs Data Receiver on this namespace',
  'amqp:not-found': 'there is no such hub or consumer group in this namespace; look at their names',
  'amqp:link:stolen':
    'another reader with an epoch (an owner level) has taken over our consumer group; give Weir a group of its own',
  'amqp:resource-limit-exceeded': 'five readers are attached already; give Weir a consumer group of its own',
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
  if (error instanceof AmqpFailure) {
    const remedy = REMEDIES[error.condition]
    const reason = `${error.condition}: ${error.message}`
    return { reason: remedy === undefined ? reason : `${reason} (${remedy})`, hopeless: remedy !== undefined }
  }
  const hopeless = error instanceof Error && NO_CREDENTIAL.has(error.name)
  return { reason: messageOf(error), hopeless }
}
