import { Buffer } from 'node:buffer'
import { address, hex, pick, pickSkewed, pickWeighted, type Random, seeded, uuid } from './random.ts'
import {
  AGENTS,
  APPS,
  ARM_OPERATIONS,
  AUDIT_ACTIVITIES,
  CLIENTS,
  CLOUD_CALLS,
  CLOUD_SOURCES,
  CODES_COMMON_MAX,
  COMMON_MAX,
  COUNTRIES,
  ERROR_CODES,
} from './vocabulary.ts'

/**
 * Lines of newline-delimited JSON, each with its newline, about 1.6 KB: sign-ins, directory audits, activity and
 * CloudTrail, in the key order of the services. Ids, times, addresses and names never repeat as a whole record.
 */
export function* generateRecords(seed: number, count: number): Iterable<Buffer> {
  const random = seeded(seed)
  const start = Date.UTC(2026, 0, 5)
  for (let index = 0; index < count; index++) {
    const make = pickWeighted(random, KINDS)
    const record = make(random, new Date(start + index * 20 + Math.floor(random() * 5_000)))
    yield Buffer.from(`${JSON.stringify(record)}\n`)
  }
}

type Make = (random: Random, time: Date) => object

const TENANT = '7f3c1d52-0c34-4c7b-9d0e-5b8f1f6a2e10'

function person(random: Random): {
  readonly name: string
  readonly upn: string
} {
  const number = Math.floor(random() * 8_000)
  return { name: `Person ${number}`, upn: `Person.${number}@contoso.example` }
}

/** Seven digits of a second, as Azure writes them. */
function azureTime(time: Date, random: Random): string {
  return time.toISOString().replace(
    'Z',
    `${Math.floor(random() * 10_000)
      .toString()
      .padStart(4, '0')}Z`,
  )
}

function signIn(random: Random, time: Date): object {
  const { name, upn } = person(random)
  const ip = address(random)
  const code = pickWeighted(random, CODES)(random)
  const correlationId = uuid(random)
  const country = pickSkewed(random, COUNTRIES)
  const failure = code === 0 ? 'Other.' : `The sign-in stopped with code ${code}.`
  return {
    time: azureTime(time, random),
    resourceId: `/tenants/${TENANT}/providers/Microsoft.aadiam`,
    operationName: 'Sign-in activity',
    operationVersion: '1.0',
    category: pick(random, ['SignInLogs', 'NonInteractiveUserSignInLogs']),
    tenantId: TENANT,
    resultType: String(code),
    resultSignature: 'None',
    resultDescription: failure,
    durationMs: 0,
    callerIpAddress: ip,
    correlationId,
    identity: name,
    Level: 4,
    location: country,
    properties: {
      id: uuid(random),
      createdDateTime: time.toISOString(),
      userDisplayName: name,
      userPrincipalName: upn,
      userId: uuid(random),
      appId: uuid(random),
      appDisplayName: pickSkewed(random, APPS.slice(0, COMMON_MAX)),
      ipAddress: ip,
      status: {
        errorCode: code,
        failureReason: failure,
        additionalDetails: '',
      },
      clientAppUsed: pickSkewed(random, CLIENTS.slice(0, 3)),
      userAgent: pick(random, AGENTS.slice(0, 3)),
      deviceDetail: {
        deviceId: random() < 0.6 ? uuid(random) : '',
        operatingSystem: pick(random, ['Windows10', 'MacOs', 'Ios 18.1', 'Android']),
        browser: 'Chrome 131.0.0',
        isCompliant: random() < 0.6,
        isManaged: random() < 0.6,
        trustType: pick(random, ['Azure AD joined', 'Hybrid Azure AD joined', '']),
      },
      location: {
        city: `City ${Math.floor(random() * 400)}`,
        state: 'State',
        countryOrRegion: country,
      },
      correlationId,
      conditionalAccessStatus: pick(random, ['success', 'notApplied']),
      appliedConditionalAccessPolicies: [],
      isInteractive: random() < 0.3,
      tokenIssuerType: 'AzureAD',
      authenticationProcessingDetails: [{ key: 'Legacy TLS (TLS 1.0, 1.1, 3DES)', value: 'False' }],
      riskDetail: 'none',
      riskLevelAggregated: 'none',
      riskLevelDuringSignIn: random() < 0.005 ? 'high' : 'none',
      riskState: 'none',
      riskEventTypes_v2: [],
      resourceDisplayName: pickSkewed(random, APPS.slice(0, COMMON_MAX)),
      resourceId: uuid(random),
      authenticationRequirement: pick(random, ['singleFactorAuthentication', 'multiFactorAuthentication']),
      uniqueTokenIdentifier: hex(random, 22),
    },
  }
}

