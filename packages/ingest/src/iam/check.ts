import type { Clock } from '@weir/runtime'
import { awsFailure } from '../aws/failure.ts'
import { MISSING_REMEDY } from '../aws/load.ts'
import { AWS_CREDENTIAL_REMEDY, lookAtCredential } from '../aws/look-at-credential.ts'
import { ANSWER_MS_MAX, look, type SourceCheck } from '../look.ts'
import type { CredentialReportConfig } from './config.ts'
import { lastReport, openIam } from './report.ts'

const REMEDY =
  'grant iam:GenerateCredentialReport and iam:GetCredentialReport; look at the region and at port 443'

/** Resolves the credential, then asks for the last report; none is made. */
export async function checkCredentialReport(
  config: CredentialReportConfig,
  clock: Clock,
): Promise<readonly SourceCheck[]> {
  const { name } = config
  const opened = await openIam(config).then(
    (service) => ({ service }),
    (error: unknown) => ({ error }),
  )
  if ('error' in opened)
    return [await look(`${name} packages`, MISSING_REMEDY, clock, () => Promise.reject(opened.error))]
  const { service } = opened
  const reasonOf = (error: unknown): string => awsFailure(error, 'iam:GetCredentialReport').reason
  const credential = await look(
    `${name} credential`,
    AWS_CREDENTIAL_REMEDY,
    clock,
    () => lookAtCredential(service.client),
    reasonOf,
  )
  if (!credential.ok) return [credential]
  const find = () => lastReport(service, AbortSignal.timeout(ANSWER_MS_MAX))
  return [credential, await look(`${name} report`, REMEDY, clock, find, reasonOf)]
}
