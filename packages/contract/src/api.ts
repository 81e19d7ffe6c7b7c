import { z } from 'zod'
import { alertV1, severity } from './alert-v1.ts'

const time = z.iso.datetime({ offset: true }).describe('ISO 8601 with zone')
const page = { limit: z.coerce.number().int().min(1).max(1000).default(100), after: z.string().optional() }

/** Query of `GET /v1/alerts`; the filters add up. */
export const alertsQuery = z.object({
  ...page,
  from: time.optional(),
  to: time.optional(),
  severity: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(severity))
    .optional()
    .describe('One or several, separated by commas'),
  rule: z.string().optional(),
  kind: z.enum(['detection', 'health']).optional(),
  status: z.enum(['open', 'closed', 'merged']).optional(),
  entity: z.string().optional().describe('A user, address or host of the alert, exactly'),
})

export const alertsReply = z.object({ items: z.array(alertV1), next: z.string().optional() })

const position = z.object({ source: z.string(), partition: z.string(), at: z.string(), index: z.number() })

/** One line of `GET /v1/alerts/{id}/evidence`: a member, with its record where it was kept. */
export const evidenceLine = z.object({
  eventId: z.string(),
  dataset: z.string(),
  position,
  sha256: z.string().optional(),
  /** The provider's bytes, base64; absent for members of which only the position is left, and where an earlier line had them. */
  bytes: z.string().optional(),
  absent: z
    .enum(['retention', 'not-found', 'unsupported', 'unreachable', 'bound'])
    .optional()
    .describe(
      'Why there are no bytes. `retention`: hub, blob or file no longer has them. `not-found`: something else stands ' +
        'at the position now. `unsupported`: the source cannot be read twice. `unreachable`: it could not be asked. ' +
        '`bound`: the time for one request was over.',
    ),
})

/** `GET /v1/alerts/{id}/evidence/size`: what the evidence would be, before it is asked for. */
export const evidenceSize = z.object({
  members: z.number().describe('Events behind the alert'),
  records: z.number().describe('Records kept with it'),
  bytes: z.number().describe('Their bytes'),
  lacking: z.number().describe('Members without a record here; each has to be fetched again'),
  bytesExpected: z
    .number()
    .describe('With the lacking ones at the mean of the kept; before base64 and compression'),
})

/** Query of `GET /v1/audit`. */
export const auditQuery = z.object(page)

/** Requests for evidence, newest first. */
export const auditReply = z.object({
  items: z.array(
    z.object({
      at: time,
      caller: z.string().describe('Name of the token'),
      role: z.string(),
      remote: z.string().describe('Address from which it was asked'),
      alert: z.string(),
      outcome: z
        .enum(['begun', 'served', 'broken-off', 'failed'])
        .describe('`begun` is under way, or was when the aggregator was killed'),
      ended: time.optional(),
      records: z.number(),
      recordBytes: z.number().describe('Bytes of the records, before base64 and compression'),
      sentBytes: z.number().describe('Bytes of the reply, packed, without headers'),
    }),
  ),
  next: z.string().optional(),
})

/** Query of `GET /v1/quarantine`. */
export const quarantineQuery = z.object(page)

/** A page of quarantine, newest first; large records make it shorter than its limit. */
export const quarantineReply = z.object({
  items: z.array(
    z.object({
      position,
      reason: z.string(),
      bytes: z.string().describe('All of it as it came, base64'),
    }),
  ),
  next: z.string().optional(),
})

/** Query of `GET /v1/canaries`. */
export const canariesQuery = z.object({
  limit: page.limit,
  id: z.string().optional().describe('Only the canary of this id'),
})

/** Canaries that came, newest first. A stage that was not reached has no time. */
export const canariesReply = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      source: z.string(),
      planted: time.describe('By the clock of who planted it'),
      arrived: time.describe('By the clock of the service that delivered it'),
      committed: time.describe('When its alert was on disk'),
      alert: z.string().optional().describe('Absent where no rule that is loaded looks for canaries'),
      shipped: z.boolean().describe('False where its alert is not in the feed, as of a rule in shadow mode'),
      forwarders: z.array(
        z.object({
          name: z.string(),
          filtered: z.boolean().describe("The forwarder's filter holds it back"),
          fetched: time.optional(),
          outputs: z.array(z.object({ output: z.string(), acknowledged: time.optional() })),
        }),
      ),
    }),
  ),
})

/** Body of `POST /v1/records`. */
export const recordsRequest = z.object({
  records: z
    .array(
      z.object({
        dataset: z.string().describe('As docs/fields.md names it'),
        bytes: z.base64().describe('One JSON record as its provider wrote it, base64'),
      }),
    )
    .min(1)
    .max(1000),
})

export const recordsReply = z.object({ records: z.number().describe('How many are on disk') })

export const rulesReply = z.object({
  hash: z.string(),
  loadedAt: time,
  /** Why the files on disk are not in force, if they are not. */
  refused: z.array(z.string()),
  rules: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      severity,
      datasets: z.array(z.string()),
      attack: z.array(z.string()),
      correlation: z.string().optional(),
      mode: z.string(),
      alert: z.boolean(),
      file: z.string(),
    }),
  ),
})

