import { checkGraph, GRAPH_BOUNDS, type GraphConfig, graphSource } from '@weir/ingest'
import { duration, size } from '@weir/runtime'
import { z } from 'zod'
import { defined, identity, name, once, pause, TWICE } from '../config-parts.ts'
import { sourceType } from './source-type.ts'

const DAY_MS = 86_400_000
/** No tenant keeps sign-ins and audits longer. */
const KEPT_MS_MAX = 30 * DAY_MS
const days = duration.refine((ms) => ms <= KEPT_MS_MAX, { error: 'at most "30d": no tenant keeps more' })

const schema = z
  .strictObject({
    type: z.literal('graph'),
    name,
    auth: z.strictObject({ kind: z.literal('entra'), ...identity }),
    root: z.url().default('https://graph.microsoft.com'),
    scope: z.string().min(1).optional(),
    streams: z
      .array(z.enum(['signIns', 'directoryAudits', 'alerts']))
      .refine(once, TWICE)
      .default(['signIns', 'directoryAudits', 'alerts']),
    betaSignIns: z
      .array(z.enum(['interactiveUser', 'nonInteractiveUser', 'servicePrincipal', 'managedIdentity']))
      .refine(once, TWICE)
      .default([]),
    pollEvery: pause.optional(),
    recheckEvery: pause.optional(),
    recent: duration.optional(),
    overlap: days.optional(),
    first: days.optional(),
    /** How long the tenant keeps records: 7 days without Entra ID P1 or P2. */
    retention: days.optional(),
    window: duration.refine((ms) => ms >= 1_000, { error: 'at least "1s"' }).optional(),
    pageRecords: z.int().min(1).max(1_000).optional(),
    reportsPerSecondMax: z.number().positive().optional(),
    alertsPerSecondMax: z.number().positive().optional(),
    seenRecordsMax: z.int().positive().optional(),
    retryFirst: pause.optional(),
    retryHopeless: pause.optional(),
    bytesInFlightMax: size.optional(),
  })
  .refine(({ streams, betaSignIns }) => streams.length + betaSignIns.length > 0, {
    error: 'at least one of streams and betaSignIns',
  })

export const GRAPH = sourceType({
  schema,
  open: (config, deps) => graphSource(settingsOf(config), deps),
  check: (config, clock) => checkGraph(settingsOf(config), clock),
})

/** With the defaults of what the configuration leaves out. */
function settingsOf(config: z.output<typeof schema>): GraphConfig {
  const { type: _, pollEvery, recheckEvery, recent, overlap, first, retention, window, ...others } = config
  const { pageRecords, reportsPerSecondMax, alertsPerSecondMax, seenRecordsMax, ...more } = others
  const { bytesInFlightMax, retryFirst, retryHopeless, ...rest } = more
  const times = { pollMs: pollEvery, recheckMs: recheckEvery, recentMs: recent, overlapMs: overlap }
  const spans = { firstMs: first, retentionMs: retention, windowMs: window }
  const retries = { retryMsFirst: retryFirst, hopelessRetryMs: retryHopeless }
  const bounds = { pageRecords, reportsPerSecondMax, alertsPerSecondMax, seenRecordsMax, bytesInFlightMax }
  return { ...GRAPH_BOUNDS, ...rest, ...defined({ ...times, ...spans, ...retries, ...bounds }) }
}
