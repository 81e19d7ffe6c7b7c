import { duration, path, readConfig, secret, size } from '@weir/runtime'
import { z } from 'zod'

const port = z.int().min(1).max(65_535)
const name = z
  .string()
  .regex(/^[\w.-]{1,64}$/, 'a name has 1 to 64 letters, digits, dots, dashes or underscores')
const printable = (charactersMax: number) =>
  z
    .string()
    .regex(new RegExp(`^[!-~]{1,${charactersMax}}$`), `1 to ${charactersMax} printable ASCII characters`)
const url = z.url({ protocol: /^https?$/, error: 'a URL that begins with http:// or https://' })

/** Whom to trust and who we are, as PEM files. */
const tls = {
  ca: path.optional(),
  cert: path.optional(),
  key: path.optional(),
  servername: z.string().optional(),
}

const syslog = z
  .strictObject({
    type: z.literal('syslog'),
    name,
    host: z.string().min(1),
    port,
    transport: z.enum(['tls', 'tcp']).default('tls'),
    framing: z.enum(['octet', 'lf']).default('octet'),
    ...tls,
    /** A constant on purpose: some SIEMs take the header's host for the log source. */
    hostname: printable(255).default('weir'),
    appName: printable(48).default('weir'),
    facility: z.int().min(0).max(23).default(16),
    sizeMax: size.pipe(z.number().min(2048, 'at least 2048 bytes')).default(8000),
  })
  .refine(...pair())

const hec = z.strictObject({
  type: z.literal('hec'),
  name,
  url,
  token: secret,
  index: z.string().optional(),
  sourcetype: z.string().default('weir:alert'),
  host: z.string().default('weir'),
  ack: z.boolean().default(false),
  ca: path.optional(),
})

const file = z.strictObject({
  type: z.literal('file'),
  name,
  path,
  rotateBytes: size.default(100e6),
  /** Older files that stay beside the current one. */
  keep: z.int().min(1).max(1000).default(10),
})

const aggregator = z.strictObject({ url, token: secret, ...tls }).refine(...pair())

export const forwarderConfig = z.strictObject({
  aggregator,
  spool: z.strictObject({
    path,
    /** Bytes of undelivered alerts; at that size pulling pauses, and nothing is dropped. */
    bytesMax: size.default(10e9),
    /**
     * How long an acknowledged alert is remembered, so that it is not sent again when the feed starts
     * over.
     */
    rememberFor: duration.default(30 * 86_400_000),
  }),
  outputs: z
    .array(z.discriminatedUnion('type', [syslog, hec, file]))
    .min(1, 'at least one output')
    .refine((outputs) => new Set(outputs.map((output) => output.name)).size === outputs.length, {
      error: 'two outputs have the same name',
    }),
  watch: z
    .strictObject({
      /** An output that has failed for this long is told to the aggregator, which raises `output-refused`. */
      outputStuckSecondsMax: z.number().positive().default(60),
    })
    .prefault({}),
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']).default('info') }).prefault({}),
})

export type ForwarderConfig = z.output<typeof forwarderConfig>
export type OutputConfig = ForwarderConfig['outputs'][number]
export type SyslogConfig = Extract<OutputConfig, { type: 'syslog' }>
export type HecConfig = Extract<OutputConfig, { type: 'hec' }>
export type FileConfig = Extract<OutputConfig, { type: 'file' }>

/** Reads a configuration file; throws `WeirError` with every mistake in it. */
export function readForwarderConfig(
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
): ForwarderConfig {
  return readConfig(file, forwarderConfig, environment)
}

function pair() {
  const whole = (of: { readonly cert?: string | undefined; readonly key?: string | undefined }): boolean =>
    (of.cert === undefined) === (of.key === undefined)
  return [whole, { error: '"cert" and "key" go together' }] as const
}
