import { messageOf } from '@weir/runtime'

export interface AwsFailure {
  readonly reason: string
  /** Trying again soon is of no use: an operator has to mend it. */
  readonly hopeless: boolean
}

const REMEDIES: Readonly<Record<string, string>> = {
  CredentialsProviderError: 'no credential was found; give this machine a role, or name a profile',
  InvalidAccessKeyId: 'the access key is not known; look at what gives this machine its credential',
  InvalidClientTokenId: 'the credential is not known; look at what gives this machine its credential',
  SignatureDoesNotMatch: 'the credential is refused; look at the secret key and at the clock of this machine',
  RequestTimeTooSkewed: 'the clock of this machine is wrong',
  NoSuchBucket: 'there is no bucket of this name',
  PermanentRedirect: 'the bucket is in another region',
  QueueDoesNotExist: 'there is no queue at this address in this region',
  'AWS.SimpleQueueService.NonExistentQueue': 'there is no queue at this address in this region',
}

const DENIED: ReadonlySet<string> = new Set(['AccessDenied', 'AccessDeniedException', 'Forbidden'])

/** Waits for the credential to be renewed or the service to have room, although some answer these with 403. */
const PASSING: ReadonlySet<string> = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'RequestExpired',
  'Throttling',
  'ThrottlingException',
  'RequestThrottled',
  'SlowDown',
])

/** What a failed request means to an operator; `needs` names the permission that it takes. */
export function awsFailure(error: unknown, needs?: string): AwsFailure {
  const code = codeOf(error)
  const remedy = REMEDIES[code] ?? (DENIED.has(code) ? deniedRemedy(needs) : undefined)
  const status = statusOf(error)
  const hopeless = !PASSING.has(code) && (remedy !== undefined || status === 401 || status === 403)
  return { reason: `${code}: ${remedy ?? messageOf(error)}`, hopeless }
}

/** The service's word for what went wrong, else the error's own. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'Error'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return undefined
  return (error.$metadata as { readonly httpStatusCode?: number }).httpStatusCode
}

function deniedRemedy(needs: string | undefined): string {
  return needs === undefined ? 'the permission is missing' : `the identity lacks the permission ${needs}`
}
