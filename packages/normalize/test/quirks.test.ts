import type { JsonObject } from '@weir/model'
import { describe, expect, test } from 'vitest'
import { DATASETS, identityOf, toEcs, unwrap } from '../src/index.ts'
import { eventsIn } from './corpus.ts'

const AT = Date.UTC(2026, 0, 2, 3, 4, 5)
const TIME = '2026-01-02T03:04:05Z'
const RESOURCE = '/SUBSCRIPTIONS/S1/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.X/YS/Z1'

/** One record of each dataset whose records come in Azure's common envelope, with what is its own. */
const OWN: Readonly<Record<string, JsonObject>> = {
  'azure.signinlogs': {
    category: 'SignInLogs',
    operationName: 'Sign-in activity',
    properties: { id: 's1', userPrincipalName: 'ann@example.com', ipAddress: '203.0.113.9' },
  },
  'azure.auditlogs': {
    category: 'AuditLogs',
    operationName: 'Add user',
    properties: { id: 'a1', initiatedBy: { user: { userPrincipalName: 'ann@example.com' } } },
  },
  'azure.identity_protection': {
    category: 'UserRiskEvents',
    operationName: 'User Risk Detection',
    properties: { id: 'r1', riskEventType: 'newCountry', userPrincipalName: 'ann@example.com' },
  },
  'azure.provisioning': {
    category: 'ProvisioningLogs',
    operationName: 'Provisioning activity',
    properties: { id: 'p1', provisioningAction: 'create' },
  },
  'azure.graphactivitylogs': {
    category: 'MicrosoftGraphActivityLogs',
    operationName: 'Microsoft Graph Activity',
    properties: { requestId: 'g1', requestMethod: 'GET', requestUri: '/v1.0/users', responseStatusCode: 200 },
  },
  'azure.networkaccess': {
    category: 'NetworkAccessTrafficLogs',
    operationName: 'NetworkAccessTraffic',
    properties: { transactionId: 't1', action: 'block', sourceIp: '203.0.113.9' },
  },
  'azure.activitylogs': {
    category: 'Administrative',
    operationName: 'MICROSOFT.X/YS/WRITE',
    properties: { eventCategory: 'Administrative', caller: 'ann@example.com' },
  },
  'azure.keyvault': {
    category: 'AuditEvent',
    operationName: 'SecretGet',
    properties: { id: 'https://v1.example/secrets/one', httpStatusCode: 200 },
  },
  'azure.storage': {
    category: 'StorageRead',
    operationName: 'GetBlob',
    statusCode: 200,
    properties: { accountName: 'acc1', objectKey: '/acc1/c/one.txt' },
  },
  'azure.firewall_logs': {
    category: 'AZFWNetworkRule',
    operationName: 'AZFWNetworkRule',
    properties: { SourceIp: '10.0.0.4', DestinationPort: 22, Action: 'Deny' },
  },
  'azure.application_gateway': {
    category: 'ApplicationGatewayAccessLog',
    operationName: 'ApplicationGatewayAccess',
    properties: { clientIP: '203.0.113.9', httpStatus: 404, requestUri: '/x' },
  },
  'azure.frontdoor_waf': {
    category: 'FrontDoorWebApplicationFirewallLog',
    operationName: 'Microsoft.Cdn/Profiles/WebApplicationFirewallLog/Write',
    properties: { clientIP: '203.0.113.9', action: 'Block', ruleName: 'r1' },
  },
  'azure.sqlaudit': {
    category: 'SQLSecurityAuditEvents',
    operationName: 'AuditEvent',
    properties: {
      event_id: 'q1',
      action_name: 'BATCH COMPLETED',
      succeeded: 'true',
      client_ip: '203.0.113.9',
    },
  },
  'azure.aks_audit': {
    category: 'kube-audit',
    operationName: 'Microsoft.ContainerService/managedClusters/diagnosticLogs/Read',
    properties: {
      log: '{"auditID":"k1","stage":"ResponseComplete","verb":"get","responseStatus":{"code":200}}',
    },
  },
  'azure.app_service': {
    category: 'AppServiceHTTPLogs',
    operationName: 'Request',
    properties: { CsMethod: 'GET', CsUriStem: '/x', CIp: '203.0.113.9', ScStatus: 200 },
  },
  'azure.functions': {
    category: 'FunctionAppLogs',
    operationName: 'Microsoft.Web/sites/functions/log',
    properties: { functionName: 'f1', message: 'hello' },
  },
  'azure.platformlogs': {
    category: 'OperationalLogs',
    operationName: 'Delete EventHub',
    properties: { Status: 'Succeeded' },
  },
}

/** Flows tell their time in their tuples, and have no envelope but the resource. */
const FLOWS: readonly string[] = ['azure.nsgflow', 'azure.vnetflow']

const plain = (own: JsonObject): JsonObject => ({
  time: TIME,
  resourceId: RESOURCE,
  level: 'Warning',
  resultType: '0',
  durationMs: 78,
  callerIpAddress: '203.0.113.9',
  correlationId: 'c1',
  ...own,
})

