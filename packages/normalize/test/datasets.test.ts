import type { JsonObject, JsonValue } from '@weir/model'
import { describe, expect, test } from 'vitest'
import { classify, DATASETS, fold, inShape, toEcs } from '../src/index.ts'
import { eventsFrom } from './corpus.ts'
import { expectFields } from './fields.ts'

const TENANT = '/tenants/T1/providers/Microsoft.aadiam'
const VAULT = '/SUBSCRIPTIONS/S1/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.KEYVAULT/VAULTS/V1'
const TIME = '2026-01-02T03:04:05.1234567Z'

describe('which dataset a record belongs to', () => {
  test.each([
    ['azure.signinlogs', { category: 'SignInLogs' }],
    ['azure.signinlogs', { category: 'NonInteractiveUserSignInLogs' }],
    ['azure.signinlogs', { category: 'ServicePrincipalSignInLogs' }],
    ['azure.signinlogs', { category: 'MANAGEDIDENTITYSIGNINLOGS' }],
    [
      'azure.signinlogs',
      { Category: 'SignInLogs', OperationName: 'Sign-in activity', Properties: { Id: 'x' } },
    ],
    [
      'azure.signinlogs',
      { id: 'x', createdDateTime: TIME, appDisplayName: 'App', userPrincipalName: 'a@b.example' },
    ],
    ['azure.auditlogs', { category: 'AuditLogs' }],
    [
      'azure.auditlogs',
      { id: 'x', activityDateTime: TIME, activityDisplayName: 'Add user', category: 'UserManagement' },
    ],
    [
      'azure.auditlogs',
      {
        category: 'Policy',
        operationName: 'Update',
        properties: { activityDateTime: TIME, initiatedBy: {} },
      },
    ],
    ['azure.activitylogs', { category: 'Administrative', operationName: 'MICROSOFT.X/Y/WRITE' }],
    ['azure.activitylogs', { category: 'Delete', operationName: 'Microsoft.X/y/delete' }],
    [
      'azure.activitylogs',
      { category: { value: 'Policy' }, operationName: { value: 'Microsoft.X/y/read' }, eventTimestamp: TIME },
    ],
    ['azure.signinlogs', { category: 'ADFSSignInLogs' }],
    ['azure.auditlogs', { category: 'CustomSecurityAttributeAuditLogs' }],
    ['azure.identity_protection', { category: 'UserRiskEvents' }],
    ['azure.identity_protection', { category: 'riskyusers' }],
    ['azure.identity_protection', { category: 'ServicePrincipalRiskEvents' }],
    ['azure.identity_protection', { category: 'RiskyServicePrincipals' }],
    ['azure.graphactivitylogs', { category: 'MicrosoftGraphActivityLogs' }],
    ['azure.graphactivitylogs', { category: 'AzureADGraphActivityLogs' }],
    ['azure.keyvault', { category: 'AuditEvent', resourceId: VAULT }],
    ['azure.keyvault', { category: 'AuditEvent', operationName: 'SecretGet' }],
    ['azure.storage', { category: 'StorageRead' }],
    ['azure.storage', { resourceId: `${VAULT}/BLOBSERVICES/DEFAULT`, operationName: 'putblob' }],
    ['azure.platformlogs', { resourceId: `${VAULT}/blobServices/default`, metricName: 'Egress' }],
    [
      'azure.activitylogs',
      { category: 'Administrative', operationName: { value: 'Microsoft.X/y/action' }, time: TIME },
    ],
    ['azure.nsgflow', { category: 'NetworkSecurityGroupFlowEvent' }],
    ['azure.vnetflow', { category: 'FlowLogFlowEvent' }],
    [
      'azure.platformlogs',
      { category: 'AuditEvent', resourceId: '/SUBSCRIPTIONS/S1/PROVIDERS/X.Y/ACCOUNTS/Z' },
    ],
    ['azure.platformlogs', { category: 'Security', operationName: 'Check', resourceId: VAULT }],
    ['azure.platformlogs', { category: 'kube-apiserver', resourceid: VAULT }],
    ['azure.platformlogs', { category: 'MySqlAuditLogs', resourceId: VAULT }],
    ['azure.aks_audit', { category: 'kube-audit', resourceid: VAULT }],
    ['azure.aks_audit', { category: 'kube-audit-admin' }],
    ['azure.provisioning', { category: 'ProvisioningLogs' }],
    ['azure.networkaccess', { category: 'NetworkAccessTrafficLogs' }],
    ['o365.audit', { category: 'EnrichedOffice365AuditLogs', properties: { Operation: 'FileAccessed' } }],
    ['azure.firewall_logs', { category: 'AzureFirewallNetworkRule', properties: { msg: 'x' } }],
    ['azure.firewall_logs', { category: 'AZFWIdpsSignature' }],
    ['azure.firewall_logs', { category: 'azfwdnsquery' }],
    ['azure.application_gateway', { category: 'ApplicationGatewayAccessLog' }],
    ['azure.application_gateway', { category: 'ApplicationGatewayFirewallLog' }],
    ['azure.frontdoor_waf', { category: 'FrontDoorWebApplicationFirewallLog' }],
    ['azure.frontdoor_waf', { category: 'FrontdoorWebApplicationFirewallLog' }],
    ['azure.sqlaudit', { category: 'SQLSecurityAuditEvents' }],
    ['azure.sqlaudit', { category: 'DevOpsOperationsAudit' }],
    ['azure.app_service', { Category: 'AppServiceAuditLogs', OperationName: 'Authorization' }],
    ['azure.functions', { category: 'FunctionAppLogs' }],
    ['azure.firewall_logs', { category: 'AZFWNotYetKnown' }],
    ['azure.app_service', { category: 'AppServiceNotYetKnown' }],
    ['azure.platformlogs', { category: 'XAppServiceLogs', resourceId: VAULT }],
    ['m365_defender.event', { category: 'AdvancedHunting-AlertInfo' }],
    [
      'm365_defender.alert',
      {
        id: 'x',
        title: 'T',
        category: 'Policy',
        serviceSource: 'microsoftDefenderXdr',
        alertWebUrl: 'https://x',
      },
    ],
    ['generic', { id: 'x', title: 'T', category: 'Malware', serviceSource: 'microsoftDefenderXdr' }],
    ['m365_defender.event', { category: 'AdvancedHunting-NotYetKnown' }],
    ['microsoft_defender_cloud.event', { type: 'Microsoft.Security/Locations/alerts', properties: {} }],
    ['microsoft_defender_cloud.event', { Type: 'microsoft.security/assessments', Properties: {} }],
    ['microsoft_defender_cloud.event', { SystemAlertId: 'x', AlertDisplayName: 'y' }],
    ['generic', { type: 'Microsoft.Securityx', properties: {} }],
    ['azure.platformlogs', { resourceId: VAULT, metricName: 'cpu' }],
    ['aws.cloudtrail', { eventSource: 's3.amazonaws.com', eventName: 'GetObject' }],
    [
      'aws.iam_credential_report',
      { user: 'ada', arn: 'arn:aws:iam::1:user/ada', access_key_1_active: 'true' },
    ],
    ['o365.audit', { Operation: 'FileAccessed', CreationTime: '2026-01-02T03:04:05', Id: 'x' }],
    ['generic', { category: 'Administrative', message: 'no envelope' }],
    ['generic', { eventName: 'GetObject' }],
    ['generic', { Operation: 'FileAccessed' }],
    ['generic', {}],
    ['weir.canary', { weir: { canary: 'c-1', planted: TIME } }],
    ['generic', { weir: { canary: 7 } }],
    ['generic', { weir: { canary: 'c 1' } }],
    ['azure.signinlogs', { category: 'SignInLogs', weir: { canary: 'c-1', planted: TIME } }],
  ])('%s: %j', (name, record) => {
    expect(classify(inShape(record as Parameters<typeof inShape>[0])).name).toBe(name)
  })

  test('a way in that names one of ours decides; an unknown name does not', () => {
    expect(classify({ category: 'SignInLogs' }, 'generic').name).toBe('generic')
    expect(classify({ category: 'SignInLogs' }, 'MyTable_CL').name).toBe('azure.signinlogs')
    expect(classify({ weir: { canary: 'c-1' } }, 'azure.signinlogs').name).toBe('weir.canary')
  })
})

