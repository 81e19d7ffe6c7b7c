import type { SourceCheck, SourceDeps } from '@weir/ingest'
import type { EventSource } from '@weir/model'
import type { Clock } from '@weir/runtime'
import { z } from 'zod'
import { BLOBS } from './sources/blobs.ts'
import { EVENT_HUBS } from './sources/event-hubs.ts'
import { FILES } from './sources/files.ts'
import { GRAPH } from './sources/graph.ts'
import { IAM_CREDENTIAL_REPORT } from './sources/iam-credential-report.ts'
import { O365 } from './sources/o365.ts'
import { PUSH } from './sources/push.ts'
import { S3 } from './sources/s3.ts'
import type { SourceType } from './sources/source-type.ts'
import { SYSLOG } from './sources/syslog.ts'

/** Every type of source, by the word that stands for it in a configuration. */
const TYPES = {
  blobs: BLOBS,
  'event-hubs': EVENT_HUBS,
  files: FILES,
  graph: GRAPH,
  'iam-credential-report': IAM_CREDENTIAL_REPORT,
  o365: O365,
  push: PUSH,
  s3: S3,
  syslog: SYSLOG,
} as const

export const sourceSchema = z.discriminatedUnion('type', [
  BLOBS.schema,
  EVENT_HUBS.schema,
  FILES.schema,
  GRAPH.schema,
  IAM_CREDENTIAL_REPORT.schema,
  O365.schema,
  PUSH.schema,
  S3.schema,
  SYSLOG.schema,
])

/** The source that is always there, for records that were found elsewhere. */
export const RECONCILE = 'reconcile'

export type SourceConfig = z.output<typeof sourceSchema>

/** The source that a configuration describes; nothing is connected yet. */
export function sourceOf(config: SourceConfig, deps: SourceDeps): EventSource {
  return typeOf(config).open(config, deps)
}

/** Asks a source for as little as shows that it could be read; nothing is consumed and no position moves. */
export function checkSource(config: SourceConfig, clock: Clock): Promise<readonly SourceCheck[]> {
  return typeOf(config).check(config, clock)
}

/** The schema has told which type it is, which the compiler cannot follow through the table. */
function typeOf(config: SourceConfig): SourceType<z.ZodType<SourceConfig>> {
  return TYPES[config.type] as unknown as SourceType<z.ZodType<SourceConfig>>
}
