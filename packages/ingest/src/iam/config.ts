import type { AwsPlace } from '../aws/place.ts'

export interface CredentialReportConfig extends CredentialReportBounds {
  readonly name: string
  readonly place: AwsPlace
  /** Of a stand-in on loopback. */
  readonly endpoint?: string
}

export interface CredentialReportBounds {
  /** Pause between two reports; the service makes a new one at most every four hours. */
  readonly everyMs: number
  /** Pause between two questions whether the report is complete. */
  readonly askMs: number
  /** A report that is not complete after so long has failed, and is asked for again later. */
  readonly completeMsMax: number
  /** Pause between two statements that nothing waits. */
  readonly statusMs: number
  /** Bytes of whole rows in one message of the line. */
  readonly chunkBytes: number
  /** Bytes read and not yet committed; delivery waits at it. */
  readonly bytesInFlightMax: number
}

export const CREDENTIAL_REPORT_BOUNDS: CredentialReportBounds = {
  everyMs: 4 * 3_600_000,
  askMs: 5_000,
  completeMsMax: 600_000,
  statusMs: 60_000,
  chunkBytes: 1024 * 1024,
  bytesInFlightMax: 16 * 1024 * 1024,
}
