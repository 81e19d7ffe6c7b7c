import type { JsonObject } from '@weir/model'
import type { Overrides } from './probe.ts'

const TENANT = '7b0d2c1e-0000-4000-8000-00000000c0de'
const RESOURCE = '/SUBSCRIPTIONS/0A0B0C0D-0000-4000-8000-000000000001/RESOURCEGROUPS/RG-PROD/PROVIDERS'

/** An activity log record; services write its operation into the authorization and the message, too. */
export function activity(operation: string): JsonObject {
  return {
    time: '2026-03-10T09:00:00.1234567Z',
    resourceId: `${RESOURCE}/${operation.split('/').slice(0, 2).join('/')}/UNIT-1`,
    operationName: operation,
    category: 'Administrative',
    resultType: 'Success',
    resultSignature: 'Succeeded.',
    durationMs: '0',
    callerIpAddress: '203.0.113.7',
    correlationId: '5d3c1f00-0000-4000-8000-000000000002',
    identity: {
      authorization: {
        scope: '/subscriptions/0a0b0c0d-0000-4000-8000-000000000001/resourceGroups/rg-prod',
        action: operation.toLowerCase(),
        evidence: { role: 'Contributor', principalType: 'User', principalId: 'f00d' },
      },
      claims: {
        'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': 'ada@contoso.example',
        ipaddr: '203.0.113.7',
      },
    },
    level: 'Information',
    location: 'global',
    properties: {
      eventCategory: 'Administrative',
      entity: `/subscriptions/0a0b0c0d-0000-4000-8000-000000000001/resourceGroups/rg-prod`,
      message: operation.toLowerCase(),
      hierarchy: `${TENANT}/0a0b0c0d-0000-4000-8000-000000000001`,
    },
  }
}

/** A directory audit. */
export function audit(operation: string): JsonObject {
  return {
    time: '2026-03-10T09:00:00.1234567Z',
    resourceId: `/tenants/${TENANT}/providers/Microsoft.aadiam`,
    operationName: operation,
    operationVersion: '1.0',
    category: 'AuditLogs',
    tenantId: TENANT,
    resultSignature: 'None',
    durationMs: 0,
    callerIpAddress: '203.0.113.7',
    correlationId: '5d3c1f00-0000-4000-8000-000000000003',
    Level: 4,
    properties: {
      id: 'Directory_5d3c1f00_1',
      category: 'ApplicationManagement',
      correlationId: '5d3c1f00-0000-4000-8000-000000000003',
      result: 'success',
      resultReason: '',
      activityDisplayName: operation,
      activityDateTime: '2026-03-10T09:00:00.1234567+00:00',
      loggedByService: 'Core Directory',
      operationType: 'Update',
      initiatedBy: {
        user: {
          id: 'f00d',
          displayName: null,
          userPrincipalName: 'ada@contoso.example',
          ipAddress: '203.0.113.7',
          roles: [],
        },
      },
      targetResources: [target('User', [])],
      additionalDetails: [{ key: 'User-Agent', value: 'Mozilla/5.0' }],
    },
  }
}

/** A target of an audit; modified properties as name, old and new value, whose values are JSON text. */
export function target(
  type: string,
  modified: readonly (readonly [string, string | null, string | null])[],
  more: JsonObject = {},
): JsonObject {
  return {
    id: 'beef',
    displayName: null,
    type,
    userPrincipalName: type === 'User' ? 'bo@contoso.example' : null,
    modifiedProperties: modified.map(([displayName, oldValue, newValue]) => ({
      displayName,
      oldValue,
      newValue,
    })),
    administrativeUnits: [],
    ...more,
  }
}

/** An interactive sign-in that succeeded with a second factor. */
export function signin(): JsonObject {
  return {
    time: '2026-03-10T09:00:00.1234567Z',
    resourceId: `/tenants/${TENANT}/providers/Microsoft.aadiam`,
    operationName: 'Sign-in activity',
    operationVersion: '1.0',
    category: 'SignInLogs',
    tenantId: TENANT,
    resultType: '0',
    resultSignature: 'None',
    durationMs: 0,
    callerIpAddress: '203.0.113.7',
    correlationId: '5d3c1f00-0000-4000-8000-000000000004',
    identity: 'Ada',
    Level: 4,
    location: 'SE',
    properties: {
      id: 's1',
      createdDateTime: '2026-03-10T09:00:00.1234567+00:00',
      userDisplayName: 'Ada',
      userPrincipalName: 'ada@contoso.example',
      userId: 'f00d',
      appId: 'a1',
      appDisplayName: 'Azure Portal',
      ipAddress: '203.0.113.7',
      status: { errorCode: 0, additionalDetails: 'MFA requirement satisfied by claim in the token' },
      clientAppUsed: 'Browser',
      userAgent: 'Mozilla/5.0',
      deviceDetail: {
        deviceId: 'd1',
        displayName: 'PC-1',
        operatingSystem: 'Windows10',
        browser: 'Edge',
        isCompliant: true,
        isManaged: true,
        trustType: 'Azure AD joined',
      },
      location: {
        city: 'Malmo',
        state: 'Skane',
        countryOrRegion: 'SE',
        geoCoordinates: { latitude: 55.6, longitude: 13 },
      },
      conditionalAccessStatus: 'success',
      authenticationRequirement: 'multiFactorAuthentication',
      authenticationProtocol: 'none',
      networkLocationDetails: [{ networkType: 'namedNetwork', networkNames: ['HQ'] }],
      resourceDisplayName: 'Windows Azure Service Management API',
      riskState: 'none',
      riskLevelDuringSignIn: 'none',
      isInteractive: true,
      userType: 'Member',
    },
  }
}

/** What a sign-in with an error carries in both envelope and properties. */
export function failed(code: number, reason: string, details = ''): Overrides {
  return {
    resultType: String(code),
    resultDescription: reason,
    'properties.status': { errorCode: code, failureReason: reason, additionalDetails: details },
  }
}

/** A risk detection of Identity Protection. */
export function risk(): JsonObject {
  return {
    time: '3/10/2026 9:00:00 AM',
    resourceId: `/tenants/${TENANT}/providers/microsoft.aadiam`,
    operationName: 'User Risk Detection',
    operationVersion: '1.0',
    category: 'UserRiskEvents',
    tenantId: TENANT,
    resultSignature: 'None',
    durationMs: 0,
    callerIpAddress: '203.0.113.7',
    correlationId: '5d3c1f00-0000-4000-8000-000000000005',
    identity: 'ada',
    Level: 4,
    location: 'se',
    properties: {
      id: 'r1',
      requestId: 'q1',
      correlationId: '5d3c1f00-0000-4000-8000-000000000005',
      riskType: 'generic',
      riskEventType: 'generic',
      riskState: 'atRisk',
      riskLevel: 'medium',
      riskDetail: 'none',
      source: 'IdentityProtection',
      detectionTimingType: 'realtime',
      activity: 'signin',
      ipAddress: '203.0.113.7',
      activityDateTime: '2026-03-10T09:00:00.000Z',
      detectedDateTime: '2026-03-10T09:00:00.000Z',
      userDisplayName: 'Ada',
      userPrincipalName: 'ada@contoso.example',
      userId: 'f00d',
      additionalInfo: '[]',
    },
  }
}
