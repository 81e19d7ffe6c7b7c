import { checkS3, S3_BOUNDS, type S3Config, s3Source } from '@weir/ingest'
import { duration, size } from '@weir/runtime'
import { z } from 'zod'
import { defined, name, pause } from '../config-parts.ts'
import { aws } from './aws-place.ts'
import { sourceType } from './source-type.ts'

const queue = z.strictObject({ kind: z.literal('queue'), url: z.url(), endpoint: z.url().optional() })

const listing = z.strictObject({
  kind: z.literal('listing'),
  bucket: z.string().min(3).max(63),
  /** What stands before `AWSLogs/`. */
  prefix: z.string().regex(/\/$/, 'a prefix ends in a slash').optional(),
  service: z.string().min(1).default('CloudTrail'),
  /** Folders of days in place of `AWSLogs/`. */
  days: z
    .string()
    .regex(/^[^{}]*\{yyyy\}[^{}]*\{mm\}[^{}]*\{dd\}[^{}]*\/$/, 'write export/{yyyy}/{mm}/{dd}/')
    .optional(),
})

const schema = z.strictObject({
  type: z.literal('s3'),
  name,
  ...aws,
  from: z.discriminatedUnion('kind', [queue, listing]),
  /** Only objects whose keys begin so are read. */
  keys: z.string().optional(),
  dataset: z.string().optional(),
  pollEvery: pause.optional(),
  recheckEvery: pause.optional(),
  discoverEvery: pause.optional(),
  daysFirst: z.int().min(0).max(366).optional(),
  daysBack: z.int().min(1).max(31).optional(),
  overlap: duration.optional(),
  visibility: duration.optional(),
  receivesMax: z.int().min(1).max(1000).optional(),
  rememberDays: z.int().min(1).max(31).optional(),
  bytesInFlightMax: size.optional(),
})

export const S3 = sourceType({
  schema,
  open: (config, deps) => s3Source(settingsOf(config), deps),
  check: (config, clock) => checkS3(settingsOf(config), clock),
})

/** With the defaults of what the configuration leaves out. */
function settingsOf(config: z.output<typeof schema>): S3Config {
  const { name: source, region, profile, endpoint, from, keys, dataset } = config
  const { pollEvery, recheckEvery, discoverEvery, overlap, visibility } = config
  const { daysFirst, daysBack, receivesMax, rememberDays, bytesInFlightMax } = config
  const given = defined({
    endpoint,
    keys,
    dataset,
    pollMs: pollEvery,
    recheckMs: recheckEvery,
    discoverMs: discoverEvery,
    overlapMs: overlap,
    visibilityMs: visibility,
    daysFirst,
    daysBack,
    receivesMax,
    rememberDays,
    bytesInFlightMax,
  })
  return { ...S3_BOUNDS, name: source, place: { region, ...defined({ profile }) }, from, ...given }
}