export const sourcesReply = z.object({
  sources: z.array(
    z.object({
      name: z.string(),
      read: z.number(),
      normalized: z.number(),
      duplicates: z.number(),
      dropped: z.number(),
      droppedBy: z.record(z.string(), z.number()).describe('Records dropped, by the name of the filter'),
      quarantined: z.number(),
      events: z.number(),
      rawBytes: z.number(),
      lastCommit: time.optional(),
      partitions: z.array(
        z.object({
          partition: z.string(),
          state: z.enum(['unknown', 'caught-up', 'lagging', 'cut-off']),
          clock: time.optional(),
          behind: z.number().optional(),
          datasets: z.array(z.string()),
          reason: z.string().optional(),
        }),
      ),
    }),
  ),
})

const day = z.iso.date().describe('A day of UTC, such as 2026-03-01')
const bytes = z.number()

/** Query of `GET /v1/ledger`: the days that it lists, both included; today when it says nothing. */
export const ledgerQuery = z.object({ from: day.optional(), to: day.optional() })

/** TCP payload both ways: headers, compression and TLS are in it. `received` and `sent` are the aggregator's. */
const linkBytes = { received: bytes, sent: bytes }

const linkDay = z.object({
  day,
  caller: z.string().describe('Name of the token; empty for connections over which none came'),
  forwarder: z.boolean().describe('A forwarder that is registered now'),
  ...linkBytes,
  feedBytes: bytes.describe('Of what was sent: pages of the feed, before compression'),
  feedPackedBytes: bytes.describe('The same after compression, without headers and TLS'),
  evidenceBytes: bytes.describe('Of what was sent: answers with evidence, after compression'),
  breaks: z.number().describe('Connections that ended in an error or amid an answer'),
  own: z.object(linkBytes).optional().describe('What the forwarder counted itself, as it last said'),
})

export const ledgerReply = z.object({
  rawBytes: z.number().describe('Decompressed bytes read from all sources, ever'),
  records: z.number(),
  from: day,
  to: day,
  link: z
    .object({ bytes, rawBytes: bytes, share: z.number().optional() })
    .describe('From `from` to `to`: what crossed both ways, what was read, and the one over the other'),
  sources: z.array(z.object({ source: z.string(), records: z.number(), rawBytes: bytes })).describe('Ever'),
  rawDays: z.array(z.object({ day, source: z.string(), rawBytes: bytes, records: z.number() })),
  linkDays: z.array(linkDay),
  rules: z.array(
    z.object({
      rule: z.string(),
      matches: z.number(),
      errors: z.number(),
      skipped: z.number(),
      alerts: z.number(),
      revisions: z.number(),
      alertBytes: z.number(),
      shadowAlerts: z
        .number()
        .describe('Alerts that the rule would have put into the feed; it was in shadow mode'),
      shadowRevisions: z.number(),
      shadowBytes: z.number(),
    }),
  ),
  forwarders: z.array(
    z.object({
      name: z.string(),
      lastSeen: time.optional(),
      lanes: z.record(z.string(), z.object({ head: z.number(), spooled: z.number() })),
      delivered: z.record(z.string(), z.record(z.string(), z.number())),
      budget: z
        .object({ bytesMax: bytes, bytesLeft: bytes, resets: time })
        .optional()
        .describe('Of today, where `link.maxBytesPerDay` is set'),
    }),
  ),
})

/** `GET /v1/health`: the only thing served without a token, and it tells no secrets. */
export const healthReply = z.object({
  status: z.enum(['ok', 'degraded']),
  version: z.string(),
  uptimeSeconds: z.number(),
  /** Health conditions raised now: code and subject. */
  raised: z.array(z.object({ code: z.string(), subject: z.string(), since: time })),
  /** Work in hand: nothing is lost if it stops now, but it is not done yet. */
  pending: z.object({ queued: z.number(), unsentRevisions: z.number(), openEpisodes: z.number() }),
})

/** `GET /v1/me`: who the caller is, by what, and when that ends. */
export const callerReply = z.object({
  name: z.string(),
  role: z.enum(['reader', 'forwarder', 'admin']),
  by: z.enum(['token', 'certificate', 'token and certificate']),
  ends: time.optional(),
})

export type CallerReply = z.infer<typeof callerReply>
export type AlertsQuery = z.input<typeof alertsQuery>
export type AlertsReply = z.infer<typeof alertsReply>
export type EvidenceSize = z.infer<typeof evidenceSize>
export type AuditQuery = z.input<typeof auditQuery>
export type AuditReply = z.infer<typeof auditReply>
export type EvidenceLine = z.infer<typeof evidenceLine>
export type QuarantineQuery = z.input<typeof quarantineQuery>
export type CanariesQuery = z.input<typeof canariesQuery>
export type CanariesReply = z.infer<typeof canariesReply>
export type RecordsRequest = z.infer<typeof recordsRequest>
export type RecordsReply = z.infer<typeof recordsReply>
export type QuarantineReply = z.infer<typeof quarantineReply>
export type RulesReply = z.infer<typeof rulesReply>
export type SourcesReply = z.infer<typeof sourcesReply>
export type LedgerQuery = z.input<typeof ledgerQuery>
export type LedgerReply = z.infer<typeof ledgerReply>
export type HealthReply = z.infer<typeof healthReply>
