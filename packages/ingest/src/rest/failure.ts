import { isObject } from '@weir/model'
import { type Clock, messageOf } from '@weir/runtime'

/** An answer that is no success: status, the service's own code and words, and how long it wants to be left alone. */
export class RestFailure extends Error {
  override readonly name = 'RestFailure'
  /** HTTP status; 0 for an answer that was not taken. */
  readonly status: number
  /** The service's own, such as `AF20022` or `Authorization_RequestDenied`. */
  readonly code: string | undefined
  readonly retryAfterMs: number | undefined

  constructor(
    status: number,
    message: string,
    more: { readonly code?: string; readonly retryAfterMs?: number } = {},
  ) {
    super(message)
    this.status = status
    this.code = more.code
    this.retryAfterMs = more.retryAfterMs
  }
}

/** The whole came, but it is not what it must be: cut off, or no JSON. */
export class BrokenBody extends Error {
  override readonly name = 'BrokenBody'
}

/** What a failure means to an operator. */
export interface Meaning {
  readonly reason: string
  /** Trying again soon is of no use: an operator has to mend it. */
  readonly hopeless: boolean
}

/** Names of errors by which @azure/identity says that there is no usable identity here. */
const NO_CREDENTIAL = new Set([
  'CredentialUnavailableError',
  'AuthenticationRequiredError',
  'AuthenticationError',
  'AggregateAuthenticationError',
])

/** Explains a failure; `remedies` is by the service's own code, then by status. */
export function meaningOf(error: unknown, remedies: Readonly<Record<string, string>>): Meaning {
  if (!(error instanceof RestFailure))
    return { reason: causeOf(error), hopeless: error instanceof Error && NO_CREDENTIAL.has(error.name) }
  const { status, code, message } = error
  const remedy = (code !== undefined && remedies[code]) || remedies[String(status)]
  const said = `${status}${code === undefined ? '' : ` ${code}`}: ${message}`
  const hopeless = status < 500 && status !== 408 && !isThrottled(error)
  return { reason: remedy ? `${said} (${remedy})` : said, hopeless }
}

/** The service wants to be asked less; one of the two says so by its own code as well. */
export function isThrottled(error: unknown): boolean {
  return error instanceof RestFailure && (error.status === 429 || error.code === 'AF429')
}

/** The failure that an answer tells; both services write `{"error":{"code":…,"message":…}}`. */
export function failureOf(status: number, headers: Headers, body: string, clock: Clock): RestFailure {
  const error = errorIn(body)
  const retryAfterMs = retryAfter(headers.get('retry-after'), clock.now())
  const message = typeof error['message'] === 'string' ? error['message'] : 'the service gave no reason'
  return new RestFailure(status, message, {
    ...(typeof error['code'] === 'string' && error['code'] !== '' ? { code: error['code'] } : {}),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
}

function errorIn(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body)
    if (!isObject(value)) return {}
    return isObject(value['error']) ? value['error'] : value
  } catch {
    return {}
  }
}

/** Seconds, or a date; `undefined` where there is neither. */
function retryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined
  const seconds = Number(header)
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now
  return Number.isNaN(ms) ? undefined : Math.max(0, ms)
}

/** `fetch failed` says nothing; its cause does. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  return cause === undefined ? messageOf(error) : `${messageOf(error)}: ${messageOf(cause)}`
}