describe('azure.signinlogs', () => {
  const signin = (errorCode: number | string, more: object = {}) => ({
    time: TIME,
    resourceId: TENANT,
    operationName: 'Sign-in activity',
    category: 'SignInLogs',
    resultType: String(errorCode),
    callerIpAddress: '203.0.113.9',
    properties: {
      id: 'sign-in-1',
      userPrincipalName: 'Ann@Example.COM',
      userId: 'u1',
      ipAddress: '203.0.113.9',
      location: { city: 'Bonn', countryOrRegion: 'DE' },
      status: { errorCode, failureReason: 'because' },
      ...more,
    },
  })

  test('who, where and what', () => {
    expectFields(
      signin(50126, { autonomousSystemNumber: 64_500, userAgent: 'curl/8', riskState: 'atRisk' }),
      {
        'event.action': 'sign-in activity',
        'event.outcome': 'failure',
        'event.code': '50126',
        'event.reason': 'because',
        'event.id': 'sign-in-1',
        'user.name': 'ann@example.com',
        'user.id': 'u1',
        'source.ip': '203.0.113.9',
        'source.geo.country_iso_code': 'DE',
        'source.geo.city_name': 'Bonn',
        'source.as.number': 64_500,
        'user_agent.original': 'curl/8',
        'azure.tenant_id': 't1',
        'azure.signinlogs.error_code': 50_126,
        'azure.signinlogs.risk.state': 'atRisk',
      },
    )
  })

  test.each([
    [0, 'success'],
    ['0', 'success'],
    [50126, 'failure'],
    [50053, 'failure'],
    [50057, 'failure'],
    [53003, 'failure'],
    [500121, 'failure'],
    [50074, 'unknown'],
    [50076, 'unknown'],
    [50079, 'unknown'],
    [50072, 'unknown'],
    [50140, 'unknown'],
    [50199, 'unknown'],
    [50058, 'unknown'],
    [50125, 'unknown'],
  ])('error code %s is %s', (code, outcome) => {
    expectFields(signin(code), { 'event.outcome': outcome })
  })

  test('without a status the envelope tells, without both nothing is claimed', () => {
    const bare = { time: TIME, category: 'SignInLogs', properties: {} }
    expectFields({ ...bare, resultType: 50126 }, { 'event.outcome': 'failure', 'event.code': '50126' })
    expectFields(bare, { 'event.outcome': 'unknown', 'event.code': undefined })
  })

  test("Graph's record becomes the hub's", () => {
    const graph = {
      id: 'sign-in-1',
      createdDateTime: '2026-01-02T03:04:05Z',
      userPrincipalName: 'Ann@Example.COM',
      appDisplayName: 'Portal',
      ipAddress: '2001:DB8::1',
      isInteractive: false,
      status: { errorCode: 50053 },
    }
    const event = eventsFrom(graph)[0]
    expect(event?.record).toMatchObject({
      category: 'NonInteractiveUserSignInLogs',
      resultType: '50053',
      properties: { status: { errorCode: 50053 } },
    })
    expectFields(graph, {
      'user.name': 'ann@example.com',
      'source.ip': '2001:db8::1',
      'event.outcome': 'failure',
    })
  })

  test('a service principal is no user', () => {
    const record = signin(0, {
      userPrincipalName: '',
      servicePrincipalId: 'sp1',
      servicePrincipalName: 'Robot',
    })
    expectFields(record, {
      'user.name': undefined,
      'azure.service_principal.id': 'sp1',
      'azure.service_principal.name': 'Robot',
    })
  })
})

