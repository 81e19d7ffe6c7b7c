import type { Server } from 'node:net'
import type { Clock, Report } from '@weir/runtime'
import type { ApiTls } from '../api/context.ts'
import type { Refreshable } from '../refresh.ts'

/** One push source: where it listens and which of the three ways in it serves. */
export interface PushSettings extends PushBounds {
  readonly name: string
  readonly host: string
  readonly port: number
  /** Without it the listener speaks plain HTTP. */
  readonly tls?: ApiTls
  /** Credentials in files, for the server that shows and takes them; looked at while it listens. */
  readonly refreshables?: (server: Server) => readonly Refreshable[]
  readonly dataCollector?: CollectorSettings
  readonly logsIngestion?: LogsIngestionSettings
  readonly ingest?: IngestSettings
}

export interface PushBounds {
  /** Bytes of bodies that are being received or wait for their commit; a request beyond it is answered 429. */
  readonly bytesWaitingMax: number
  /** Requests that are being received or wait for their commit; one more is answered 429. */
  readonly requestsWaitingMax: number
  /** Time for a body to arrive whole; a slower one is answered 408 and nothing of it is kept. */
  readonly bodyMsMax: number
  /** Time for a commit; after it the answer is 503, and the request may have been kept or not. */
  readonly answerMsMax: number
  /** How long a request is remembered, so that a repeat of it is known also after a restart. */
  readonly rememberMs: number
}

export const PUSH_BOUNDS: PushBounds = {
  bytesWaitingMax: 64 * 1024 * 1024,
  requestsWaitingMax: 256,
  bodyMsMax: 120_000,
  answerMsMax: 60_000,
  rememberMs: 3_600_000,
}

/** The HTTP Data Collector API of one workspace. */
export interface CollectorSettings {
  readonly workspaceId: string
  /** Primary and secondary key. */
  readonly keys: readonly Uint8Array[]
  /** Datasets by Log-Type; any other Log-Type is for `dataset`. */
  readonly logTypes: Readonly<Record<string, string>>
  readonly dataset: string
}

/** The Logs Ingestion API of one tenant. */
export interface LogsIngestionSettings {
  readonly tenantId: string
  readonly cloud: Cloud
  /** Application or object ids that may send. */
  readonly clients: readonly string[]
  /** Dataset by stream, by immutable id of a data collection rule. */
  readonly rules: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Where the keys are, instead of at the cloud's authority; for tests on this machine. */
  readonly keysUrl?: string
}

export type Cloud = 'public' | 'us-government' | 'china'

export interface IngestSettings {
  readonly tokens: readonly IngestToken[]
  /** Bytes of a body, both as sent and decompressed; a larger one is answered 413. */
  readonly bodyBytesMax: number
}

/** A body is read as a whole, and takes about ten times its room while it is. */
export const INGEST_BODY_BYTES_MAX = 8 * 1024 * 1024

/** A token as it is kept, and the datasets that it may push; any when it names none. */
export interface IngestToken {
  readonly name: string
  readonly hash: string
  readonly datasets?: readonly string[]
}

export interface PushDeps {
  readonly clock: Clock
  readonly report: Report
  /** Names a request. */
  readonly newId: () => string
}
