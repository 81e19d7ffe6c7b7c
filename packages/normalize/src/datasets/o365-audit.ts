import type { JsonObject, JsonValue } from '@weir/model'
import { actionType } from '../action-type.ts'
import { decoded } from '../decoded.ts'
import { outcomeOfCode } from '../entra-outcome.ts'
import { objects } from '../objects.ts'
import { parseTime } from '../parse-time.ts'
import {
  derived,
  first,
  flag,
  folded,
  ip,
  mapped,
  number,
  numberOf,
  port,
  type Row,
  text,
  textOf,
} from '../read.ts'
import { dataset, HOUR_MS } from '../table.ts'

/** Kinds of the identifiers in `Target`: a user principal name, an object id. */
const NAME_KIND = 5
const ID_KIND = 2

/** Microsoft 365 unified audit: Exchange, SharePoint, Teams, and Entra ID as this log tells it. */
export const O365_AUDIT = dataset({
  name: 'o365.audit',
  latenessMs: 24 * HOUR_MS,
  time: (record) => parseTime(record.CreationTime),
  id: (record) => textOf(record.Id),
  columns: (record) => [
    record.CreationTime,
    record.Operation,
    record.UserId,
    record.ObjectId,
    record.RecordType,
  ],
  rows: {
    'event.action': folded(text('Operation')),
    'event.category': derived('RecordType and Operation', category),
    'event.type': mapped(text('Operation'), 'verb', actionType),
    'event.outcome': derived(
      'sign-ins: ErrorNumber, LogonError or the operation; else ResultStatus, else success',
      outcome,
    ),
    'event.code': text('RecordType'),
    'event.reason': first(text('LogonError'), text('ResultStatusDetail'), extended('ResultStatusDetail')),
    'event.provider': text('Workload'),
    'cloud.service.name': text('Workload'),
    'organization.id': text('OrganizationId'),
    'organization.name': text('OrganizationName'),
    'user.name': folded(first(text('UserId'), text('MailboxOwnerUPN'))),
    'user.email': folded(derived('UserId where it is an address', email)),
    'user.id': first(text('UserKey'), text('UserId')),
    'user.target.name': folded(
      first(target(NAME_KIND), text('TargetUserOrGroupName'), text('MailboxOwnerUPN')),
    ),
    'user.target.id': target(ID_KIND),
    'source.ip': first(ip('ClientIP'), ip('ClientIPAddress'), ip('ActorIpAddress')),
    'source.port': first(port('ClientIP'), port('ClientIPAddress'), port('ActorIpAddress')),
    'source.address': first(text('ClientIP'), text('ClientIPAddress'), text('ActorIpAddress')),
    'user_agent.original': first(text('UserAgent'), extended('UserAgent'), text('ClientInfoString')),
    'file.name': first(text('SourceFileName'), text('DestinationFileName')),
    'file.path': derived('SourceRelativeUrl/SourceFileName', filePath),
    'file.extension': folded(text('SourceFileExtension')),
    'file.size': number('FileSizeBytes'),
    'url.original': derived('ObjectId where it is a URL, else SiteUrl', url),
    'azure.app.id': first(
      text('ClientAppId'),
      text('AppId'),
      text('ApplicationId'),
      text('AppAccessContext.ClientAppId'),
    ),
    'azure.correlation_id': first(
      text('CorrelationId'),
      text('InterSystemsId'),
      text('AppAccessContext.CorrelationId'),
    ),
    'o365.audit.record_type': number('RecordType'),
    'o365.audit.user_type': number('UserType'),
    'o365.audit.workload': text('Workload'),
    'o365.audit.result_status': text('ResultStatus'),
    'o365.audit.error_code': derived('ErrorNumber, else ErrorCode', (record) => errorNumber(record)),
    'o365.audit.object_id': text('ObjectId'),
    'o365.audit.mailbox_owner': folded(text('MailboxOwnerUPN')),
    'o365.audit.logon_type': number('LogonType'),
    'o365.audit.external_access': flag('ExternalAccess'),
    'o365.audit.item_type': text('ItemType'),
    'o365.audit.site_url': text('SiteUrl'),
    'o365.audit.event_data': text('EventData'),
    'o365.audit.operation_count': number('OperationCount'),
    'o365.audit.is_throttled': derived('OperationProperties[IsThrottled].Value', (record) =>
      named(record.OperationProperties, 'IsThrottled'),
    ),
    'o365.audit.mail_access_type': derived('OperationProperties[MailAccessType].Value', (record) =>
      named(record.OperationProperties, 'MailAccessType'),
    ),
    'o365.audit.request_type': extended('RequestType'),
    'o365.audit.session_id': first(text('SessionId'), text('AppAccessContext.AADSessionId')),
    'o365.audit.search_query': first(text('SearchQueryText'), text('QueryText')),
    'o365.audit.role': modified('Role.DisplayName'),
    'o365.audit.role_template_id': modified('Role.TemplateId'),
    'o365.audit.is_admin_consent': modified('ConsentContext.IsAdminConsent'),
    'o365.audit.permissions': modified('ConsentAction.Permissions'),
    'o365.audit.alert.name': text('Name'),
    'o365.audit.alert.severity': text('Severity'),
    ...parameters(),
  },
})