describe('azure.auditlogs', () => {
  const audit = (properties: object) => ({
    time: TIME,
    resourceId: TENANT,
    category: 'AuditLogs',
    operationName: 'Add member to role.',
    properties: { id: 'audit-1', result: 'success', ...properties },
  })

  test('a role given: by whom, to whom, which', () => {
    const record = audit({
      initiatedBy: {
        user: { userPrincipalName: 'Admin@example.com', id: 'a1', ipAddress: '198.51.100.7:4711' },
      },
      targetResources: [
        {
          type: 'User',
          id: 't1',
          userPrincipalName: 'Bob@example.com',
          modifiedProperties: [
            { displayName: 'Role.DisplayName', oldValue: null, newValue: '"Global Administrator"' },
            { displayName: 'Role.TemplateId', oldValue: null, newValue: '"62e90394"' },
          ],
        },
        { type: 'Role', id: 'r1' },
      ],
    })
    expectFields(record, {
      'event.action': 'add member to role',
      'event.outcome': 'success',
      'event.type': ['creation'],
      'user.name': 'admin@example.com',
      'user.id': 'a1',
      'user.target.name': 'bob@example.com',
      'user.target.id': 't1',
      'source.ip': '198.51.100.7',
      'source.port': 4711,
      'azure.auditlogs.role': 'Global Administrator',
      'azure.auditlogs.role_template_id': '62e90394',
      'azure.auditlogs.modified': ['Role.DisplayName', 'Role.TemplateId'],
    })
  })

  test('a role taken away is the old value', () => {
    const modifiedProperties = [{ displayName: 'Role.DisplayName', oldValue: '"Reader"', newValue: null }]
    expectFields(audit({ targetResources: [{ type: 'User', modifiedProperties }] }), {
      'azure.auditlogs.role': 'Reader',
    })
  })

  test('an app as actor; a group as target is no user', () => {
    const record = audit({
      result: 'failure',
      resultReason: 'denied',
      initiatedBy: { app: { displayName: 'Provisioner', servicePrincipalId: 'sp1' } },
      targetResources: [{ type: 'Group', id: 'g1' }],
    })
    expectFields(record, {
      'event.outcome': 'failure',
      'event.reason': 'denied',
      'user.name': 'provisioner',
      'user.id': 'sp1',
      'user.target.name': undefined,
      'user.target.id': undefined,
      'azure.auditlogs.target.type': 'Group',
    })
  })
})

