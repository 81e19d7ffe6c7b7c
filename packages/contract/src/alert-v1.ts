import { z } from 'zod'

/** How grave an alert is. */
export const severity = z.enum(['informational', 'low', 'medium', 'high', 'critical'])

const object = z.record(z.string(), z.json())

const position = z.object({
  source: z.string(),
  partition: z.string(),
  at: z.string(),
  index: z.int().nonnegative(),
})

const alertEvent = z.object({
  id: z.string().describe("The provider's id of the event, verbatim; a hash where it gives none"),
  dataset: z.string(),
  time: z.iso.datetime({ offset: true }),
  position,
})

const weirAlert = z.object({
  id: z.string().max(40).describe('Stable across revisions; every output carries it'),
  revision: z.int().positive().describe('A higher one is a whole snapshot that replaces lower ones'),
  kind: z.enum(['detection', 'health']),
  status: z.enum(['open', 'closed', 'merged']),
  severity,
  count: z.int().nonnegative().describe('Members, all of them'),
  first: z.iso.datetime({ offset: true }),
  last: z.iso.datetime({ offset: true }),
  group: object,
  events: z.array(alertEvent).describe('First and last members up to a bound'),
  late_by_ms: z.number().nonnegative(),
  merged_into: z.string().optional().describe('The alert that this one was joined to'),
})

/** An alert on the wire: an ECS document; what ECS lacks stands under `weir`. */
export const alertV1 = z.object({
  '@timestamp': z.iso.datetime({ offset: true }),
  ecs: z.object({ version: z.string() }),
  message: z.string(),
  event: z.object({
    kind: z.literal('alert'),
    id: z.string(),
    dataset: z.string(),
    module: z.literal('weir'),
    provider: z.string(),
    severity: z.number(),
    category: z.array(z.string()).optional(),
    type: z.array(z.string()).optional(),
    action: z.string().optional(),
    outcome: z.string().optional(),
    created: z.iso.datetime({ offset: true }),
    start: z.iso.datetime({ offset: true }),
    end: z.iso.datetime({ offset: true }),
  }),
  rule: z.object({
    id: z.string(),
    name: z.string(),
    description: z.string().optional(),
    reference: z.string().optional(),
    category: z.string().optional(),
    version: z.string().optional(),
  }),
  threat: object.optional(),
  related: object.optional(),
  source: object.optional(),
  destination: object.optional(),
  user: object.optional(),
  cloud: object.optional(),
  user_agent: object.optional(),
  tags: z.array(z.string()).optional(),
  observer: z.object({ vendor: z.literal('Weir'), product: z.literal('Weir'), version: z.string() }),
  weir: z.object({ alert: weirAlert, remedy: z.string().optional() }),
})

export type AlertV1 = z.infer<typeof alertV1>
export type Severity = z.infer<typeof severity>
