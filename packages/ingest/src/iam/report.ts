import type { IAMClient } from '@aws-sdk/client-iam'
import type { Clock } from '@weir/runtime'
import { codeOf } from '../aws/failure.ts'
import { loadAws } from '../aws/load.ts'
import { clientOptions } from '../aws/place.ts'
import type { CredentialReportConfig } from './config.ts'

/** A client and its commands. */
export interface IamService {
  readonly client: IAMClient
  readonly sdk: Awaited<ReturnType<typeof loadAws<'@aws-sdk/client-iam'>>>
}

/** A report as the service made it. */
export interface CredentialReport {
  readonly columns: readonly string[]
  /** The rows behind the header. */
  readonly rows: Buffer
  /** When it was made, epoch milliseconds by the service's clock. */
  readonly madeAt: number
}

export async function openIam({ name, place, endpoint }: CredentialReportConfig): Promise<IamService> {
  const sdk = await loadAws(name, '@aws-sdk/client-iam')
  return { sdk, client: new sdk.IAMClient(clientOptions(name, place, endpoint)) }
}

/** Has a report made, waits until it is complete, and fetches it. Rejects when that takes longer than it may. */
export async function fetchReport(
  { client, sdk }: IamService,
  { askMs, completeMsMax }: Pick<CredentialReportConfig, 'askMs' | 'completeMsMax'>,
  clock: Clock,
  abortSignal: AbortSignal,
): Promise<CredentialReport> {
  const until = clock.now() + completeMsMax
  for (;;) {
    const { State } = await client.send(new sdk.GenerateCredentialReportCommand({}), { abortSignal })
    if (State === 'COMPLETE') break
    if (clock.now() >= until)
      throw new Error(`the report is not complete after ${completeMsMax} ms: ${State}`)
    await clock.sleep(askMs, abortSignal)
  }
  const { Content, GeneratedTime } = await client.send(new sdk.GetCredentialReportCommand({}), {
    abortSignal,
  })
  return reportOf(Buffer.from(Content ?? []), GeneratedTime)
}

/** Says of which time the last report is. Rejects where the permission is missing. */
export async function lastReport({ client, sdk }: IamService, abortSignal: AbortSignal): Promise<string> {
  try {
    const { GeneratedTime } = await client.send(new sdk.GetCredentialReportCommand({}), { abortSignal })
    return `the last report is of ${GeneratedTime?.toISOString()}`
  } catch (error) {
    const name = error instanceof Error ? error.name : codeOf(error)
    if (/ReportNotPresent|ReportExpired|ReportInProgress|ReportNotReady/.test(name))
      return `no report is ready (${name})`
    throw error
  }
}

/** A cell of the header never holds a comma or a quote. */
function reportOf(content: Buffer, made: Date | undefined): CredentialReport {
  const end = content.indexOf('\n')
  const columns = content
    .toString('utf8', 0, end === -1 ? content.length : end)
    .trim()
    .split(',')
  if (made === undefined || !columns.includes('user') || !columns.includes('arn'))
    throw new Error('the answer is no credential report: it names no users')
  return { columns, rows: end === -1 ? Buffer.alloc(0) : content.subarray(end + 1), madeAt: made.getTime() }
}