describe('azure.activitylogs', () => {
  const activity = (more: object) => ({
    time: TIME,
    resourceId: '/SUBSCRIPTIONS/S1/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/R1',
    operationName: 'MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/WRITE',
    category: 'Administrative',
    ...more,
  })

  test('a role assignment, out of JSON text of any case', () => {
    const requestbody = JSON.stringify({
      Properties: {
        RoleDefinitionId: '/providers/Microsoft.Authorization/roleDefinitions/8E3AF657',
        principalId: 'p1',
      },
    })
    const claims = {
      'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': 'Ann@example.com',
      'http://schemas.microsoft.com/identity/claims/objectidentifier': 'o1',
    }
    const record = activity({ resultType: 'Success', identity: { claims }, properties: { requestbody } })
    expectFields(record, {
      'event.action': 'microsoft.authorization/roleassignments/write',
      'event.category': ['iam'],
      'event.type': ['change'],
      'event.outcome': 'success',
      'user.name': 'ann@example.com',
      'user.id': 'o1',
      'cloud.account.id': 's1',
      'azure.resource.group': 'rg',
      'azure.activitylogs.request.role_definition_id': '8e3af657',
      'azure.activitylogs.request.principal_id': 'p1',
    })
  })

  test.each([
    ['Success', 'success'],
    ['Succeeded', 'success'],
    ['Failure', 'failure'],
    ['Failed', 'failure'],
    ['Start', 'unknown'],
    ['Accept', 'unknown'],
  ])('resultType %s is %s', (resultType, outcome) => {
    expectFields(activity({ resultType }), { 'event.outcome': outcome })
  })

  test('the REST form becomes the exported one', () => {
    const rest = {
      eventDataId: 'e1',
      eventTimestamp: TIME,
      operationName: { value: 'Microsoft.Compute/virtualMachines/delete', localizedValue: 'Delete VM' },
      category: { value: 'Administrative' },
      status: { value: 'Succeeded' },
      httpRequest: { clientIpAddress: '198.51.100.7', method: 'DELETE' },
      caller: 'Ann@example.com',
      resourceId: VAULT,
    }
    expectFields(rest, {
      'event.dataset': 'azure.activitylogs',
      'event.id': 'e1',
      'event.action': 'microsoft.compute/virtualmachines/delete',
      'event.outcome': 'success',
      'source.ip': '198.51.100.7',
      'user.name': 'ann@example.com',
    })
  })
})

