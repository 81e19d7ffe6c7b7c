import { type Meaning, meaningOf } from '../rest/failure.ts'
import type { GraphStream } from './streams.ts'

/** What a failed request for a stream means to an operator. */
export function graphMeaning(error: unknown, { permission }: GraphStream): Meaning {
  return meaningOf(error, {
    Authentication_RequestFromNonPremiumTenantOrB2CTenant:
      'the tenant has no Entra ID P1 or P2 licence, without which sign-ins cannot be read by Graph',
    TooLarge: 'lower pageRecords',
    400: 'the service does not take this filter; look at root and at whether this cloud has this interface',
    401: 'a new token was refused as well; look at root, at scope and at the clock of this machine',
    403: `grant the identity the application permission ${permission}, with admin consent`,
    404: 'look at root: there is no such interface there',
  })
}
