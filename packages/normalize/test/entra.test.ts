import { describe, expect, test } from 'vitest'
import { identityOf, subjectOf } from '../src/index.ts'
import { eventsFrom } from './corpus.ts'
import { expectFields } from './fields.ts'

const TENANT = '/tenants/T1/providers/Microsoft.aadiam'
const TIME = '2026-01-02T03:04:05.1234567Z'

describe('azure.identity_protection', () => {
  const risk = (properties: object, more: object = {}) => ({
    time: '1/2/2026 3:04:05 AM',
    resourceId: TENANT,
    category: 'UserRiskEvents',
    operationName: 'User Risk Detection',
    correlationId: 'c1',
    properties: { id: 'r1', riskLevel: 'high', riskState: 'atRisk', ...properties },
    ...more,
  })

  test('a detection: of whom, of what, from where', () => {
    const record = risk({
      userPrincipalName: 'Ann@example.com',
      userId: 'u1',
      riskEventType: 'anonymizedIPAddress',
      ipAddress: '203.0.113.9',
      location: { city: 'Bonn', countryOrRegion: 'DE' },
    })
    expect(eventsFrom(record)[0]?.time).toBe(Date.UTC(2026, 0, 2, 3, 4, 5))
    expectFields(record, {
      'event.id': 'r1',
      'event.code': 'anonymizedIPAddress',
      'azure.identity_protection.event_type': 'anonymizedipaddress',
      'azure.identity_protection.level': 'high',
      'azure.identity_protection.state': 'atrisk',
      'user.name': 'ann@example.com',
      'user.id': 'u1',
      'source.ip': '203.0.113.9',
      'source.geo.country_iso_code': 'DE',
      'azure.tenant_id': 't1',
    })
  })

  test("a risky user's id is the record's, a risky service principal's too; a detection's is its own", () => {
    const user = risk({ id: 'u1', userPrincipalName: 'Ann@example.com' }, { category: 'RiskyUsers' })
    expectFields(user, { 'user.id': 'u1', 'azure.service_principal.id': undefined })
    const principal = risk({ id: 'sp1', displayName: 'Robot' }, { category: 'RiskyServicePrincipals' })
    expectFields(principal, {
      'user.id': undefined,
      'azure.service_principal.id': 'sp1',
      'azure.service_principal.name': 'Robot',
    })
    expectFields(risk({}), { 'user.id': undefined, 'azure.service_principal.id': undefined })
  })

  test('a detection that was dismissed later, and a user at risk once more, are further states of one id', () => {
    const told = [
      risk({}),
      risk({ riskState: 'dismissed', riskDetail: 'adminDismissedAllRiskForUser' }),
      risk({ riskLastUpdatedDateTime: '2026-01-03T00:00:00Z' }),
    ].flatMap((record) => eventsFrom(record))
    expect(new Set(told.map(identityOf)).size).toBe(3)
    expect(new Set(told.map(subjectOf))).toEqual(new Set(['r1']))
    const again = eventsFrom(risk({}, { callerIpAddress: '203.0.113.1' }))[0]!
    expect(identityOf(again)).toBe(identityOf(told[0]!))
  })

  test('without a time in the envelope, when the state was told', () => {
    const record = risk({ detectedDateTime: TIME }, { time: undefined })
    expect(eventsFrom(record)[0]?.time).toBe(Date.UTC(2026, 0, 2, 3, 4, 5, 123))
  })
})

describe('azure.graphactivitylogs', () => {
  test('a call of Microsoft Graph that was refused', () => {
    const record = {
      time: TIME,
      resourceId: '/TENANTS/T1/PROVIDERS/MICROSOFT.AADIAM',
      category: 'MicrosoftGraphActivityLogs',
      operationName: 'Microsoft Graph Activity',
      callerIpAddress: '2001:DB8::1',
      durationMs: 462680,
      resultSignature: '403',
      properties: {
        requestId: 'g1',
        requestMethod: 'GET',
        requestUri: 'https://graph.microsoft.com/V1.0/Users?$top=5',
        responseStatusCode: 403,
        userId: 'u1',
        appId: 'a1',
        servicePrincipalId: null,
        scopes: 'User.Read Mail.Read',
        userAgent: 'python-requests/2',
      },
    }
    expectFields(record, {
      'event.id': 'g1',
      'event.action': 'microsoft graph activity',
      'event.outcome': 'failure',
      'event.code': '403',
      'event.type': ['access'],
      'http.request.method': 'GET',
      'http.response.status_code': 403,
      'url.original': 'https://graph.microsoft.com/V1.0/Users?$top=5',
      'url.path': '/v1.0/users',
      'source.ip': '2001:db8::1',
      'user.id': 'u1',
      'user_agent.original': 'python-requests/2',
      'azure.app.id': 'a1',
      'azure.service_principal.id': undefined,
      'azure.graphactivitylogs.scopes': 'User.Read Mail.Read',
    })
  })

  test('a call of the older graph has the same names, and its time from within', () => {
    const record = {
      category: 'AzureADGraphActivityLogs',
      operationName: 'AAD Graph Activity',
      tenantId: 'T1',
      properties: {
        requestId: 'g2',
        httpMethod: 'PATCH',
        httpStatusCode: 204,
        callerIpAddress: '203.0.113.9',
        requestUri: '/v2/t1/applications/x',
        timeGenerated: TIME,
        servicePrincipalId: 'sp1',
      },
    }
    const event = eventsFrom(record)[0]
    expect(event?.time).toBe(Date.UTC(2026, 0, 2, 3, 4, 5, 123))
    expect(event?.record.properties).toMatchObject({ requestMethod: 'PATCH', responseStatusCode: 204 })
    expectFields(record, {
      'event.outcome': 'success',
      'event.type': ['change'],
      'source.ip': '203.0.113.9',
      'url.path': '/v2/t1/applications/x',
      'azure.service_principal.id': 'sp1',
    })
  })
})

