import { RestError } from '@azure/storage-blob'
import { messageOf } from '@weir/runtime'

export interface BlobFailure {
  readonly reason: string
  /** Trying again soon is of no use: an operator has to mend it. */
  readonly hopeless: boolean
  /** The pause that the service asks for, at most five minutes; 0 where it asks for none. */
  readonly retryAfterMs: number
}

/** A longer pause that the service asks for is cut to it. */
const RETRY_AFTER_MS_MAX = 300_000

const REMEDIES: Readonly<Record<string, string>> = {
  AuthorizationPermissionMismatch: 'the identity lacks the role Storage Blob Data Reader on this container',
  AuthorizationFailure: 'the firewall of the storage account refuses this network, or shared keys are off',
  AuthenticationFailed: 'the credential is refused; look at the identity and at the clock of this machine',
  InvalidBlobType: 'what lies there is appended to or written otherwise; look at the kind of this container',
  NoAuthenticationInformation: 'the storage account does not take this kind of credential',
}

/** Azure makes the container of a category when it first writes to it; until then it is as good as empty. */
export const NOT_YET = 'the container does not exist; it appears once a diagnostic setting has written to it'

/** A request for one blob failed. */
export class BlobUnread extends Error {
  override readonly name = 'BlobUnread'

  constructor(blob: string, cause: unknown) {
    super(blob, { cause })
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof RestError && error.code === 'ContainerNotFound'
}

/** What a failed request means to an operator. */
export function blobFailure(error: unknown): BlobFailure {
  if (error instanceof BlobUnread) {
    const failure = blobFailure(error.cause)
    return { ...failure, reason: `${failure.reason} (${error.message})` }
  }
  if (error instanceof RestError && error.statusCode !== undefined) {
    const code = error.code ?? String(error.statusCode)
    const remedy = REMEDIES[code]
    const hopeless = remedy !== undefined || error.statusCode === 401 || error.statusCode === 403
    const reason = `${code}: ${remedy ?? messageOf(error)}`
    return { reason, hopeless, retryAfterMs: retryAfterOf(error) }
  }
  const hopeless = error instanceof Error && error.name === 'CredentialUnavailableError'
  return { reason: messageOf(error), hopeless, retryAfterMs: 0 }
}

function retryAfterOf({ response }: RestError): number {
  const seconds = Number(response?.headers.get('retry-after') ?? 0)
  return Number.isFinite(seconds) ? Math.min(Math.max(0, seconds * 1000), RETRY_AFTER_MS_MAX) : 0
}
