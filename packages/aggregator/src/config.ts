import { readFileSync } from 'node:fs'
import { duration, path, readConfig, size } from '@weir/runtime'
import { z } from 'zod'
import {
  certificateMark,
  hasOneSecret,
  instant,
  name,
  ONE_SECRET,
  tlsFiles,
  tokenSecret,
} from './config-parts.ts'
import { refuseBadFilters } from './filters.ts'
import { notifiers } from './notify/config.ts'
import { RECONCILE, type SourceConfig, sourceSchema } from './sources.ts'

const severity = z.enum(['informational', 'low', 'medium', 'high', 'critical'])
const token = z
  .strictObject({
    name,
    role: z.enum(['reader', 'forwarder', 'admin']),
    ...tokenSecret,
    certificate: certificateMark.optional(),
    expires: instant.optional(),
  })
  .refine((one) => hasOneSecret(one) || (one.certificate && !one.sha256 && !one.token), {
    error: `${ONE_SECRET}, or a "certificate"`,
  })

const filter = z.strictObject({
  severities: z.array(severity).optional(),
  kinds: z.array(z.enum(['detection', 'health'])).optional(),
  rules: z.array(z.string()).optional(),
  exceptRules: z.array(z.string()).optional(),
})

/** At less than 1,000 bit/s a page of one alert takes longer than a forwarder waits for a byte. */
const link = z.strictObject({
  maxBitsPerSecond: z.int().min(1_000).optional(),
  maxBytesPerDay: size.optional(),
})

const aggregatorConfig = z.strictObject({
  store: z.strictObject({
    path,
    alertDaysMax: z.number().positive().default(90),
    quarantineDaysMax: z.number().positive().default(30),
    feedBytesMax: size.default(10e9),
    storeBytesMax: size.default(50e9),
    /** Pages of 4 KiB; a bound on the file for disks without quotas. */
    pagesMax: z.int().positive().optional(),
  }),
  rules: z.strictObject({ folders: z.array(path).min(1), reloadEvery: duration.default(2_000) }),
  api: z.strictObject({
    host: z.string().default('127.0.0.1'),
    port: z.int().min(0).max(65_535).default(8443),
    tls: tlsFiles.optional(),
    /** Of one name there may be several, the next beside the last. */
    tokens: z.array(token).min(1, 'at least one token: nothing but health is served without one'),
  }),
  forwarders: z.array(z.strictObject({ name, filter: filter.optional(), link: link.optional() })).default([]),
  sources: z
    .array(sourceSchema)
    .min(1, 'at least one source')
    .refine((all) => new Set(all.map((one) => one.name)).size === all.length, {
      error: 'two sources have the same name',
    })
    .refine((all) => all.every((one) => one.name !== RECONCILE), {
      error: `no source may be called "${RECONCILE}": that is the one of \`weir verify --reconcile\``,
    }),
  /** Lateness by dataset, where the default does not fit. */
  lateness: z.record(z.string(), duration).default({}),
  drop: z
    .array(
      z.strictObject({
        name,
        dataset: z.union([z.string(), z.array(z.string()).min(1)]),
        /** json-rules-engine's, as in a rule; without them everything of the dataset goes. */
        conditions: z.record(z.string(), z.unknown()).optional(),
      }),
    )
    .refine((all) => new Set(all.map((one) => one.name)).size === all.length, {
      error: 'two filters have the same name',
    })
    .default([]),
  line: z
    .strictObject({
      skewMax: duration.optional(),
      repeatsRecordsMax: z.int().positive().optional(),
      evidenceRecordsMax: z.int().positive().optional(),
      blindAfter: duration.optional(),
      blindEventsMin: z.int().positive().optional(),
      quietRevision: duration.optional(),
      membersPerGroupMax: z.int().positive().optional(),
      groupsPerRuleMax: z.int().positive().optional(),
      termsPerRuleMax: z.int().positive().optional(),
      wholeGroupsPerRuleMax: z.int().positive().optional(),
      queueBytesMax: size.optional(),
      batchBytesMax: size.optional(),
      groupCommit: duration.optional(),
    })
    .prefault({}),
  watch: z
    .strictObject({
      cutOffSecondsMax: z.number().positive().optional(),
      lagSecondsMax: z.number().positive().optional(),
      lagGrowsMinutesMax: z.int().positive().optional(),
      silentSecondsMin: z.number().positive().optional(),
      silentSecondsMax: z.number().positive().optional(),
      /** By source, in place of what it taught us. */
      silent: z.record(name, duration).default({}),
      quarantineShareMax: z.number().min(0).max(1).optional(),
      forwarderGoneSecondsMax: z.number().positive().default(900),
      /** Of the disk of the store; 0 for a disk that is watched elsewhere. */
      diskFreeBytesMin: size.default(2e9),
    })
    .prefault({}),
  /** Health alerts by webhook, straight from here. */
  notify: notifiers,
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']).default('info') }).prefault({}),
})

const checkedConfig = aggregatorConfig.superRefine(({ api, sources, watch }, context) => {
  for (const [n, one] of api.tokens.entries()) {
    const refuse = (message: string) =>
      context.addIssue({ code: 'custom', path: ['api', 'tokens', n], message })
    if (one.certificate !== undefined && api.tls?.ca === undefined)
      refuse('"certificate" needs `api.tls.ca`, by which certificates are verified')
    if (api.tokens.some(({ name, role }) => name === one.name && role !== one.role))
      refuse(`"${one.name}" has two roles; one name has one`)
  }
  const names = new Set(sources.map((source) => source.name))
  for (const source of Object.keys(watch.silent).filter((each) => !names.has(each)))
    context.addIssue({
      code: 'custom',
      path: ['watch', 'silent', source],
      message: 'there is no such source',
    })
})

export type AggregatorConfig = z.output<typeof checkedConfig>

/** Reads a configuration file; throws `WeirError` with every mistake in it. */
export function readAggregatorConfig(
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
): AggregatorConfig {
  const config = readConfig(file, checkedConfig, environment)
  if (config.drop.length > 0) refuseBadFilters(file, readFileSync(file, 'utf8'))
  return config
}

/** Sources in a file of their own, under `sources`, which no aggregator reads; throws `WeirError` with every mistake in it. */
export function readSources(
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
): readonly SourceConfig[] {
  return readConfig(file, z.object({ sources: z.array(sourceSchema).min(1) }), environment).sources
}