const CODES: readonly (readonly [(random: Random) => number, number])[] = [
  [() => 0, 0.82],
  [(random) => pick(random, ERROR_CODES.slice(1, CODES_COMMON_MAX)), 0.178],
  [(random) => pick(random, ERROR_CODES), 0.002],
]

function audit(random: Random, time: Date): object {
  const { upn } = person(random)
  const activity = pickSkewed(random, AUDIT_ACTIVITIES.slice(0, COMMON_MAX))
  const correlationId = uuid(random)
  const ok = random() < 0.95
  const target = person(random)
  const property = (name: string) => ({
    displayName: name,
    oldValue: `[\\"${hex(random, 24)}\\"]`,
    newValue: `[\\"${hex(random, 24)}\\"]`,
  })
  return {
    time: azureTime(time, random),
    resourceId: `/tenants/${TENANT}/providers/Microsoft.aadiam`,
    operationName: activity,
    operationVersion: '1.0',
    category: 'AuditLogs',
    tenantId: TENANT,
    resultSignature: 'None',
    durationMs: 0,
    callerIpAddress: address(random),
    correlationId,
    identity: upn,
    Level: 4,
    properties: {
      id: `Directory_${correlationId}_${hex(random, 5)}_${Math.floor(random() * 1e8)}`,
      category: pick(random, [
        'UserManagement',
        'GroupManagement',
        'ApplicationManagement',
        'RoleManagement',
        'Policy',
      ]),
      correlationId,
      result: ok ? 'success' : 'failure',
      resultReason: ok ? '' : 'Not allowed by policy.',
      activityDisplayName: activity,
      activityDateTime: time.toISOString(),
      loggedByService: pick(random, ['Core Directory', 'Self-service Group Management', 'PIM']),
      operationType: activity.split(' ', 1)[0],
      userAgent: null,
      initiatedBy: {
        user: {
          id: uuid(random),
          displayName: null,
          userPrincipalName: upn,
          ipAddress: address(random),
          roles: [],
        },
      },
      targetResources: [
        {
          id: uuid(random),
          displayName: target.name,
          type: pick(random, ['User', 'Group', 'ServicePrincipal', 'Policy']),
          userPrincipalName: target.upn,
          modifiedProperties: [
            property('Included Updated Properties'),
            property('TargetId.UserType'),
            property('Group.ObjectID'),
          ],
          administrativeUnits: [],
        },
      ],
      additionalDetails: [{ key: 'User-Agent', value: pick(random, AGENTS) }],
    },
  }
}

