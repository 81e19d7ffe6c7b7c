/** What a failure means for the records that were sent. */
export type Verdict =
  /** One of them is nothing that the broker takes: sent in parts, it is found. */
  | 'bad'
  /** Topic, credential or rights are not as they must be. */
  | 'setup'
  /** Not now. */
  | 'later'

const BAD = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD'])

const SETUP = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'INVALID_TOPIC_EXCEPTION',
  'TOPIC_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'ILLEGAL_SASL_STATE',
  'SECURITY_DISABLED',
  'INVALID_REQUIRED_ACKS',
  // Of all alike, for it is our clock's: no alert is to blame.
  'INVALID_TIMESTAMP',
  'POLICY_VIOLATION',
  'UNSUPPORTED_VERSION',
  'UNSUPPORTED_COMPRESSION_TYPE',
  'UNSUPPORTED_FOR_MESSAGE_FORMAT',
  // The client's own: it cannot do what the configuration or the broker asks.
  'PLT_KFK_AUTHENTICATION',
  'PLT_KFK_USER',
  'PLT_KFK_UNSUPPORTED',
  'PLT_KFK_UNSUPPORTED_API',
  'PLT_KFK_UNSUPPORTED_COMPRESSION',
  'PLT_KFK_UNSUPPORTED_FORMAT',
])

/** A failure may hold several, of several tries or partitions; what a person must mend goes before the rest. */
export function verdictOf(error: unknown): Verdict {
  const codes = leavesOf(error).flatMap(({ apiId, code }) => [apiId, code])
  if (codes.some((code) => code !== undefined && SETUP.has(code))) return 'setup'
  return codes.some((code) => code !== undefined && BAD.has(code)) ? 'bad' : 'later'
}

/** What the single failures say, each once. */
export function saidBy(error: unknown): string {
  const texts = leavesOf(error).map(({ message, apiId }) =>
    apiId === undefined ? message : `${apiId}, ${message}`,
  )
  return [...new Set(texts)].join('; ')
}

/** A failure as the client tells it; `apiId` is the broker's name for it. */
interface Failure {
  readonly message: string
  readonly code?: string | undefined
  readonly apiId?: string | undefined
}

function leavesOf(error: unknown): Failure[] {
  if (!(error instanceof Error)) return [{ message: String(error) }]
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.flatMap(leavesOf)
  const { message, code, apiId } = error as Failure & Error
  if (!(error.cause instanceof Error)) return [{ message, code, apiId }]
  // The client guesses at a user's mistake where a connection was cut: what lies beneath counts.
  const own = code === 'PLT_KFK_USER' ? { message } : { message, code, apiId }
  return [own, ...leavesOf(error.cause)]
}
