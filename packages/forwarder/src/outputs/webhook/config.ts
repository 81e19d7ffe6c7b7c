import {
  headerName,
  headers,
  OWN_HEADERS,
  receiverUrlOrSecret,
  secret,
  template,
  urlOrSecret,
} from '@weir/runtime'
import { z } from 'zod'
import { COMMON, tls, WHOLE_PAIR } from '../../config-parts.ts'
import { jsonFormat } from '../../formats/json-format.ts'

export const webhookConfig = z
  .strictObject({
    type: z.literal('webhook'),
    ...COMMON,
    url: receiverUrlOrSecret,
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
  .refine(namesDiffer, {
    error:
      '"idempotencyHeader", "sign.header" and the "headers" are different headers, and none that a request has anyway',
  })

/** One of two that are the same would be lost, or both would be sent. */
function namesDiffer({
  headers: given,
  idempotencyHeader,
  sign,
}: {
  readonly headers: Readonly<Record<string, unknown>>
  readonly idempotencyHeader: string
  readonly sign?: { readonly header: string } | undefined
}): boolean {
  const ours = [idempotencyHeader, ...(sign === undefined ? [] : [sign.header])]
  const names = [...Object.keys(given), ...ours].map((name) => name.toLowerCase())
  return new Set(names).size === names.length && !ours.some((name) => OWN_HEADERS.has(name.toLowerCase()))
}

export type WebhookConfig = z.output<typeof webhookConfig>
