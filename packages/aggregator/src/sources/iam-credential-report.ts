import {
  CREDENTIAL_REPORT_BOUNDS,
  type CredentialReportConfig,
  checkCredentialReport,
  credentialReportSource,
} from '@weir/ingest'
import { z } from 'zod'
import { defined, name, pause } from '../config-parts.ts'
import { aws } from './aws-place.ts'
import { sourceType } from './source-type.ts'

const schema = z.strictObject({
  type: z.literal('iam-credential-report'),
  name,
  ...aws,
  /** IAM is one for all regions; its requests are signed for this one. */
  region: aws.region.default('us-east-1'),
  every: pause.optional(),
  /** Pause between two questions whether the report is complete. */
  askEvery: pause.optional(),
})

export const IAM_CREDENTIAL_REPORT = sourceType({
  schema,
  open: (config, deps) => credentialReportSource(settingsOf(config), deps),
  check: (config, clock) => checkCredentialReport(settingsOf(config), clock),
})

/** With the defaults of what the configuration leaves out. */
function settingsOf(config: z.output<typeof schema>): CredentialReportConfig {
  const { name: source, region, profile, endpoint, every, askEvery } = config
  const place = { region, ...defined({ profile }) }
  const given = defined({ endpoint, everyMs: every, askMs: askEvery })
  return { ...CREDENTIAL_REPORT_BOUNDS, name: source, place, ...given }
}
