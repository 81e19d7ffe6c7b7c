import { type Dataset, isObject, type JsonObject } from '@weir/model'
import { datasetOf, datasetOfLower } from './categories.ts'
import { AWS_CLOUDTRAIL } from './datasets/aws-cloudtrail.ts'
import { AWS_IAM_CREDENTIAL_REPORT } from './datasets/aws-iam-credential-report.ts'
import { AZURE_ACTIVITYLOGS } from './datasets/azure-activitylogs.ts'
import { AZURE_AUDITLOGS } from './datasets/azure-auditlogs.ts'
import { AZURE_KEYVAULT } from './datasets/azure-keyvault.ts'
import { AZURE_PLATFORMLOGS } from './datasets/azure-platformlogs.ts'
import { AZURE_STORAGE } from './datasets/azure-storage.ts'
import { CEF_LOG } from './datasets/cef-log.ts'
import { GENERIC } from './datasets/generic.ts'
import { LEEF_LOG } from './datasets/leef-log.ts'
import { M365_DEFENDER_ALERT } from './datasets/m365-defender-alert.ts'
import { M365_DEFENDER_EVENT } from './datasets/m365-defender-event.ts'
import { MICROSOFT_DEFENDER_CLOUD_EVENT } from './datasets/microsoft-defender-cloud-event.ts'
import { O365_AUDIT } from './datasets/o365-audit.ts'
import { SYSTEM_SYSLOG } from './datasets/system-syslog.ts'
import { isCanary, WEIR_CANARY } from './datasets/weir-canary.ts'
import { WINDOWS_EVENTLOG, WINDOWS_SECURITY } from './datasets/windows.ts'
import { DATASETS } from './datasets.ts'
import { isHunting } from './hunting.ts'
import { isSecurity } from './shapes/defender-cloud.ts'

/**
 * The dataset of a record: a canary is one whatever way it came; else the one that the way in named, where it is
 * one of ours, else the one whose marks the record bears, else generic. Most are known by their category alone.
 */
export function classify(record: JsonObject, hint?: string): Dataset {
  const { category } = record
  const known = hint === undefined && typeof category === 'string' ? datasetOf(category) : undefined
  return known ?? byMarks(record, hint)
}

function byMarks(record: JsonObject, hint: string | undefined): Dataset {
  if (record.weir !== undefined && isCanary(record)) return WEIR_CANARY
  const named = hint === undefined ? undefined : DATASETS.get(hint)
  if (named !== undefined) return named
  const { category } = record
  if (isDefenderAlert(record)) return M365_DEFENDER_ALERT
  if (typeof category === 'string') return byCategory(record, category)
  if (typeof record.eventSource === 'string' && typeof record.eventName === 'string') return AWS_CLOUDTRAIL
  if (record.access_key_1_active !== undefined && typeof record.arn === 'string')
    return AWS_IAM_CREDENTIAL_REPORT
  if (typeof record.Operation === 'string' && record.CreationTime !== undefined) return O365_AUDIT
  const onPremises = bySyslog(record)
  if (onPremises !== undefined) return onPremises
  if (typeof record.type === 'string' && isSecurity(record.type)) return MICROSOFT_DEFENDER_CLOUD_EVENT
  if (!isAzure(record)) return GENERIC
  return isStorage(record) ? AZURE_STORAGE : AZURE_PLATFORMLOGS
}

/** The members of a message that is text. */
const TEXT: ReadonlySet<string> = new Set(['time', 'message', 'syslog'])

/** What syslog brings, or an agent on Windows; a JSON object that came by syslog is known by its own marks. */
function bySyslog(record: JsonObject): Dataset | undefined {
  const { winlog, syslog, cef, leef, message } = record
  if (isObject(winlog)) return winlog.channel === 'Security' ? WINDOWS_SECURITY : WINDOWS_EVENTLOG
  if (!isObject(syslog)) return undefined
  if (isObject(cef)) return CEF_LOG
  if (isObject(leef)) return LEEF_LOG
  const isText = typeof message === 'string' && Object.keys(record).every((key) => TEXT.has(key))
  return isText ? SYSTEM_SYSLOG : undefined
}

/** Categories of the activity log, the last three as older exports wrote them. */
const ACTIVITY: ReadonlySet<string> = new Set(
  'administrative servicehealth resourcehealth alert autoscale recommendation security policy write delete action'.split(
    ' ',
  ),
)

function byCategory(record: JsonObject, category: string): Dataset {
  const known = datasetOf(category)
  if (known !== undefined) return known
  if (isHunting(category)) return M365_DEFENDER_EVENT
  const lower = category.toLowerCase()
  if (lower === 'auditevent' && isVault(record)) return AZURE_KEYVAULT
  if (ACTIVITY.has(lower) && isActivity(record)) return AZURE_ACTIVITYLOGS
  const lowered = datasetOfLower(lower)
  if (lowered !== undefined) return lowered
  if (isDirectoryAudit(record)) return AZURE_AUDITLOGS
  return isAzure(record) ? AZURE_PLATFORMLOGS : GENERIC
}

/** Graph's alerts name the product that keeps them, and what found them, where to see them or when they changed. */
function isDefenderAlert(record: JsonObject): boolean {
  if (typeof record.serviceSource !== 'string') return false
  const { detectionSource, alertWebUrl, lastUpdateDateTime } = record
  return detectionSource !== undefined || alertWebUrl !== undefined || lastUpdateDateTime !== undefined
}

/** Other services name a category AuditEvent, too. */
function isVault(record: JsonObject): boolean {
  const { resourceId, operationName } = record
  if (typeof resourceId === 'string' && /\/(?:vaults|managedhsms)(?:\/|$)/i.test(resourceId)) return true
  return typeof operationName === 'string' && /^(?:Vault|Key|Secret|Certificate)[A-Z]/.test(operationName)
}

/** Calls of a storage service that lost their category; metrics of one have no operation. */
function isStorage({ resourceId, operationName }: JsonObject): boolean {
  return (
    typeof operationName === 'string' &&
    typeof resourceId === 'string' &&
    /\/(?:blob|file|queue|table)services(?:\/|$)/i.test(resourceId)
  )
}

/** The activity log writes resource provider operations; other services' Security or Alert records do not. */
function isActivity(record: JsonObject): boolean {
  return typeof record.operationName === 'string' && record.operationName.includes('/')
}

/** Some exports put the audit's own category into the envelope. */
function isDirectoryAudit(record: JsonObject): boolean {
  const { properties } = record
  return isObject(properties) && properties.activityDateTime !== undefined && isObject(properties.initiatedBy)
}

/** The envelope's mark: a resource, or a tenant, and an operation. */
function isAzure(record: JsonObject): boolean {
  if (typeof record.resourceId === 'string') return true
  return (
    record.operationName !== undefined && (record.tenantId !== undefined || record.properties !== undefined)
  )
}
