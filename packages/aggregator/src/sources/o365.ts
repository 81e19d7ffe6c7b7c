import { checkO365, O365_BOUNDS, type O365Config, o365Source } from '@weir/ingest'
import { duration, size } from '@weir/runtime'
import { z } from 'zod'
import { defined, identity, name, once, pause, TWICE } from '../config-parts.ts'
import { sourceType } from './source-type.ts'

const DAY_MS = 86_400_000
const week = duration.refine((ms) => ms <= 7 * DAY_MS, { error: 'at most "7d": the service lists no more' })

const schema = z.strictObject({
  type: z.literal('o365'),
  name,
  auth: z.strictObject({ kind: z.literal('entra'), ...identity }),
  tenantId: z.guid(),
  root: z.url().default('https://manage.office.com'),
  scope: z.string().min(1).optional(),
  publisherId: z.guid().optional(),
  contentTypes: z
    .array(
      z.enum([
        'Audit.AzureActiveDirectory',
        'Audit.Exchange',
        'Audit.SharePoint',
        'Audit.General',
        'DLP.All',
      ]),
    )
    .min(1)
    .refine(once, TWICE)
    .default(['Audit.AzureActiveDirectory', 'Audit.Exchange', 'Audit.SharePoint', 'Audit.General']),
  pollEvery: pause.optional(),
  overlap: week.optional(),
  first: week.optional(),
  window: duration
    .refine((ms) => ms >= 1_000 && ms <= DAY_MS, {
      error: 'from "1s" to "24h", the longest that the service lists',
    })
    .optional(),
  parallelMax: z.int().min(1).max(32).optional(),
  requestsPerSecondMax: z.number().positive().optional(),
  seenContentsMax: z.int().positive().optional(),
  retryFirst: pause.optional(),
  retryHopeless: pause.optional(),
  bytesInFlightMax: size.optional(),
})

export const O365 = sourceType({
  schema,
  open: (config, deps) => o365Source(settingsOf(config), deps),
  check: (config, clock) => checkO365(settingsOf(config), clock),
})

/** With the defaults of what the configuration leaves out. */
function settingsOf(config: z.output<typeof schema>): O365Config {
  const { type: _, pollEvery, overlap, first, window, retryFirst, retryHopeless, ...others } = config
  const { parallelMax, requestsPerSecondMax, seenContentsMax, bytesInFlightMax, ...rest } = others
  const times = { pollMs: pollEvery, overlapMs: overlap, firstMs: first, windowMs: window }
  const retries = { retryMsFirst: retryFirst, hopelessRetryMs: retryHopeless }
  const bounds = { parallelMax, requestsPerSecondMax, seenContentsMax, bytesInFlightMax }
  return { ...O365_BOUNDS, ...rest, ...defined({ ...times, ...retries, ...bounds }) }
}
