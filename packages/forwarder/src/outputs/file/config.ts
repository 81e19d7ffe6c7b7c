import { path, size } from '@weir/runtime'
import { z } from 'zod'
import { COMMON } from '../../config-parts.ts'
import { jsonFormat } from '../../formats/json-format.ts'

export const fileConfig = z.strictObject({
  type: z.literal('file'),
  ...COMMON,
  path,
  format: jsonFormat.default('ecs'),
  rotateBytes: size.default(100e6),
  /** Older files that stay beside the current one. */
  keep: z.int().min(1).max(1000).default(10),
})

export type FileConfig = z.output<typeof fileConfig>
