import { path, secret, url } from '@weir/runtime'
import { z } from 'zod'
import { COMMON } from '../../config-parts.ts'
import { jsonFormat } from '../../formats/json-format.ts'

export const hecConfig = z.strictObject({
  type: z.literal('hec'),
  ...COMMON,
  url,
  token: secret,
  index: z.string().optional(),
  sourcetype: z.string().default('weir:alert'),
  host: z.string().default('weir'),
  format: jsonFormat.default('ecs'),
  ack: z.boolean().default(false),
  ca: path.optional(),
})

export type HecConfig = z.output<typeof hecConfig>
