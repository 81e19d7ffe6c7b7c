import { secret, url } from '@weir/runtime'
import { z } from 'zod'
import { COMMON, tls, WHOLE_PAIR } from '../../config-parts.ts'

/** What Elasticsearch and OpenSearch both take for the name of an index, an alias or a data stream. */
const target = z
  .string()
  .regex(
    /^[a-z0-9.][a-z0-9._-]{0,254}$/,
    '1 to 255 lower-case letters, digits, dots, dashes or underscores, not beginning with a dash or underscore',
  )

export const elasticConfig = z
  .strictObject({
    type: z.literal('elastic'),
    ...COMMON,
    url,
    /** Or the alias of one. */
    index: z.optional(target),
    dataStream: z.optional(target),
    apiKey: secret.optional(),
    user: z.string().min(1).optional(),
    password: secret.optional(),
    pipeline: z.string().min(1).optional(),
    requireAlias: z.boolean().default(false),
    ...tls,
  })
  .refine(...WHOLE_PAIR)
  .refine(({ index, dataStream }) => (index === undefined) !== (dataStream === undefined), {
    error: 'either "index" or "dataStream"',
  })
  .refine(({ user, password }) => (user === undefined) === (password === undefined), {
    error: '"user" and "password" go together',
  })
  .refine(({ user, apiKey }) => user === undefined || apiKey === undefined, {
    error: 'either "apiKey" or "user" and "password"',
  })
  .refine(({ dataStream, requireAlias }) => dataStream === undefined || !requireAlias, {
    error: '"requireAlias" is for "index": a data stream is no alias',
  })

export type ElasticConfig = z.output<typeof elasticConfig>
