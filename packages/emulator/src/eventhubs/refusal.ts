/** Why something is refused, as AMQP says it: a condition (`amqp:not-found`) and words for people. */
export interface Refusal {
  readonly condition: string
  readonly description: string
}

export function notFound(asked: string | undefined): Refusal {
  return { condition: 'amqp:not-found', description: `There is no entity ${asked}.` }
}

export function noPartition(asked: string | undefined): Refusal {
  return { condition: 'com.microsoft:argument-out-of-range', description: `There is no partition ${asked}.` }
}

export function unauthorized(asked: string | undefined): Refusal {
  return { condition: 'amqp:unauthorized-access', description: `No token was put for ${asked}.` }
}

export function badPosition(selector: string | undefined, last: number): Refusal {
  return {
    condition: 'com.microsoft:argument-error',
    description: `The position ${selector} is not valid; the last sequence number is ${last}.`,
  }
}

export function tooLarge(bytes: number, bytesMax: number): Refusal {
  return {
    condition: 'amqp:link:message-size-exceeded',
    description: `A message of ${bytes} bytes; at most ${bytesMax} are taken.`,
  }
}

export function undecodable(error: unknown): Refusal {
  return { condition: 'amqp:decode-error', description: String(error) }
}

export function notStored(error: unknown): Refusal {
  return { condition: 'amqp:internal-error', description: String(error) }
}

export function stolen(description: string): Refusal {
  return { condition: 'amqp:link:stolen', description }
}

export function tooManyReaders(readersMax: number): Refusal {
  return {
    condition: 'amqp:resource-limit-exceeded',
    description: `At most ${readersMax} readers without epoch per partition and consumer group.`,
  }
}

/** The refusal that an operator asked for; without a condition there is none to give. */
export function asked(condition: string): Refusal
export function asked(condition: string | undefined): Refusal | undefined
export function asked(condition: string | undefined): Refusal | undefined {
  return condition === undefined ? undefined : { condition, description: 'A fault that was asked for.' }
}
