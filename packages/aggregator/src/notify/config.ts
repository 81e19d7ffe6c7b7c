import { HEALTH, type HealthCode } from '@weir/model'
import { duration, headers, path, receiverUrlOrSecret, template, urlOrSecret } from '@weir/runtime'
import { z } from 'zod'
import { name } from '../config-parts.ts'

const code = z.enum(['*', ...(Object.keys(HEALTH) as HealthCode[])], {
  error: 'a code of docs/health.md, or "*" for all of them',
})

/** A webhook for health alerts, which works without link and forwarder. */
const notifier = z.strictObject({
  name,
  url: receiverUrlOrSecret,
  method: z.enum(['POST', 'PUT']).default('POST'),
  headers: headers.default({}),
  /** Without one, the few members that tell what is wrong. */
  body: template.optional(),
  codes: z.array(code).min(1).default(['*']),
  severities: z.array(z.enum(['informational', 'low', 'medium', 'high', 'critical'])).optional(),
  /** Between two requests; what arises meanwhile waits. */
  minInterval: duration.default(1000),
  /** An HTTP proxy on the way there; by reference where it carries a name and a password. */
  proxy: urlOrSecret.optional(),
  ca: path.optional(),
})

export const notifiers = z
  .array(notifier)
  .refine((all) => new Set(all.map((one) => one.name)).size === all.length, {
    error: 'two webhooks have the same name',
  })
  .default([])

export type NotifierConfig = z.output<typeof notifier>