function activity(random: Random, time: Date): object {
  const { upn } = person(random)
  const operation = pickSkewed(random, ARM_OPERATIONS.slice(0, COMMON_MAX))
  const ip = address(random)
  const subscription = uuid(random)
  const ok = random() < 0.97
  const scope = `/SUBSCRIPTIONS/${subscription}/RESOURCEGROUPS/RG-${Math.floor(random() * 300)}`
  return {
    RoleLocation: 'West Europe',
    time: azureTime(time, random),
    resourceId: `${scope}/PROVIDERS/${operation.split('/').slice(0, 2).join('/')}/RES-${Math.floor(random() * 9_000)}`,
    operationName: operation,
    category: 'Administrative',
    resultType: ok ? pick(random, ['Start', 'Success']) : 'Failure',
    resultSignature: ok ? 'Succeeded.OK' : 'Failed.Forbidden',
    durationMs: '0',
    callerIpAddress: ip,
    correlationId: uuid(random),
    identity: {
      authorization: {
        scope,
        action: operation,
        evidence: {
          role: pick(random, ['Owner', 'Contributor', 'Reader', 'User Access Administrator']),
          roleAssignmentScope: `/subscriptions/${subscription}`,
          roleAssignmentId: hex(random, 32),
          roleDefinitionId: hex(random, 32),
          principalId: hex(random, 32),
          principalType: pick(random, ['User', 'ServicePrincipal']),
        },
      },
      claims: {
        aud: 'https://management.azure.example/',
        iss: `https://sts.example/${TENANT}/`,
        iat: String(Math.floor(time.getTime() / 1000)),
        exp: String(Math.floor(time.getTime() / 1000) + 3_600),
        appid: uuid(random),
        appidacr: '2',
        ipaddr: ip,
        'http://schemas.microsoft.com/identity/claims/objectidentifier': uuid(random),
        'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': upn,
        'http://schemas.microsoft.com/identity/claims/tenantid': TENANT,
        uti: hex(random, 22),
        ver: '1.0',
      },
    },
    level: ok ? 'Information' : 'Error',
    location: 'global',
    properties: {
      eventCategory: 'Administrative',
      entity: `${scope}/providers/res`,
      message: operation,
      hierarchy: `${TENANT}/${subscription}`,
      statusCode: ok ? 'OK' : 'Forbidden',
      serviceRequestId: uuid(random),
    },
  }
}

function cloudTrail(random: Random, time: Date): object {
  const { name } = person(random)
  const call = pickSkewed(random, CLOUD_CALLS.slice(0, COMMON_MAX))
  const account = String(100_000_000_000 + Math.floor(random() * 20))
  const key = `ASIA${hex(random, 16).toUpperCase()}`
  const role = `role-${Math.floor(random() * 200)}`
  const failed = random() < 0.04
  return {
    eventVersion: '1.11',
    userIdentity: {
      type: pickSkewed(random, ['AssumedRole', 'IAMUser', 'AWSService', 'Root']),
      principalId: `AROA${hex(random, 17).toUpperCase()}:${name.replace(' ', '.')}`,
      arn: `arn:aws:sts::${account}:assumed-role/${role}/${name.replace(' ', '.')}`,
      accountId: account,
      accessKeyId: key,
      sessionContext: {
        sessionIssuer: {
          type: 'Role',
          principalId: `AROA${hex(random, 17).toUpperCase()}`,
          arn: `arn:aws:iam::${account}:role/${role}`,
          accountId: account,
          userName: role,
        },
        attributes: {
          creationDate: time.toISOString(),
          mfaAuthenticated: pick(random, ['true', 'false']),
        },
      },
    },
    eventTime: time.toISOString().replace(/\.\d+/, ''),
    eventSource: pickSkewed(random, CLOUD_SOURCES),
    eventName: call,
    awsRegion: pick(random, ['eu-central-1', 'eu-west-1', 'us-east-1']),
    sourceIPAddress: address(random),
    userAgent: pick(random, AGENTS),
    ...(failed && {
      errorCode: pick(random, ['AccessDenied', 'ThrottlingException']),
      errorMessage: 'Not allowed.',
    }),
    requestParameters: {
      name: `thing-${hex(random, 8)}`,
      filterSet: {
        items: [
          {
            name: 'tag:team',
            valueSet: { items: [{ value: hex(random, 12) }] },
          },
        ],
      },
      maxResults: Math.floor(random() * 1_000),
      nextToken: hex(random, 64),
    },
    responseElements: null,
    requestID: uuid(random),
    eventID: uuid(random),
    readOnly: /^(?:Describe|List|Get)/.test(call),
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: account,
    eventCategory: 'Management',
    tlsDetails: {
      tlsVersion: 'TLSv1.3',
      cipherSuite: 'TLS_AES_128_GCM_SHA256',
      clientProvidedHostHeader: 'service.eu-central-1.amazonaws.com',
    },
  }
}

const KINDS: readonly (readonly [Make, number])[] = [
  [signIn, 0.4],
  [audit, 0.1],
  [activity, 0.2],
  [cloudTrail, 0.3],
]
