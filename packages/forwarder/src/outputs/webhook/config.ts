import { secret, template } from '@weir/runtime'
import { z } from 'zod'
import { COMMON, tls, urlOrSecret, WHOLE_PAIR } from '../../config-parts.ts'
import { jsonFormat } from '../../formats/json-format.ts'

/** RFC 9110's token. */
const headerName = z.string().regex(/^[!#$%&'*+.^`|~\w-]{1,100}$/, 'no name of a header')

/** Set by what carries the request; another value would break it. */
const OWN_HEADERS = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'expect',
  'host',
  'proxy-authorization',
  'te',
  'transfer-encoding',
  'upgrade',
])

const headers = z
  .record(headerName, z.union([z.string().regex(/^[ -~]*$/, 'printable ASCII characters'), secret]))
  .refine((given) => Object.keys(given).every((name) => !OWN_HEADERS.has(name.toLowerCase())), {
    error: `these headers are not yours to set: ${[...OWN_HEADERS].join(', ')}`,
  })

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
