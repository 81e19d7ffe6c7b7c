import { randomUUID } from 'node:crypto'
import type { Server } from 'node:net'
import { DATASETS } from '@weir/normalize'
import { duration, secret, size } from '@weir/runtime'
import { z } from 'zod'
import { hashToken } from '../bearer.ts'
import { defined, hasOneSecret, name, ONE_SECRET, tlsFiles, tokenSecret } from '../config-parts.ts'
import { checkPush } from '../push/check.ts'
import {
  INGEST_BODY_BYTES_MAX,
  type IngestSettings,
  type LogsIngestionSettings,
  PUSH_BOUNDS,
  type PushSettings,
} from '../push/settings.ts'
import { keyOf } from '../push/shared-key.ts'
import { pushSource } from '../push/source.ts'
import { freshTokens } from '../refresh.ts'
import { FreshTls, freshCertificate } from '../tls.ts'
import { sourceType } from './source-type.ts'

const dataset = z.string().refine((one) => DATASETS.has(one), {
  error: ({ input }) => `there is no dataset "${input}"; there are ${[...DATASETS.keys()].join(', ')}`,
})

const dataCollector = z.strictObject({
  workspaceId: z.guid(),
  /** Primary and secondary key. */
  keys: z.array(secret).min(1).max(2),
  logTypes: z.record(z.string(), dataset).default({}),
  /** For every Log-Type that `logTypes` does not name. */
  dataset: dataset.default('generic'),
})

const logsIngestion = z.strictObject({
  tenantId: z.guid(),
  cloud: z.enum(['public', 'us-government', 'china']).default('public'),
  /** Application or object ids that may send. */
  clients: z.array(z.guid()).min(1),
  /** Dataset by stream, by immutable id of a data collection rule. */
  rules: z.record(z.string(), z.record(z.string(), dataset)),
  keysUrl: z
    .url()
    .refine(isLoopback, 'keys come from the tenant; another address only on this machine')
    .optional(),
})

const ingest = z.strictObject({
  tokens: z
    .array(
      z
        .strictObject({ name, datasets: z.array(dataset).min(1).optional(), ...tokenSecret })
        .refine(hasOneSecret, { error: ONE_SECRET }),
    )
    .min(1),
  bodyBytesMax: size.optional(),
})

const schema = z
  .strictObject({
    type: z.literal('push'),
    name,
    host: z.string().default('127.0.0.1'),
    port: z.int().min(0).max(65_535).default(8444),
    tls: tlsFiles.optional(),
    dataCollector: dataCollector.optional(),
    logsIngestion: logsIngestion.optional(),
    ingest: ingest.optional(),
    bytesWaitingMax: size.optional(),
    requestsWaitingMax: z.int().positive().optional(),
    bodyTimeMax: duration.optional(),
    answerTimeMax: duration.optional(),
    rememberFor: duration.optional(),
  })
  .refine((one) => [one.dataCollector, one.logsIngestion, one.ingest].some((way) => way !== undefined), {
    error: 'give at least one of "dataCollector", "logsIngestion" and "ingest": nothing else is served',
  })

type Config = z.output<typeof schema>

export const PUSH = sourceType({
  schema,
  open: (config, { clock, report }) =>
    pushSource(settingsOf(config), { clock, report, newId: () => randomUUID() }),
  check: (config, clock) =>
    checkPush({ ...config, logsIngestion: logsIngestionOf(config.logsIngestion) }, clock),
})

/** With the defaults of what the configuration leaves out, certificates read and secrets revealed. */
function settingsOf(config: Config): PushSettings {
  const given = defined({
    bytesWaitingMax: config.bytesWaitingMax,
    requestsWaitingMax: config.requestsWaitingMax,
    bodyMsMax: config.bodyTimeMax,
    answerMsMax: config.answerTimeMax,
    rememberMs: config.rememberFor,
  })
  const tls = config.tls && new FreshTls(config.tls)
  const ways = defined({
    tls: tls?.pem,
    dataCollector: config.dataCollector && {
      ...config.dataCollector,
      keys: config.dataCollector.keys.map((key) => keyOf(key.reveal())),
    },
    logsIngestion: logsIngestionOf(config.logsIngestion),
    ingest: config.ingest && ingestOf(config.ingest),
  })
  const refreshables = (server: Server) => [
    ...freshTokens(config.ingest?.tokens ?? []),
    ...freshCertificate(server, tls, `certificate of source ${config.name}`),
  ]
  const { name: own, host, port } = config
  return { ...PUSH_BOUNDS, ...given, ...ways, refreshables, name: own, host, port }
}

function logsIngestionOf(config: Config['logsIngestion']): LogsIngestionSettings | undefined {
  if (config === undefined) return undefined
  const { keysUrl, ...rest } = config
  return { ...rest, ...defined({ keysUrl }) }
}

function ingestOf({ tokens, bodyBytesMax }: NonNullable<Config['ingest']>): IngestSettings {
  return {
    bodyBytesMax: bodyBytesMax ?? INGEST_BODY_BYTES_MAX,
    tokens: tokens.map(({ name: token, sha256, token: secretOf, datasets }) => ({
      name: token,
      get hash() {
        return sha256 ?? hashToken(secretOf!.reveal())
      },
      ...defined({ datasets }),
    })),
  }
}

function isLoopback(url: string): boolean {
  return URL.canParse(url) && ['127.0.0.1', '[::1]', 'localhost'].includes(new URL(url).hostname)
}