describe('azure.keyvault', () => {
  const call = (status: number, identity?: object) => ({
    time: TIME,
    category: 'AuditEvent',
    resourceId: VAULT,
    operationName: 'SecretGet',
    resultType: 'Success',
    identity,
    properties: { httpStatusCode: status, id: 'https://v1.vault.azure.net/secrets/Key-One/1' },
  })

  test.each([
    [200, { claim: { oid: 'o1' } }, 'success'],
    [403, { claim: { oid: 'o1' } }, 'failure'],
    [401, { claim: { oid: 'o1' } }, 'failure'],
    [401, undefined, 'unknown'],
  ])('HTTP %s with identity %j is %s', (status, identity, outcome) => {
    expectFields(call(status, identity), { 'event.outcome': outcome })
  })

  test('which secret, and who', () => {
    expectFields(call(200, { claim: { upn: 'Ann@example.com', oid: 'o1', appid: 'app1' } }), {
      'event.type': ['access'],
      'user.name': 'ann@example.com',
      'user.id': 'o1',
      'azure.app.id': 'app1',
      'azure.keyvault.object.type': 'secrets',
      'azure.keyvault.object.name': 'Key-One',
      'azure.resource.name': 'v1',
    })
  })
})

describe('azure.storage', () => {
  const read = {
    time: TIME,
    category: 'StorageRead',
    operationName: 'GetBlob',
    resourceId:
      '/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/acc/blobServices/default',
    statusCode: '200',
    statusText: 'AnonymousSuccess',
    callerIpAddress: '198.51.100.7:50123',
    uri: 'https://acc.blob.example/c/Dir/File.txt?sv=1&sig=SECRET%3D&se=2',
    identity: { type: 'SAS Key' },
    properties: { accountName: 'acc', objectKey: '/acc/c/Dir/File.txt', responseBodySize: '1024' },
  }

  test('what was read, and no signature', () => {
    expectFields(read, {
      'event.outcome': 'success',
      'source.ip': '198.51.100.7',
      'source.port': 50_123,
      'url.original': 'https://acc.blob.example/c/Dir/File.txt?sv=1&sig=redacted&se=2',
      'file.path': '/acc/c/Dir/File.txt',
      'file.name': 'File.txt',
      'destination.bytes': 1024,
      'http.response.status_code': 200,
      'azure.storage.authentication': 'sas key',
      'azure.storage.status_text': 'anonymoussuccess',
    })
  })

  test.each([
    [{ statusCode: 403 }, 'failure'],
    [{ statusCode: undefined, statusText: 'SASSuccess' }, 'success'],
    [{ statusCode: undefined, statusText: 'AuthorizationFailure' }, 'failure'],
    [{ statusCode: undefined, statusText: undefined }, 'unknown'],
  ])('%j is %s', (more, outcome) => {
    expectFields({ ...read, ...more }, { 'event.outcome': outcome })
  })
})

