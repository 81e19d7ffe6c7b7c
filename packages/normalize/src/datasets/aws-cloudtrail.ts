import type { JsonObject } from '@weir/model'
import { actionType } from '../action-type.ts'
import { parseTime } from '../parse-time.ts'
import { constant, derived, first, flag, folded, ip, mapped, type Row, reach, text, textOf } from '../read.ts'
import { dataset, HOUR_MS } from '../table.ts'

/** AWS API calls and sign-ins. */
export const AWS_CLOUDTRAIL = dataset({
  name: 'aws.cloudtrail',
  latenessMs: 2 * HOUR_MS,
  time: (record) => parseTime(record.eventTime),
  id: (record) => textOf(record.eventID),
  columns: (record) => [
    record.eventTime,
    record.eventSource,
    record.eventName,
    record.requestID,
    record.userIdentity,
    record.requestParameters,
  ],
  rows: {
    'cloud.provider': constant('aws'),
    'cloud.account.id': first(text('recipientAccountId'), text('userIdentity.accountId')),
    'cloud.region': text('awsRegion'),
    'cloud.service.name': mapped(text('eventSource'), 'first label', (source) => source.split('.', 1)[0]),
    'event.action': folded(text('eventName')),
    'event.category': derived('eventSource', category),
    'event.type': mapped(text('eventName'), 'verb', actionType),
    'event.outcome': derived('failure with an errorCode, an errorMessage or a failed ConsoleLogin', outcome),
    'event.code': text('errorCode'),
    'event.reason': text('errorMessage'),
    'event.provider': folded(text('eventSource')),
    'user.name': folded(
      first(
        text('userIdentity.userName'),
        derived('root where userIdentity.type is Root', (record) => (isRoot(record) ? 'root' : undefined)),
        text('userIdentity.sessionContext.sessionIssuer.userName'),
        text('additionalEventData.UserName'),
      ),
    ),
    'user.id': first(text('userIdentity.principalId'), text('userIdentity.onBehalfOf.userId')),
    'user.target.name': folded(
      first(text('requestParameters.userName'), text('responseElements.user.userName')),
    ),
    'user.target.id': text('responseElements.user.userId'),
    'user.changes.name': folded(text('requestParameters.newUserName')),
    'group.name': text('requestParameters.groupName'),
    'source.ip': ip('sourceIPAddress'),
    'source.address': text('sourceIPAddress'),
    'user_agent.original': text('userAgent'),
    'tls.version': text('tlsDetails.tlsVersion'),
    'file.path': text('requestParameters.key'),
    'file.name': mapped(
      text('requestParameters.key'),
      'last segment',
      (key) => key.split('/').at(-1) || undefined,
    ),
    'aws.s3.bucket.name': text('requestParameters.bucketName'),
    'aws.cloudtrail.event_type': text('eventType'),
    'aws.cloudtrail.event_category': text('eventCategory'),
    'aws.cloudtrail.event_version': text('eventVersion'),
    'aws.cloudtrail.read_only': flag('readOnly'),
    'aws.cloudtrail.management_event': flag('managementEvent'),
    'aws.cloudtrail.request_id': text('requestID'),
    'aws.cloudtrail.shared_event_id': text('sharedEventID'),
    'aws.cloudtrail.vpc_endpoint_id': text('vpcEndpointId'),
    'aws.cloudtrail.user_identity.type': text('userIdentity.type'),
    'aws.cloudtrail.user_identity.arn': text('userIdentity.arn'),
    'aws.cloudtrail.user_identity.account_id': text('userIdentity.accountId'),
    'aws.cloudtrail.user_identity.access_key_id': text('userIdentity.accessKeyId'),
    'aws.cloudtrail.user_identity.invoked_by': text('userIdentity.invokedBy'),
    'aws.cloudtrail.user_identity.mfa_authenticated': flag(
      'userIdentity.sessionContext.attributes.mfaAuthenticated',
    ),
    'aws.cloudtrail.user_identity.session_issuer.arn': text('userIdentity.sessionContext.sessionIssuer.arn'),
    'aws.cloudtrail.user_identity.session_issuer.type': text(
      'userIdentity.sessionContext.sessionIssuer.type',
    ),
    'aws.cloudtrail.user_identity.session_name': sessionName(),
    'aws.cloudtrail.console_login.mfa_used': flag('additionalEventData.MFAUsed'),
    'aws.cloudtrail.request.policy_arn': text('requestParameters.policyArn'),
    'aws.cloudtrail.request.policy_name': text('requestParameters.policyName'),
    'aws.cloudtrail.request.role_name': text('requestParameters.roleName'),
    'aws.cloudtrail.request.instance_id': text('requestParameters.instanceId'),
    'aws.cloudtrail.resources.arn': derived('ARN of all resources', resourceArns),
  },
})

const typeAt = reach('userIdentity.type')
const consoleAt = reach('responseElements.ConsoleLogin')

function isRoot(record: JsonObject): boolean {
  return typeAt(record) === 'Root'
}

function outcome(record: JsonObject): string {
  const failed =
    textOf(record.errorCode) !== undefined ||
    textOf(record.errorMessage) !== undefined ||
    consoleAt(record) === 'Failure'
  return failed ? 'failure' : 'success'
}

const CATEGORIES: ReadonlyMap<string, readonly string[]> = new Map([
  ['signin.amazonaws.com', ['authentication']],
  ['sts.amazonaws.com', ['authentication']],
  ['sso.amazonaws.com', ['authentication', 'iam']],
  ['iam.amazonaws.com', ['iam']],
  ['organizations.amazonaws.com', ['iam', 'configuration']],
  ['s3.amazonaws.com', ['file']],
  ['rds.amazonaws.com', ['database']],
  ['dynamodb.amazonaws.com', ['database']],
])

const API: readonly string[] = ['api']

function category(record: JsonObject): readonly string[] {
  return CATEGORIES.get(textOf(record.eventSource) ?? '') ?? API
}

/** The name that a role's session was given stands behind the role's id. */
function sessionName(): Row {
  return mapped(
    text('userIdentity.principalId'),
    'what follows the colon',
    (id) => id.split(':')[1] || undefined,
  )
}

function resourceArns(record: JsonObject): readonly string[] | undefined {
  if (!Array.isArray(record.resources)) return undefined
  const arns = record.resources.flatMap((each) =>
    typeof each === 'object' && each !== null ? (textOf((each as JsonObject).ARN) ?? []) : [],
  )
  return arns.length === 0 ? undefined : arns
}
