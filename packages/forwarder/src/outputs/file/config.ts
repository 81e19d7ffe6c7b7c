import { duration, path, size } from '@weir/runtime'
import { z } from 'zod'
import { COMMON } from '../../config-parts.ts'
import { jsonFormat } from '../../formats/json-format.ts'

/** Permissions as `chmod` takes them. */
const mode = z
  .string()
  .regex(/^0?[0-7]{3}$/, 'permissions in octal, such as "0640"')
  .transform((text) => Number.parseInt(text, 8))

export const fileConfig = z.strictObject({
  type: z.literal('file'),
  ...COMMON,
  path,
  format: jsonFormat.default('ecs'),
  rotateBytes: size.default(100e6),
  /** Periods are counted from 1970, so that days begin at midnight UTC. */
  rotateEvery: duration.pipe(z.number().min(60_000, 'at least "1m"')).optional(),
  /** Older files that stay beside the current one. */
  keep: z.int().min(1).max(1000).default(10),
  compression: z.enum(['none', 'gzip', 'zstd']).default('none'),
  mode: mode.default(0o640),
})

export type FileConfig = z.output<typeof fileConfig>