describe('flows', () => {
  const nsg = (...flowTuples: readonly string[]) => ({
    time: TIME,
    category: 'NetworkSecurityGroupFlowEvent',
    resourceId: '/SUBSCRIPTIONS/S1/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/N1',
    macAddress: '000D3A000001',
    properties: { Version: 2, flows: [{ rule: 'UserRule_x', flows: [{ mac: '000D3A000001', flowTuples }] }] },
  })

  test('a security group: one event per tuple, each at its own time', () => {
    const events = eventsFrom(
      nsg(
        '1767323045,192.0.2.1,203.0.113.9,50000,443,T,O,A,E,3,767,2,1580',
        '1767323046,203.0.113.9,192.0.2.1,5,22,U,I,D,B,,,,',
      ),
    )
    expect(events.map((event) => [event.time, event.part])).toEqual([
      [1_767_323_045_000, 0],
      [1_767_323_046_000, 1],
    ])
    expect(events.map(toEcs)).toMatchObject([
      {
        event: { action: 'allowed', outcome: 'success', type: ['connection', 'allowed', 'end'] },
        source: { ip: '192.0.2.1', port: 50_000, bytes: 767, packets: 3 },
        destination: { ip: '203.0.113.9', port: 443, bytes: 1580 },
        network: { transport: 'tcp', direction: 'outbound', bytes: 2347, packets: 5 },
        rule: { name: 'UserRule_x' },
        azure: { flow: { mac: '000d3a000001', state: 'end' } },
      },
      {
        event: { action: 'denied', outcome: 'failure' },
        network: { transport: 'udp', direction: 'inbound' },
      },
    ])
    expect(toEcs(events[1] as (typeof events)[number])).not.toHaveProperty('network.bytes')
  })

  test('the first version has eight columns', () => {
    expectFields(nsg('1767323045,192.0.2.1,203.0.113.9,50000,443,T,O,A'), {
      'event.action': 'allowed',
      'azure.flow.state': undefined,
      'network.bytes': undefined,
    })
  })

  test.each([
    [
      '1767323045123,192.0.2.1,203.0.113.9,50000,443,6,O,B,X,0,0,0,0',
      1_767_323_045_123,
      'tcp',
      'allowed',
      'X',
    ],
    ['1767323045,192.0.2.1,203.0.113.9,50000,53,17,I,D,NX,0,0,0,0', 1_767_323_045_000, 'udp', 'denied', 'NX'],
  ])('a virtual network: %s', (tuple, time, transport, action, encryption) => {
    const events = eventsFrom({
      time: TIME,
      category: 'FlowLogFlowEvent',
      targetResourceID: '/subscriptions/S1/resourceGroups/RG/providers/Microsoft.Network/virtualNetworks/V1',
      macAddress: '00',
      flowRecords: { flows: [{ aclID: 'ACL', flowGroups: [{ rule: 'r', flowTuples: [tuple] }] }] },
    })
    expect(events.map((event) => event.time)).toEqual([time])
    expect(toEcs(events[0] as (typeof events)[number])).toMatchObject({
      event: { action },
      network: { transport },
      azure: { resource: { name: 'v1' }, flow: { encryption, acl_id: 'acl' } },
    })
  })

  test('a record without tuples gives no event, a tuple without a time has its record’s', () => {
    expect(eventsFrom(nsg())).toHaveLength(0)
    expect(eventsFrom({ ...nsg(), properties: null })).toHaveLength(0)
    expect(eventsFrom(nsg('x,y'))[0]?.time).toBe(Date.UTC(2026, 0, 2, 3, 4, 5, 123))
  })
})

describe('aws.cloudtrail', () => {
  const call = (more: object) => ({
    eventTime: '2026-01-02T03:04:05Z',
    eventSource: 'iam.amazonaws.com',
    eventName: 'CreateAccessKey',
    eventID: 'e1',
    awsRegion: 'eu-central-1',
    recipientAccountId: '111122223333',
    sourceIPAddress: '198.51.100.7',
    ...more,
  })

  test('who did what for whom', () => {
    const userIdentity = { type: 'IAMUser', userName: 'Ann', principalId: 'AIDA1', accessKeyId: 'AKIA1' }
    expectFields(call({ userIdentity, requestParameters: { userName: 'Bob' } }), {
      'event.id': 'e1',
      'event.action': 'createaccesskey',
      'event.category': ['iam'],
      'event.type': ['creation'],
      'event.outcome': 'success',
      'event.provider': 'iam.amazonaws.com',
      'cloud.service.name': 'iam',
      'cloud.account.id': '111122223333',
      'user.name': 'ann',
      'user.id': 'AIDA1',
      'user.target.name': 'bob',
      'source.ip': '198.51.100.7',
    })
  })

  test.each([
    [{ errorCode: 'AccessDenied', errorMessage: 'no' }, 'failure'],
    [{ eventName: 'ConsoleLogin', responseElements: { ConsoleLogin: 'Failure' } }, 'failure'],
    [{ eventName: 'ConsoleLogin', errorMessage: 'Failed authentication' }, 'failure'],
    [{ eventName: 'ConsoleLogin', responseElements: { ConsoleLogin: 'Success' } }, 'success'],
    [{ responseElements: null }, 'success'],
  ])('%j is a %s', (more, outcome) => {
    expectFields(call(more), { 'event.outcome': outcome })
  })

  test.each([
    [{ type: 'Root', principalId: '1' }, 'root', undefined],
    [
      {
        type: 'AssumedRole',
        principalId: 'AROA1:Ann',
        sessionContext: { sessionIssuer: { userName: 'Admin' } },
      },
      'admin',
      'Ann',
    ],
    [{ type: 'AWSService', invokedBy: 'ec2.amazonaws.com' }, undefined, undefined],
  ])('identity %j', (userIdentity, name, session) => {
    expectFields(call({ userIdentity }), {
      'user.name': name,
      'aws.cloudtrail.user_identity.session_name': session,
    })
  })

  test('a service is an address, but no IP', () => {
    expectFields(call({ sourceIPAddress: 'ec2.amazonaws.com' }), {
      'source.ip': undefined,
      'source.address': 'ec2.amazonaws.com',
    })
  })
})

