import { WeirError } from '@weir/runtime'
import { isLoopback } from '../connection-string.ts'

/** Where a service of AWS is asked, and as whom: no key stands in a configuration. */
export interface AwsPlace {
  readonly region: string
  /** A profile of the machine's AWS configuration, for instance one that assumes a role; else the default chain. */
  readonly profile?: string
}

/** What every client of AWS is made with; without a response for `requestMsMax` a request has failed. */
export interface ClientOptions {
  readonly region: string
  readonly profile?: string
  readonly endpoint?: string
  readonly maxAttempts: number
  readonly requestHandler: {
    readonly connectionTimeout: number
    readonly requestTimeout: number
    readonly socketTimeout: number
    readonly throwOnRequestTimeout: true
  }
}

const CONNECT_MS_MAX = 5_000
/** Longer than the longest wait for messages. */
const REQUEST_MS_MAX = 30_000
/** Few: what lasts longer is retried by the source, which says so meanwhile. */
const ATTEMPTS_MAX = 3

/** Throws `WeirError` CONFIG_INVALID for an endpoint that is not on this machine. */
export function clientOptions(
  source: string,
  { region, profile }: AwsPlace,
  endpoint: string | undefined,
): ClientOptions {
  if (endpoint !== undefined && !isLoopback(new URL(endpoint).hostname))
    throw new WeirError('CONFIG_INVALID', `source ${source}: ${endpoint} ${ENDPOINT_REMEDY}`)
  return {
    region,
    ...(profile !== undefined && { profile }),
    ...(endpoint !== undefined && { endpoint }),
    maxAttempts: ATTEMPTS_MAX,
    requestHandler: {
      connectionTimeout: CONNECT_MS_MAX,
      requestTimeout: REQUEST_MS_MAX,
      socketTimeout: REQUEST_MS_MAX,
      throwOnRequestTimeout: true,
    },
  }
}

const ENDPOINT_REMEDY =
  'is not on this machine; an endpoint is for stand-ins on loopback alone. Leave it out: the region leads to the service.'