/** Cmdlet parameters that tell a harmful use of a cmdlet from a harmless one. */
function parameters(): Readonly<Record<string, Row>> {
  const names =
    'AccessRights AllowGuestUser AuditBypassEnabled AuditEnabled DeleteMessage DeliverToMailboxAndForward ' +
    'Enabled ForwardAsAttachmentTo ForwardTo ForwardingAddress ForwardingSmtpAddress GrantSendOnBehalfTo Identity ' +
    'MarkAsRead MoveToFolder Name RedirectTo Role SubjectContainsWords SubjectOrBodyContainsWords ' +
    'BodyContainsWords Trustee UnifiedAuditLogIngestionEnabled User'
  return Object.fromEntries(names.split(' ').map((name) => [`o365.audit.parameter.${name}`, parameter(name)]))
}

function parameter(name: string): Row {
  return derived(`Parameters[${name}].Value`, (record) => named(record.Parameters, name))
}

/** The value that a list of names and values gives a name. */
function named(list: JsonValue | undefined, name: string): string | undefined {
  const found = objects(list).find((each) => each.Name === name)?.Value
  return typeof found === 'boolean' ? String(found) : textOf(found)
}

function extended(name: string): Row {
  return derived(`ExtendedProperties[${name}].Value`, (record) => named(record.ExtendedProperties, name))
}

function modified(name: string): Row {
  return derived(`ModifiedProperties[${name}].NewValue, else OldValue`, (record) => {
    const property = objects(record.ModifiedProperties).find((each) => each.Name === name)
    return property && (decoded(property.NewValue) ?? decoded(property.OldValue))
  })
}

function target(kind: number): Row {
  return derived(`Target[Type ${kind}].ID`, (record) => {
    const ids = objects(record.Target).flatMap((each) => (each.Type === kind ? (textOf(each.ID) ?? []) : []))
    return kind === ID_KIND ? ids.find((id) => /^[\da-f]{8}-[\da-f-]{27}$/i.test(id)) : ids[0]
  })
}

function email(record: JsonObject): string | undefined {
  const user = textOf(record.UserId)
  return user?.includes('@') ? user : undefined
}

function filePath(record: JsonObject): string | undefined {
  const name = textOf(record.SourceFileName)
  const folder = textOf(record.SourceRelativeUrl)
  return name === undefined || folder === undefined ? name : `${folder}/${name}`
}

function url(record: JsonObject): string | undefined {
  const object = textOf(record.ObjectId)
  return object !== undefined && /^https?:/i.test(object) ? object : textOf(record.SiteUrl)
}

const EMAIL: readonly string[] = ['email']
const FILE: readonly string[] = ['file']

const CATEGORIES: ReadonlyMap<number, readonly string[]> = new Map([
  [1, ['configuration']],
  [2, EMAIL],
  [3, EMAIL],
  [6, FILE],
  [7, FILE],
  [8, ['iam']],
  [9, ['authentication']],
  [14, FILE],
  [15, ['authentication']],
  [18, ['configuration']],
  [28, ['threat']],
  [40, ['intrusion_detection']],
  [50, EMAIL],
])

function category(record: JsonObject): readonly string[] | undefined {
  return isLogon(record) ? ['authentication'] : CATEGORIES.get(numberOf(record.RecordType) ?? 0)
}

function isLogon(record: JsonObject): boolean {
  const { Operation: operation } = record
  return operation === 'UserLoggedIn' || operation === 'UserLoginFailed' || numberOf(record.RecordType) === 15
}

function errorNumber(record: JsonObject): number | undefined {
  return numberOf(record.ErrorNumber) ?? numberOf(record.ErrorCode)
}

/**
 * A sign-in's ResultStatus says Succeeded of refused ones, too. Elsewhere the log tells what was done: where a
 * workload gives no status, it happened.
 */
function outcome(record: JsonObject): string {
  if (isLogon(record)) return logonOutcome(record)
  const status = (textOf(record.ResultStatus) ?? 'success').toLowerCase()
  if (/^(?:success|succeeded|true|partiallysucceeded|completed)$/.test(status)) return 'success'
  return /^(?:fail|failed|failure|false)$/.test(status) ? 'failure' : 'unknown'
}

function logonOutcome(record: JsonObject): string {
  const code = errorNumber(record)
  if (code !== undefined && code !== 0) return outcomeOfCode(code)
  if (textOf(record.LogonError) !== undefined) return 'failure'
  if (record.Operation === 'UserLoginFailed') return 'failure'
  return record.Operation === 'UserLoggedIn' ? 'success' : 'unknown'
}
