import type { EntraIdentity } from '../credential.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../durations.ts'
import type { PatienceBounds } from '../rest/patience.ts'

export type O365ContentType =
  | 'Audit.AzureActiveDirectory'
  | 'Audit.Exchange'
  | 'Audit.SharePoint'
  | 'Audit.General'
  | 'DLP.All'

export interface O365Config extends O365Bounds {
  readonly name: string
  readonly auth: EntraIdentity & { readonly kind: 'entra' }
  /** Directory whose audit log is read; part of every address. */
  readonly tenantId: string
  /** `https://manage.office.com`, or a sovereign cloud's. */
  readonly root: string
  /** What tokens are for, where it is not `<root>/.default`. */
  readonly scope?: string
  /** Whose quota the requests count against; the tenant's own where nothing is said. */
  readonly publisherId?: string
  readonly contentTypes: readonly O365ContentType[]
}

export interface O365Bounds extends PatienceBounds {
  /** Pause between two listings of what is new. */
  readonly pollMs: number
  /** Content that is listed later than this after its creation is not seen. */
  readonly overlapMs: number
  /** How far back the very first run begins; earlier content is left alone for good. */
  readonly firstMs: number
  /** Content is listed no further back than this; after a longer stop the rest is gone, and health says so. */
  readonly retentionMs: number
  /** Time that one listing covers; the service takes no more than 24 hours. */
  readonly windowMs: number
  /** Pages of one listing; the rest of it is given up, and health says so. */
  readonly pagesMax: number
  /** Content fetched at once, of each content type; further ones wait. */
  readonly parallelMax: number
  /** Requests in a second, over all content types; the service allows a tenant about 2,000 a minute. */
  readonly requestsPerSecondMax: number
  /** Content that cannot be read so often is delivered as it is, into quarantine. */
  readonly brokenAttemptsMax: number
  /** Contents remembered a content type, so that listing again does not deliver again; the oldest are forgotten. */
  readonly seenContentsMax: number
  readonly answerMsMax: number
  readonly bodyBytesMax: number
  /** Bytes read and not yet committed; reading waits at it. `parallelMax` contents a type are held beside. */
  readonly bytesInFlightMax: number
}

export const O365_BOUNDS: O365Bounds = {
  pollMs: MINUTE_MS,
  overlapMs: 2 * HOUR_MS,
  firstMs: DAY_MS,
  // Some minutes less than seven days, so that a listing is not too old by the time it arrives.
  retentionMs: 7 * DAY_MS - 10 * MINUTE_MS,
  windowMs: DAY_MS,
  pagesMax: 10_000,
  parallelMax: 4,
  requestsPerSecondMax: 20,
  brokenAttemptsMax: 5,
  seenContentsMax: 200_000,
  answerMsMax: 2 * MINUTE_MS,
  bodyBytesMax: 64 * 1024 * 1024,
  bytesInFlightMax: 64 * 1024 * 1024,
  retryMsFirst: 1_000,
  retryMsMax: MINUTE_MS,
  hopelessRetryMs: MINUTE_MS,
  retryAfterMsMax: HOUR_MS,
}
