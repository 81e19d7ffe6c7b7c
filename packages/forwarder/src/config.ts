import { duration, path, readConfig, secret, size, url, urlOrSecret } from '@weir/runtime'
import { z } from 'zod'
import { name, tls, WHOLE_PAIR } from './config-parts.ts'
import { type OutputConfig, outputSchema } from './outputs.ts'

const aggregator = z
  .strictObject({
    name,
    url,
    /** Not needed where the aggregator knows us by our certificate. */
    token: secret.optional(),
    /** An HTTP proxy on the way there; by reference where it carries a name and a password. */
    proxy: urlOrSecret
      .refine((given) => given.reveal().startsWith('http:'), { error: 'a proxy is spoken to over http://' })
      .optional(),
    ...tls,
  })
  .refine(...WHOLE_PAIR)
  .refine((one) => one.token !== undefined || (one.cert !== undefined && one.url.startsWith('https:')), {
    error: 'give a "token", or for https "cert" and "key" by which the aggregator knows us',
  })

export const forwarderConfig = z.strictObject({
  /** Where alerts are fetched, say one of each region. */
  aggregators: z
    .array(aggregator)
    .min(1, 'at least one aggregator')
    .refine(...namesDiffer('aggregators')),
  spool: z.strictObject({
    path,
    /** Bytes of undelivered alerts. */
    bytesMax: size.default(10e9),
    /**
     * What is done at that size: pulling pauses, and nothing is lost while the aggregator has room; or the oldest
     * bulk entries are closed, so that what is new still comes. Either is told, and raises `spool-bound`.
     */
    whenFull: z.enum(['pause', 'close-oldest']).default('pause'),
    /**
     * How long an acknowledged alert is remembered, so that it is not sent again when the feed starts
     * over.
     */
    rememberFor: duration.default(30 * 86_400_000),
  }),
  outputs: z
    .array(outputSchema)
    .min(1, 'at least one output')
    .refine(...namesDiffer('outputs'))
    .refine(...filesDiffer()),
  watch: z
    .strictObject({
      /** An output that has failed for this long is told to the aggregator, which raises `output-refused`. */
      outputStuckSecondsMax: z.number().positive().default(60),
      /** Nothing from an aggregator for so long is a health alert of our own, `link-down`, into our own outputs. */
      linkDownSecondsMax: z.number().min(60, 'at least 60: a poll alone waits 30').default(900),
      /** Of the disk of the spool; told to the aggregator, which raises `disk-low`. */
      diskFreeBytesMin: size.default(2e9),
    })
    .prefault({}),
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']).default('info') }).prefault({}),
})

export type ForwarderConfig = z.output<typeof forwarderConfig>

export type AggregatorConfig = z.output<typeof aggregator>

/** Reads a configuration file; throws `WeirError` with every mistake in it. */
export function readForwarderConfig(
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
): ForwarderConfig {
  return readConfig(file, forwarderConfig, environment)
}

/** Where the spool of a configuration is, without its secrets being at hand. Throws the same. */
export function readSpoolPath(file: string): string {
  return readConfig(file, z.object({ spool: z.object({ path }) }), {}).spool.path
}

/** For `refine`: what is told and remembered by name must not be two things. */
function namesDiffer(what: string) {
  return [
    (list: readonly { readonly name: string }[]): boolean =>
      new Set(list.map((each) => each.name)).size === list.length,
    { error: `two ${what} have the same name` },
  ] as const
}

/** For `refine`: each would cut what the other is in the middle of writing. */
function filesDiffer() {
  return [
    (list: readonly OutputConfig[]): boolean => {
      const paths = list.flatMap((each) => (each.type === 'file' ? [each.path] : []))
      return new Set(paths).size === paths.length
    },
    { error: 'two outputs write to the same file' },
  ] as const
}
