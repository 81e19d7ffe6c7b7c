import type { Message } from 'rhea'
import { audienceCovers } from './address.ts'
import { type Answer, refused } from './request-node.ts'

const TOKEN_TYPES: ReadonlySet<unknown> = new Set(['jwt', 'servicebus.windows.net:sastoken'])

/** The tokens put on one connection. Any token is good; that there is one for the address is checked. */
export class Claims {
  readonly #audiences = new Set<string>()

  /** Answers a request to `$cbs`. */
  putToken(request: Message): Answer {
    const { operation, type, name } = request['application_properties'] ?? {}
    if (operation !== 'put-token')
      return refused('amqp:not-implemented', `Operation ${operation} is not known.`)
    if (!TOKEN_TYPES.has(type))
      return refused('com.microsoft:argument-error', `Token type ${type} is not known.`)
    this.#audiences.add(String(name))
    return { status: 202, description: 'Accepted' }
  }

  /** Whether a token was put that opens this address. */
  open(address: string): boolean {
    for (const audience of this.#audiences) if (audienceCovers(audience, address)) return true
    return false
  }
}