describe('o365.audit', () => {
  const audit = (more: object) => ({
    CreationTime: '2026-01-02T03:04:05',
    Id: 'o1',
    Operation: 'FileDownloaded',
    RecordType: 6,
    Workload: 'SharePoint',
    UserId: 'Ann@Example.com',
    OrganizationId: 'org1',
    ClientIP: '[2001:db8::1]:4711',
    ...more,
  })

  test('a file', () => {
    const record = audit({
      ObjectId: 'https://x.example/s/Docs/A.docx',
      SourceRelativeUrl: 'Docs',
      SourceFileName: 'A.docx',
    })
    expect(eventsFrom(record)[0]?.time).toBe(Date.UTC(2026, 0, 2, 3, 4, 5))
    expectFields(record, {
      'event.id': 'o1',
      'event.action': 'filedownloaded',
      'event.category': ['file'],
      'event.code': '6',
      'event.outcome': 'success',
      'user.name': 'ann@example.com',
      'source.ip': '2001:db8::1',
      'source.port': 4711,
      'organization.id': 'org1',
      'file.path': 'Docs/A.docx',
      'url.original': 'https://x.example/s/Docs/A.docx',
    })
  })

  test('a cmdlet’s parameters by name', () => {
    const Parameters = [
      { Name: 'ForwardTo', Value: 'x@evil.example' },
      { Name: 'DeleteMessage', Value: 'True' },
    ]
    expectFields(audit({ Operation: 'New-InboxRule', RecordType: 1, ResultStatus: 'True', Parameters }), {
      'event.action': 'new-inboxrule',
      'event.type': ['creation'],
      'event.outcome': 'success',
      'o365.audit.parameter.ForwardTo': 'x@evil.example',
      'o365.audit.parameter.DeleteMessage': 'True',
      'o365.audit.parameter.RedirectTo': undefined,
    })
  })

  test('a directory operation loses its full stop; its target is a user', () => {
    const record = audit({
      Operation: 'Add member to role.',
      RecordType: 8,
      Target: [
        { ID: 'Bob@example.com', Type: 5 },
        { ID: 'a2d4f6e8-0000-4000-8000-000000000001', Type: 2 },
      ],
      ModifiedProperties: [{ Name: 'Role.DisplayName', NewValue: 'Global Administrator', OldValue: '' }],
    })
    expectFields(record, {
      'event.action': 'add member to role',
      'user.target.name': 'bob@example.com',
      'user.target.id': 'a2d4f6e8-0000-4000-8000-000000000001',
      'o365.audit.role': 'Global Administrator',
    })
  })

  test.each([
    [{ Operation: 'UserLoggedIn', RecordType: 15, ResultStatus: 'Succeeded', ErrorNumber: '0' }, 'success'],
    [{ Operation: 'UserLoggedIn', RecordType: 15, ResultStatus: 'Succeeded' }, 'success'],
    [
      { Operation: 'UserLoginFailed', RecordType: 15, ResultStatus: 'Succeeded', ErrorNumber: '50126' },
      'failure',
    ],
    [
      { Operation: 'UserLoginFailed', RecordType: 15, ResultStatus: 'Succeeded', ErrorNumber: '50140' },
      'unknown',
    ],
    [
      { Operation: 'UserLoggedIn', RecordType: 15, ResultStatus: 'Succeeded', LogonError: 'InvalidPassword' },
      'failure',
    ],
    [{ Operation: 'UserLoginFailed', ResultStatus: 'Succeeded' }, 'failure'],
    [{ Operation: 'Set-Mailbox', ResultStatus: 'Failed' }, 'failure'],
    [{ Operation: 'Set-Mailbox', ResultStatus: 'PartiallySucceeded' }, 'success'],
    [{ Operation: 'AlertTriggered', ResultStatus: 'New' }, 'unknown'],
  ])('%j is %s', (more, outcome) => {
    expectFields(audit(more), { 'event.outcome': outcome })
  })
})

