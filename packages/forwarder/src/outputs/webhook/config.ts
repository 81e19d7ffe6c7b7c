import { headerName, headers, secret, template, urlOrSecret } from '@weir/runtime'
import { z } from 'zod'
import { COMMON, tls, WHOLE_PAIR } from '../../config-parts.ts'
import { jsonFormat } from '../../formats/json-format.ts'

export const webhookConfig = z
  .strictObject({
    type: z.literal('webhook'),
    ...COMMON,
    url: urlOrSecret,
    method: z.enum(['POST', 'PUT']).default('POST'),
    headers: headers.default({}),
    format: jsonFormat.default('ecs'),
    body: template.optional(),
    idempotencyHeader: headerName.default('idempotency-key'),
    sign: z.strictObject({ secret, header: headerName.default('x-weir-signature') }).optional(),
    compression: z.enum(['none', 'gzip']).default('none'),
    revisions: z.enum(['all', 'first', 'first-and-last']).default('all'),
    /** Statuses beside 2xx that mean that the receiver has it, such as 409. */
    takenStatus: z.array(z.int().min(400).max(499)).default([]),
    proxy: urlOrSecret.optional(),
    ...tls,
  })
  .refine(...WHOLE_PAIR)

export type WebhookConfig = z.output<typeof webhookConfig>
