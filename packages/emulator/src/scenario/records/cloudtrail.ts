import type { JsonObject } from '@weir/model'
import type { Random } from '../random.ts'
import type { Tenant } from '../tenant.ts'
import { secondsTime } from '../times.ts'

/** One call to AWS. */
export interface AwsCall {
  readonly source: string
  readonly name: string
  readonly identity: JsonObject
  readonly ip: string
  readonly agent: string
  readonly account: string
  readonly readOnly: boolean
  readonly request?: JsonObject | null
  readonly response?: JsonObject | null
  readonly error?: { readonly code: string; readonly message: string }
  readonly more?: JsonObject
  readonly id?: string
}

const REGION = 'eu-central-1'

export function awsCall(random: Random, time: number, call: AwsCall): JsonObject {
  return {
    eventVersion: '1.11',
    userIdentity: call.identity,
    eventTime: secondsTime(time),
    eventSource: `${call.source}.amazonaws.com`,
    eventName: call.name,
    awsRegion: call.source === 'iam' || call.source === 'signin' ? 'us-east-1' : REGION,
    sourceIPAddress: call.ip,
    userAgent: call.agent,
    ...(call.error === undefined ? {} : { errorCode: call.error.code, errorMessage: call.error.message }),
    requestParameters: call.request ?? null,
    responseElements: call.response ?? null,
    requestID: random.guid(),
    eventID: call.id ?? random.guid(),
    readOnly: call.readOnly,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: call.account,
    eventCategory: 'Management',
    tlsDetails: {
      tlsVersion: 'TLSv1.3',
      cipherSuite: 'TLS_AES_128_GCM_SHA256',
      clientProvidedHostHeader: `${call.source}.${REGION}.amazonaws.com`,
    },
    ...call.more,
  }
}

/** A session of a role. */
function roleIdentity(random: Random, time: number, account: string, role: string): JsonObject {
  const principal = `AROA${random.code(17)}`
  const session = `${role}-${random.between(1, 9)}`
  return {
    type: 'AssumedRole',
    principalId: `${principal}:${session}`,
    arn: `arn:aws:sts::${account}:assumed-role/${role}/${session}`,
    accountId: account,
    accessKeyId: `ASIA${random.code(16)}`,
    sessionContext: {
      sessionIssuer: {
        type: 'Role',
        principalId: principal,
        arn: `arn:aws:iam::${account}:role/${role}`,
        accountId: account,
        userName: role,
      },
      attributes: {
        creationDate: secondsTime(time - random.between(60, 3_000) * 1_000),
        mfaAuthenticated: 'false',
      },
    },
  }
}

/** A user with keys of its own. */
export function userIdentity(random: Random, account: string, userName: string): JsonObject {
  return {
    type: 'IAMUser',
    principalId: `AIDA${random.code(17)}`,
    arn: `arn:aws:iam::${account}:user/${userName}`,
    accountId: account,
    accessKeyId: `AKIA${random.code(16)}`,
    userName,
  }
}

const ROLES = ['stock-feed', 'route-optimizer', 'label-printer', 'terraform-plan', 'monitoring']

const READS: readonly (readonly [source: string, name: string, request: JsonObject])[] = [
  ['ec2', 'DescribeInstances', { instancesSet: {}, filterSet: {}, maxResults: 1_000 }],
  ['ec2', 'DescribeSecurityGroups', { securityGroupSet: {}, securityGroupIdSet: {}, filterSet: {} }],
  ['ec2', 'DescribeVolumes', { volumeSet: {}, filterSet: {}, maxResults: 500 }],
  [
    'sts',
    'AssumeRole',
    {
      roleArn: 'arn:aws:iam::210987654321:role/stock-feed',
      roleSessionName: 'stock-feed-1',
      durationSeconds: 3_600,
    },
  ],
  ['s3', 'ListBuckets', { Host: 's3.eu-central-1.amazonaws.com' }],
  [
    's3',
    'GetBucketLocation',
    { bucketName: 'nordhafen-stock-feed', location: '', Host: 's3.eu-central-1.amazonaws.com' },
  ],
  [
    'kms',
    'Decrypt',
    { encryptionAlgorithm: 'SYMMETRIC_DEFAULT', encryptionContext: { service: 'stock-feed' } },
  ],
  ['cloudtrail', 'GetTrailStatus', { name: 'org-trail' }],
  ['cloudtrail', 'DescribeTrails', { trailNameList: [], includeShadowTrails: true }],
  ['monitoring', 'DescribeAlarms', { maxRecords: 100 }],
  [
    'elasticloadbalancing',
    'DescribeTargetHealth',
    { targetGroupArn: 'arn:aws:elasticloadbalancing:eu-central-1:210987654321:targetgroup/web' },
  ],
  ['autoscaling', 'DescribeAutoScalingGroups', { maxRecords: 100 }],
  ['logs', 'DescribeLogGroups', { limit: 50 }],
  ['iam', 'GetRole', { roleName: 'stock-feed' }],
]

/** Services that look after themselves, and a denied read now and then. */
export function ordinaryAwsCall(tenant: Tenant, random: Random, time: number): JsonObject {
  const account = random.pick(tenant.aws.accounts)
  const [source, name, request] = random.pick(READS)
  const role = random.pick(ROLES)
  const denied = {
    code: 'AccessDenied',
    message: `User: arn:aws:sts::${account}:assumed-role/${role}/x is not authorized to perform: ${source}:${name}`,
  }
  return awsCall(random, time, {
    source,
    name,
    identity: roleIdentity(random, time, account, role),
    ip: `198.19.8.${random.between(1, 40)}`,
    agent:
      'aws-sdk-go-v2/1.30.5 os/linux lang/go#1.22.6 md/GOARCH#arm64 md/GOOS#linux exec-env/AWS_ECS_FARGATE',
    account,
    readOnly: true,
    request,
    ...(random.chance(0.005) ? { error: denied } : {}),
  })
}
