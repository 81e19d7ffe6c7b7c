import type { JsonObject } from '@weir/model'
import type { Random } from '../random.ts'
import type { ServicePrincipal, Tenant, User } from '../tenant.ts'
import { azureTime } from '../times.ts'
import { CITIES, RESOURCES, USER_APPS } from '../words.ts'

/** How a person's sign-in went. */
export interface SignIn {
  readonly user: User
  readonly interactive: boolean
  /** 0 is success. */
  readonly errorCode: number
  /** Where it differs from the user's own. */
  readonly ip?: string
  readonly id?: string
}

const REASONS: Readonly<Record<number, string>> = {
  0: 'Other.',
  50058: 'Session information is not sufficient for single-sign-on.',
  50074: 'Strong authentication is required and the user did not pass the challenge.',
  50126: 'The user name or the password is wrong.',
  50140: 'Interrupted to ask whether the user wants to stay signed in.',
  500121: 'The second factor was not passed.',
}

/** A sign-in of a person, interactive or by a token that the application already held. */
export function userSignIn(tenant: Tenant, random: Random, time: number, sign: SignIn): JsonObject {
  const { user, errorCode } = sign
  const ip = sign.ip ?? (random.chance(0.45) ? user.officeIp : user.homeIp)
  const app = random.pick(USER_APPS)
  const category = sign.interactive ? 'SignInLogs' : 'NonInteractiveUserSignInLogs'
  const properties = {
    ...head(tenant, random, time, sign.id ?? random.guid()),
    userDisplayName: user.name,
    userPrincipalName: user.upn,
    userId: user.id,
    appId: app.id,
    appDisplayName: app.name,
    ipAddress: ip,
    status: status(errorCode, random),
    clientAppUsed: random.chance(0.7) ? 'Browser' : 'Mobile Apps and Desktop clients',
    userAgent: user.device.agent,
    deviceDetail: device(user, sign),
    location: location(user, sign),
    ...authentication(random, time, sign),
    ...risk(),
    ...resource(random),
    userType: 'Member',
  }
  return envelope(tenant, random, time, { category, errorCode, ip, identity: user.name, properties })
}

/** A sign-in of an application, with a credential of its own or as a managed identity. */
export function principalSignIn(
  tenant: Tenant,
  random: Random,
  time: number,
  principal: ServicePrincipal,
  ip = principal.ip,
): JsonObject {
  const properties = {
    ...head(tenant, random, time, random.guid()),
    userId: '',
    appId: principal.appId,
    ipAddress: principal.managedIdentity ? '' : ip,
    status: { errorCode: 0 },
    clientAppUsed: '',
    deviceDetail: {},
    location: principal.managedIdentity ? {} : { city: 'Amsterdam', countryOrRegion: 'NL' },
    servicePrincipalId: principal.id,
    servicePrincipalName: principal.name,
    clientCredentialType: principal.managedIdentity ? 'none' : principal.credential,
    ...(principal.credential === 'certificate'
      ? { servicePrincipalCredentialThumbprint: random.hex(40) }
      : {}),
    conditionalAccessStatus: 'notApplied',
    appliedConditionalAccessPolicies: [],
    authenticationProtocol: 'none',
    incomingTokenType: 'none',
    isInteractive: false,
    ...risk(),
    ...resource(random),
  }
  const category = principal.managedIdentity ? 'ManagedIdentitySignInLogs' : 'ServicePrincipalSignInLogs'
  return envelope(tenant, random, time, { category, errorCode: 0, ip, identity: principal.name, properties })
}

interface Outer {
  readonly category: string
  readonly errorCode: number
  readonly ip: string
  readonly identity: string
  readonly properties: JsonObject
}

function envelope(tenant: Tenant, random: Random, time: number, outer: Outer): JsonObject {
  return {
    time: azureTime(time, random),
    resourceId: `/tenants/${tenant.id}/providers/Microsoft.aadiam`,
    operationName: 'Sign-in activity',
    operationVersion: '1.0',
    category: outer.category,
    tenantId: tenant.id,
    resultType: String(outer.errorCode),
    resultSignature: 'None',
    ...(outer.errorCode === 0 ? {} : { resultDescription: REASONS[outer.errorCode] ?? 'Other.' }),
    durationMs: 0,
    callerIpAddress: outer.ip,
    correlationId: random.guid(),
    identity: outer.identity,
    Level: 4,
    location: 'DE',
    properties: outer.properties,
  }
}

function head(tenant: Tenant, random: Random, time: number, id: string): JsonObject {
  return {
    id,
    createdDateTime: new Date(time).toISOString(),
    correlationId: random.guid(),
    uniqueTokenIdentifier: random.token(22),
    sessionId: random.guid(),
    tokenIssuerType: 'AzureAD',
    homeTenantId: tenant.id,
    crossTenantAccessType: 'none',
  }
}

function status(errorCode: number, random: Random): JsonObject {
  if (errorCode === 0) {
    const how = random.pick(['MFA requirement satisfied by claim in the token', 'MFA completed in Azure AD'])
    return { errorCode, additionalDetails: how }
  }
  return { errorCode, failureReason: REASONS[errorCode] ?? 'Other.' }
}

function device(user: User, { ip }: SignIn): JsonObject {
  if (ip !== undefined) return { deviceId: '', operatingSystem: 'Windows10', browser: 'Firefox 128.0' }
  return {
    deviceId: user.deviceId,
    displayName: `NH-${user.deviceId.slice(0, 6).toUpperCase()}`,
    operatingSystem: user.device.system,
    browser: user.device.browser,
    isCompliant: true,
    isManaged: true,
    trustType: 'Azure AD joined',
  }
}

function location(user: User, { ip }: SignIn): JsonObject {
  const { city, state, country, latitude, longitude } = ip === undefined ? user.place : CITIES[2]!
  return { city, state, countryOrRegion: country, geoCoordinates: { latitude, longitude } }
}

function authentication(random: Random, time: number, { interactive, errorCode }: SignIn): JsonObject {
  const failed = errorCode !== 0
  return {
    authenticationDetails: interactive
      ? [
          {
            authenticationStepDateTime: new Date(time).toISOString(),
            authenticationMethod: 'Password',
            succeeded: errorCode !== 50126,
            authenticationStepResultDetail: failed ? (REASONS[errorCode] ?? '') : 'Correct password',
          },
        ]
      : [],
    authenticationProtocol: 'none',
    authenticationRequirement: 'multiFactorAuthentication',
    incomingTokenType: interactive ? 'none' : 'primaryRefreshToken',
    isInteractive: interactive,
    autonomousSystemNumber: random.pick([64_496, 64_497, 64_500]),
    conditionalAccessStatus: failed ? 'notApplied' : 'success',
    appliedConditionalAccessPolicies: [
      {
        id: '6a2f0000-0000-4000-8000-000000000001',
        displayName: 'Require MFA for all',
        enforcedGrantControls: ['Mfa'],
        result: failed ? 'notApplied' : 'success',
      },
    ],
  }
}

function risk(): JsonObject {
  return {
    riskDetail: 'none',
    riskLevelAggregated: 'none',
    riskLevelDuringSignIn: 'none',
    riskState: 'none',
    riskEventTypes_v2: [],
  }
}

function resource(random: Random): JsonObject {
  const { id, name } = random.pick(RESOURCES)
  return {
    resourceId: id,
    resourceDisplayName: name,
  }
}
