import { BLOB_BOUNDS, type BlobConfig, blobSource, checkBlobs } from '@weir/ingest'
import { DATASETS } from '@weir/normalize'
import { z } from 'zod'
import { defined, emulator, identity, name, once, pause, TWICE } from '../config-parts.ts'
import { sourceType } from './source-type.ts'

const schema = z.strictObject({
  type: z.literal('blobs'),
  name,
  auth: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('entra'), accountUrl: z.url(), ...identity }),
    emulator,
  ]),
  containers: z
    .array(
      z.strictObject({
        container: z.string().min(3).max(63),
        kind: z.enum(['append', 'flow', 'storage-analytics', 'capture', 'files']),
        prefixes: z.array(z.string()).optional(),
        /** `{EventHub}/{Year}/{Month}/{Day}/`: where the date stands in the names. */
        pattern: z.string().optional(),
        dataset: z
          .string()
          .refine((name) => DATASETS.has(name), {
            error: `a dataset is one of ${[...DATASETS.keys()].join(', ')}`,
          })
          .optional(),
      }),
    )
    .min(1)
    .refine((list) => once(list.map(({ container }) => container)), TWICE),
  /** The storage queue in which Event Grid tells of new blobs. */
  notify: z.strictObject({ queueUrl: z.url() }).optional(),
  pollEvery: pause.optional(),
  /** The same where the queue tells of new blobs. */
  pollNotifiedEvery: pause.optional(),
  /** Pause between two looks at every hour back to `hoursBack`. */
  recheckEvery: pause.optional(),
  discoverEvery: pause.optional(),
  hoursFirst: z.int().min(0).max(8784).optional(),
  hoursBack: z.int().min(1).max(8784).optional(),
})

export const BLOBS = sourceType({
  schema,
  open: (config, deps) => blobSource(settingsOf(config), deps),
  check: (config, clock) => checkBlobs(settingsOf(config), clock),
})

/** With the defaults of what the configuration leaves out. */
function settingsOf(config: z.output<typeof schema>): BlobConfig {
  const {
    type: _,
    pollEvery,
    pollNotifiedEvery,
    recheckEvery,
    discoverEvery,
    hoursFirst,
    hoursBack,
    ...rest
  } = config
  const given = defined({
    pollMs: pollEvery,
    pollNotifiedMs: pollNotifiedEvery,
    recheckMs: recheckEvery,
    discoverMs: discoverEvery,
    hoursFirst,
    hoursBack,
  })
  return { ...BLOB_BOUNDS, ...rest, ...given }
}