describe('generic', () => {
  test.each([
    [{ '@timestamp': TIME, source: { ip: '198.51.100.7' }, event: { action: 'Login' } }],
    [{ '@timestamp': TIME, 'source.ip': '198.51.100.7', 'event.action': 'Login' }],
    [{ timestamp: TIME, src_ip: '198.51.100.7', action: 'Login' }],
  ])('%j', (record) => {
    expectFields(record, { 'source.ip': '198.51.100.7', 'event.action': 'login' })
    expect(eventsFrom(record)[0]?.time).toBe(Date.UTC(2026, 0, 2, 3, 4, 5, 123))
  })
})

describe('every table', () => {
  test.each([...DATASETS.values()].map((dataset) => [dataset.name, dataset] as const))(
    '%s',
    (name, dataset) => {
      expect(dataset.name).toBe(name)
      expect(dataset.latenessMs).toBeGreaterThanOrEqual(30 * 60_000)
      for (const [key, field] of dataset.fields) {
        expect(field.name).toBe(key)
        expect(field.from).not.toBe('')
        expect(() => field.read({})).not.toThrow()
      }
    },
  )

  const ODD: readonly unknown[] = [
    null,
    '',
    'x',
    '{"a":',
    '[1]',
    'null',
    -1,
    1e300,
    true,
    [],
    [null],
    [[]],
    {},
    { toString: 1 },
  ]

  test.each([...DATASETS.values()].map((dataset) => [dataset.name, dataset] as const))(
    '%s reads whatever stands where something else should, and claims nothing that it cannot',
    (_name, dataset) => {
      for (const odd of ODD)
        for (const record of [0, 1, 2, 3, 4].flatMap((depth) => [within(depth, odd), within(depth, [odd])])) {
          expect(Number.isFinite(dataset.time(record) ?? 0)).toBe(true)
          for (const read of [dataset.id, dataset.state]) expect(typeof (read(record) ?? '')).toBe('string')
          dataset.columns(record)
          for (const { read } of dataset.fields.values()) expect(isFieldValue(read(record))).toBe(true)
        }
    },
  )

  test('a folded field holds only folded text', () => {
    const properties = { initiatedBy: { user: { userPrincipalName: 'A \u2013 B.' } } }
    const events = eventsFrom(
      { time: TIME, category: 'AuditLogs', operationName: 'Add User.', resourceId: TENANT, properties },
      { CreationTime: TIME, Operation: 'Add User.', UserId: 'A  B', Workload: 'X' },
      { eventSource: 'IAM.amazonaws.com', eventName: 'CreateUser', eventTime: TIME },
      { '@timestamp': TIME, action: 'A  B.', user: { name: 'X \u2013 Y.' } },
    )
    const folded = events.flatMap((event) =>
      [...event.dataset.fields.values()]
        .filter((field) => field.folded)
        .map((field) => [field.name, field.read(event.record)] as const)
        .filter(([, value]) => typeof value === 'string'),
    )
    expect(folded.length).toBeGreaterThan(10)
    expect(folded).toEqual(folded.map(([name, value]) => [name, fold(String(value))]))
  })

  test('where a record tells no time, its arrival counts', () => {
    expect(eventsFrom({ category: 'SignInLogs', time: 'never' })[0]?.time).toBe(0)
  })
})

/** An object with every member, each an object with every member and so on, until a value stands there. */
function within(depth: number, value: unknown): JsonObject {
  return new Proxy<JsonObject>(
    {},
    {
      get: (_target, key) =>
        typeof key === 'symbol' ? undefined : ((depth === 0 ? value : within(depth - 1, value)) as JsonValue),
    },
  )
}

function isFieldValue(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((each) => typeof each !== 'object' || each === null)
  return value === undefined || typeof value !== 'object'
}