describe('azure.provisioning', () => {
  const record = (properties: object) => ({
    time: TIME,
    resourceId: TENANT,
    category: 'ProvisioningLogs',
    operationName: 'Provisioning activity',
    resultType: 'Failure',
    properties: { id: 'p1', provisioningAction: 'create', ...properties },
  })

  test.each([
    [
      'as exported',
      {
        provisioningStatusInfo: {
          Status: 'failure',
          errorInformation: { errorCode: 'Conflict', reason: 'exists' },
        },
        initiatedBy: { Type: 'system', Name: 'Provisioning Service', Id: '' },
        sourceIdentity: { Id: 'u1', Name: 'Ann', details: { UserPrincipalName: 'Ann@example.com' } },
        targetSystem: { Name: 'CRM' },
        servicePrincipal: { Id: 'sp1', Name: 'CRM app' },
      },
    ],
    [
      'as Graph writes it',
      {
        provisioningStatusInfo: {
          status: 'failure',
          errorInformation: { errorCode: 'Conflict', reason: 'exists' },
        },
        initiatedBy: { initiatorType: 'system', name: 'Provisioning Service' },
        sourceIdentity: { id: 'u1', name: 'Ann', details: { UserPrincipalName: 'Ann@example.com' } },
        targetSystem: { name: 'CRM' },
        servicePrincipal: { id: 'sp1', name: 'CRM app' },
      },
    ],
  ])('%s', (_name, properties) => {
    expectFields(record(properties), {
      'event.id': 'p1',
      'event.action': 'create',
      'event.type': ['user', 'creation'],
      'event.outcome': 'failure',
      'event.code': 'Conflict',
      'event.reason': 'exists',
      'user.name': 'provisioning service',
      'user.target.name': 'ann@example.com',
      'user.target.id': 'u1',
      'azure.service_principal.id': 'sp1',
      'azure.provisioning.target_system': 'CRM',
    })
  })

  test.each(['skipped', 'warning'])('%s is neither success nor failure', (Status) => {
    expectFields(record({ provisioningStatusInfo: { Status } }), { 'event.outcome': 'unknown' })
  })
})

describe('Microsoft 365 audits that Entra exports', () => {
  test.each([
    [
      'with capitals',
      {
        Id: 'o1',
        Operation: 'FileDownloaded',
        Workload: 'SharePoint',
        UserId: 'Ann@example.com',
        ClientIp: '203.0.113.9',
        RecordType: 6,
      },
    ],
    [
      'without',
      {
        id: 'o1',
        operation: 'FileDownloaded',
        workload: 'SharePoint',
        userId: 'Ann@example.com',
        clientIp: '203.0.113.9',
        recordType: 6,
      },
    ],
  ])('%s', (_name, audit) => {
    const AdditionalProperties = '{"SourceFileName":"a.docx","Operation":"other"}'
    const record = {
      time: TIME,
      tenantId: 'T1',
      category: 'EnrichedOffice365AuditLogs',
      properties: { ...audit, AdditionalProperties },
    }
    const event = eventsFrom(record)[0]
    expect([event?.dataset.name, event?.time]).toEqual(['o365.audit', Date.UTC(2026, 0, 2, 3, 4, 5, 123)])
    expectFields(record, {
      'event.id': 'o1',
      'event.action': 'filedownloaded',
      'event.category': ['file'],
      'user.name': 'ann@example.com',
      'source.ip': '203.0.113.9',
      'file.name': 'a.docx',
      'organization.id': 'T1',
    })
  })
})
