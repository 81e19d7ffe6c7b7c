import { path, secret, url, urlOrSecret } from '@weir/runtime'
import { z } from 'zod'
import { COMMON } from '../../config-parts.ts'
import { jsonFormat } from '../../formats/json-format.ts'

const NEEDED = {
  default: [],
  'managed-identity': [],
  'workload-identity': [],
  'client-secret': ['tenantId', 'clientId', 'secret'],
  'client-certificate': ['tenantId', 'clientId', 'certificatePath'],
} as const

/** What would not be looked at with any other. */
const ONLY_FOR = { secret: 'client-secret', certificatePath: 'client-certificate' } as const

/** How to prove to Entra ID who we are. The last two kinds are for a machine outside Azure. */
const auth = z
  .strictObject({
    credential: z
      .enum(['default', 'managed-identity', 'workload-identity', 'client-secret', 'client-certificate'])
      .default('default'),
    clientId: z.string().optional(),
    tenantId: z.string().optional(),
    secret: secret.optional(),
    /** PEM with certificate and private key. */
    certificatePath: path.optional(),
    authority: z.url().optional(),
  })
  .superRefine((given, context) => {
    for (const part of NEEDED[given.credential])
      if (given[part] === undefined)
        context.addIssue({
          code: 'custom',
          path: [part],
          message: `credential "${given.credential}" needs it`,
        })
    for (const [part, credential] of Object.entries(ONLY_FOR))
      if (given[part as keyof typeof ONLY_FOR] !== undefined && given.credential !== credential)
        context.addIssue({
          code: 'custom',
          path: [part],
          message: `it is for the credential "${credential}"`,
        })
  })

export const logsIngestionConfig = z.strictObject({
  type: z.literal('logs-ingestion'),
  ...COMMON,
  endpoint: url,
  /** Immutable id of the data collection rule. */
  ruleId: z.string().regex(/^dcr-[\w-]{1,64}$/, 'an immutable id, which begins with "dcr-"'),
  stream: z.string().regex(/^(Custom|Microsoft)-\w{1,100}$/, 'a stream such as Custom-WeirAlerts_CL'),
  cloud: z.enum(['public', 'us-government', 'china']).default('public'),
  format: jsonFormat.default('ecs'),
  auth: auth.prefault({}),
  proxy: urlOrSecret.optional(),
  ca: path.optional(),
})

export type LogsIngestionConfig = z.output<typeof logsIngestionConfig>