const without = (record: JsonObject, ...keys: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)))

const at = (key: string, value: string) => (record: JsonObject) => ({
  ...without(record, 'time'),
  [key]: value,
})

const STREAMED = { EventProcessedUtcTime: '2026-01-02T04:00:00Z', PartitionId: 3, EventEnqueuedUtcTime: TIME }

/** The same record as services, exports and what stands between are known to write it. */
const QUIRKS: readonly (readonly [string, (record: JsonObject) => JsonObject | JsonObject[]])[] = [
  ['resourceid', (record) => ({ ...without(record, 'resourceId'), resourceid: RESOURCE })],
  ['ResourceId', (record) => ({ ...without(record, 'resourceId'), ResourceId: RESOURCE })],
  ['a resource id in its own case', (record) => ({ ...record, resourceId: RESOURCE.toLowerCase() })],
  ['Level', (record) => ({ ...without(record, 'level'), Level: 'Warning' })],
  ['timeStamp', at('timeStamp', TIME)],
  ['timestamp', at('timestamp', TIME)],
  ['Timestamp', at('Timestamp', TIME)],
  ['no zone', at('time', '2026-01-02T03:04:05')],
  ['seven digits', at('time', '2026-01-02T03:04:05.0000000Z')],
  ['two digits', at('time', '2026-01-02T03:04:05.00Z')],
  ['nine digits', at('time', '2026-01-02T03:04:05.000000000Z')],
  ['+00:00', at('time', '2026-01-02T03:04:05+00:00')],
  ['+02:00', at('time', '2026-01-02T05:04:05+02:00')],
  ['month first', at('time', '01/02/2026 03:04:05')],
  ['month first, half a day', at('time', '1/2/2026 3:04:05 AM')],
  ['month first, half a day, with an offset', at('time', '1/2/2026 5:04:05 AM +02:00')],
  ['resultType 0', (record) => ({ ...record, resultType: 0 })],
  ['durationMs as text', (record) => ({ ...record, durationMs: '78' })],
  ['keys in capitals', capitalised],
  ['properties as text', (record) => ({ ...record, properties: JSON.stringify(record.properties) })],
  ['category in lower case', (record) => ({ ...record, category: String(record.category).toLowerCase() })],
  [
    'fields beyond the schema',
    (record) => ({ ...record, Cloud: 'AzureCloud', workflowId: 'x', uri: undefined }),
  ],
  ['from a stream processor', (record) => ({ ...record, ...STREAMED })],
  ['a list of envelopes from a stream processor', (record) => [{ records: [record], ...STREAMED }]],
]

function capitalised(record: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [key.charAt(0).toUpperCase() + key.slice(1), value]),
  )
}

test('there is a record of every dataset in the envelope', () => {
  const azure = [...DATASETS.keys()].filter((name) => name.startsWith('azure.'))
  expect([...Object.keys(OWN), ...FLOWS].sort()).toEqual(azure.sort())
})

describe.each(Object.entries(OWN))('%s', (dataset, own) => {
  const expected = seen(plain(own))

  test('as documented', () => {
    expect(expected.names).toEqual([dataset])
    expect(expected.documents[0]).toMatchObject({
      '@timestamp': new Date(AT).toISOString(),
      event: { duration: 78e6 },
      azure: { resource: { name: 'z1' }, result_type: '0' },
      log: { level: 'warning' },
    })
  })

  test.each(QUIRKS)('%s', (_name, quirk) => {
    const found = seen(quirk(plain(own)))
    expect(found.names).toEqual([dataset])
    expect(found.documents).toEqual(expected.documents)
  })
})

/** Any other Azure record is known by all that it says, as it says it. */
const HASHED_WHOLE = 'azure.platformlogs'

test.each(Object.entries(OWN).filter(([name]) => name !== HASHED_WHOLE))(
  '%s: one event by hub and by blob, in whatever case and precision its envelope is written',
  (_dataset, own) => {
    const hub = { ...plain(own), time: '2026-01-02T03:04:05.0000000Z', resourceId: RESOURCE.toLowerCase() }
    const [one, other] = [plain(own), hub].map((record) => eventsIn(read(record))[0]!)
    expect(identityOf(one!)).toBe(identityOf(other!))
  },
)

function read(record: JsonObject | JsonObject[]) {
  return unwrap(Buffer.from(JSON.stringify(record)))
}

/** Datasets and documents. */
function seen(record: JsonObject | JsonObject[]) {
  const events = eventsIn(read(record))
  const documents = events.map((event) => spelled(toEcs(event), event.dataset.id(event.record) !== undefined))
  return { names: events.map((event) => event.dataset.name), documents }
}

/** What is hashed for want of an id differs with the spelling, and a category stays as it was written. */
function spelled(document: JsonObject, hasId: boolean): JsonObject {
  const { id, provider, ...event } = document.event as JsonObject
  const { category, activitylogs, ...azure } = document.azure as JsonObject
  const lower = { provider: String(provider).toLowerCase(), category: String(category).toLowerCase() }
  return { ...document, event: { ...event, ...(hasId && { id }) }, azure, lower }
}
