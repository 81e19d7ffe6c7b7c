import type { EntraIdentity } from '../credential.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../durations.ts'
import type { PatienceBounds } from '../rest/patience.ts'

export type GraphStreamName = 'signIns' | 'directoryAudits' | 'alerts'
export type SignInEventType =
  | 'interactiveUser'
  | 'nonInteractiveUser'
  | 'servicePrincipal'
  | 'managedIdentity'

export interface GraphConfig extends GraphBounds {
  readonly name: string
  readonly auth: EntraIdentity & { readonly kind: 'entra' }
  /** `https://graph.microsoft.com`, or a sovereign cloud's. */
  readonly root: string
  /** What tokens are for, where it is not `<root>/.default`. */
  readonly scope?: string
  readonly streams: readonly GraphStreamName[]
  /** Kinds of sign-ins that only the beta interface gives; each is a partition of its own. */
  readonly betaSignIns: readonly SignInEventType[]
}

export interface GraphBounds extends PatienceBounds {
  /** Pause between two looks at what is new and at the last `recentMs`. */
  readonly pollMs: number
  /** Pause between two looks at the whole of `overlapMs`. */
  readonly recheckMs: number
  /** Most records are there so long after their own time: every look goes back so far. */
  readonly recentMs: number
  /** Records later than this, or changed later, are not seen. */
  readonly overlapMs: number
  /** How far back the very first run begins; earlier records are left alone for good. */
  readonly firstMs: number
  /** The tenant keeps records no longer than this: after a longer stop the rest is gone, and health says so. */
  readonly retentionMs: number
  /** Time that one question covers; a page that cannot be followed costs no more than it. */
  readonly windowMs: number
  /** Records asked for in one page, at most 1000. */
  readonly pageRecords: number
  /** Pages of one window; the rest of it is given up, and health says so. */
  readonly pagesMax: number
  /** Requests in a second for sign-ins and audits together; the service allows 5 in 10 seconds. */
  readonly reportsPerSecondMax: number
  /** Requests in a second for alerts. */
  readonly alertsPerSecondMax: number
  /** A page that cannot be read so often is delivered as it is, into quarantine. */
  readonly brokenAttemptsMax: number
  /** Records remembered a partition, so that reading again does not deliver again; the oldest are forgotten. */
  readonly seenRecordsMax: number
  readonly answerMsMax: number
  readonly bodyBytesMax: number
  /** Bytes read and not yet committed; reading waits at it. One page a partition is held beside. */
  readonly bytesInFlightMax: number
}

export const GRAPH_BOUNDS: GraphBounds = {
  pollMs: MINUTE_MS,
  recheckMs: 15 * MINUTE_MS,
  recentMs: 15 * MINUTE_MS,
  overlapMs: 2 * HOUR_MS,
  firstMs: DAY_MS,
  retentionMs: 30 * DAY_MS,
  windowMs: HOUR_MS,
  pageRecords: 1_000,
  pagesMax: 10_000,
  reportsPerSecondMax: 0.45,
  alertsPerSecondMax: 1,
  brokenAttemptsMax: 5,
  seenRecordsMax: 500_000,
  answerMsMax: 2 * MINUTE_MS,
  bodyBytesMax: 64 * 1024 * 1024,
  bytesInFlightMax: 64 * 1024 * 1024,
  retryMsFirst: 1_000,
  retryMsMax: MINUTE_MS,
  hopelessRetryMs: MINUTE_MS,
  retryAfterMsMax: HOUR_MS,
}
