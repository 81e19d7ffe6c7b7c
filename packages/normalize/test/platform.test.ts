import { describe, expect, test } from 'vitest'
import { identityOf, subjectOf } from '../src/index.ts'
import { eventsFrom } from './corpus.ts'
import { expectFields } from './fields.ts'

const TIME = '2026-01-02T03:04:05.1234567Z'
const SUBSCRIPTION = '/SUBSCRIPTIONS/S1/RESOURCEGROUPS/RG/PROVIDERS'

describe('azure.sqlaudit', () => {
  const audit = (properties: object) => ({
    time: '2026-01-02T03:09:00Z',
    resourceId: `${SUBSCRIPTION}/MICROSOFT.SQL/SERVERS/SQL1/DATABASES/ORDERS`,
    LogicalServerName: 'sql1',
    category: 'SQLSecurityAuditEvents',
    operationName: 'AuditEvent',
    properties: { event_id: 'q1', event_time: TIME, action_id: 'DBAF', ...properties },
  })

  test('a refused log-in, at the time that the database tells', () => {
    const record = audit({
      action_name: 'DATABASE AUTHENTICATION FAILED',
      succeeded: 'false',
      server_principal_name: 'Sa',
      client_ip: '203.0.113.9',
      database_name: 'Orders',
      application_name: 'sqlmap',
    })
    expect(eventsFrom(record)[0]?.time).toBe(Date.UTC(2026, 0, 2, 3, 4, 5, 123))
    expectFields(record, {
      'event.action': 'database authentication failed',
      'event.category': ['database', 'authentication'],
      'event.outcome': 'failure',
      'event.code': 'DBAF',
      'user.name': 'sa',
      'source.ip': '203.0.113.9',
      'azure.sqlaudit.database': 'orders',
      'user_agent.original': 'sqlmap',
    })
  })

  test.each([
    [true, 'success'],
    ['true', 'success'],
    [1, 'success'],
    ['False', 'failure'],
    [0, 'failure'],
    [undefined, 'unknown'],
  ])('succeeded %s is %s; a caller within Azure has no address', (succeeded, outcome) => {
    const record = audit({
      action_name: 'BATCH COMPLETED',
      action_id: 'BCM ',
      succeeded,
      client_ip: 'Internal',
    })
    expectFields(record, {
      'event.outcome': outcome,
      'event.code': 'BCM',
      'event.category': ['database'],
      'source.ip': undefined,
      'source.address': 'Internal',
    })
  })

  test('a long statement goes on in records of one id', () => {
    const [one, two] = [1, 2].flatMap((sequence_number) => eventsFrom(audit({ sequence_number })))
    expect(identityOf(one!)).not.toBe(identityOf(two!))
    expect(subjectOf(one!)).toBe(subjectOf(two!))
  })
})

describe('azure.aks_audit', () => {
  const audit = (log: object | string) => ({
    time: '2026-01-02T03:04:09Z',
    resourceId: `${SUBSCRIPTION}/MICROSOFT.CONTAINERSERVICE/MANAGEDCLUSTERS/AKS1`,
    category: 'kube-audit',
    operationName: 'Microsoft.ContainerService/managedClusters/diagnosticLogs/Read',
    properties: { log: typeof log === 'string' ? log : JSON.stringify(log), pod: 'kube-apiserver-1' },
  })
  const exec = {
    auditID: 'k1',
    stage: 'ResponseComplete',
    stageTimestamp: '2026-01-02T03:04:05.123456Z',
    verb: 'create',
    requestURI: '/api/v1/namespaces/Shop/pods/web-1/exec?command=sh',
    user: { username: 'Ann@example.com', groups: ['system:authenticated'] },
    impersonatedUser: { username: 'system:admin' },
    sourceIPs: ['203.0.113.9', '10.0.0.1'],
    userAgent: 'kubectl/v1.30',
    objectRef: { resource: 'pods', subresource: 'exec', namespace: 'Shop', name: 'web-1' },
    responseStatus: { code: 101 },
    annotations: { 'authorization.k8s.io/decision': 'allow' },
  }

  test("what Kubernetes wrote is read out of the record's text", () => {
    const event = eventsFrom(audit(exec))[0]
    expect(event?.time).toBe(Date.UTC(2026, 0, 2, 3, 4, 5, 123))
    expect(event?.record).toHaveProperty('properties.log.objectRef.subresource', 'exec')
    expectFields(audit(exec), {
      'event.id': 'k1',
      'event.action': 'create pods/exec',
      'event.type': ['creation'],
      'event.outcome': 'success',
      'user.name': 'ann@example.com',
      'user.effective.name': 'system:admin',
      'source.ip': '203.0.113.9',
      'user_agent.original': 'kubectl/v1.30',
      'orchestrator.cluster.name': 'aks1',
      'orchestrator.namespace': 'Shop',
      'orchestrator.resource.type': 'pods',
      'orchestrator.resource.name': 'web-1',
      'azure.aks_audit.subresource': 'exec',
      'azure.aks_audit.decision': 'allow',
      'azure.aks_audit.groups': ['system:authenticated'],
    })
  })

  test('only the stage ResponseComplete tells the outcome; stages of one call are states of one id', () => {
    const stages = ['RequestReceived', 'ResponseStarted', 'ResponseComplete'].map((stage) =>
      audit({ ...exec, stage }),
    )
    expect(stages.flatMap((each) => eventsFrom(each)).map((event) => subjectOf(event))).toEqual([
      'k1',
      'k1',
      'k1',
    ])
    expect(new Set(stages.flatMap((each) => eventsFrom(each)).map(identityOf)).size).toBe(3)
    expectFields(stages[0]!, { 'event.outcome': 'unknown' })
    expectFields(stages[1]!, { 'event.outcome': 'unknown' })
    expectFields(audit({ ...exec, responseStatus: { code: 403 } }), { 'event.outcome': 'failure' })
    expectFields(audit({ ...exec, stage: 'Panic' }), { 'event.outcome': 'failure' })
  })

  test('text that was cut off stays text, and the envelope tells the time', () => {
    const record = audit('{"auditID":"k1","verb":"cre')
    expect(eventsFrom(record)[0]?.time).toBe(Date.UTC(2026, 0, 2, 3, 4, 9))
    expectFields(record, { 'event.action': 'microsoft.containerservice/managedclusters/diagnosticlogs/read' })
  })
})

describe('azure.app_service and azure.functions', () => {
  const SITE = `${SUBSCRIPTION}/MICROSOFT.WEB/SITES/APP1`

  test('a request; a hyphen is nothing, a plus sign a blank', () => {
    const properties = {
      CsMethod: 'POST',
      CsUriStem: '/api',
      CIp: '203.0.113.9',
      UserAgent: 'Mozilla/5.0+(X11)',
      CsHost: 'App1.example',
      ScStatus: '404',
      CsUsername: '-',
      Referer: '-',
      SPort: '443',
    }
    const expected = {
      'event.category': ['web'],
      'event.outcome': 'failure',
      'http.response.status_code': 404,
      'source.ip': '203.0.113.9',
      'user.name': undefined,
      'http.request.referrer': undefined,
      'user_agent.original': 'Mozilla/5.0 (X11)',
      'url.path': '/api',
      'url.domain': 'app1.example',
    }
    expectFields({ time: TIME, resourceId: SITE, category: 'AppServiceHTTPLogs', properties }, expected)
    const asText = JSON.stringify(properties)
    expectFields(
      { time: TIME, resourceId: SITE, category: 'AppServiceHTTPLogs', properties: asText },
      expected,
    )
  })

  test('a log-in to publish, and a caller that an address rule refused, with keys in capitals', () => {
    expectFields(
      {
        time: TIME,
        ResourceId: SITE,
        Category: 'AppServiceAuditLogs',
        OperationName: 'Authorization',
        Properties: { User: 'u1', UserDisplayName: 'Ann@example.com', UserAddress: '203.0.113.9:5432' },
      },
      {
        'event.category': ['authentication'],
        'event.action': 'authorization',
        'user.name': 'ann@example.com',
        'user.id': 'u1',
        'source.ip': '203.0.113.9',
        'source.port': 5432,
      },
    )
    expectFields(
      {
        time: TIME,
        ResourceId: SITE,
        Category: 'AppServiceIPSecAuditLogs',
        OperationName: 'Authorization',
        Properties: { Result: 'Denied', CIp: '203.0.113.9:52580', Details: 'Denied by rule.' },
      },
      { 'event.outcome': 'failure', 'event.reason': 'Denied by rule.', 'source.ip': '203.0.113.9' },
    )
  })

  test('a function that failed, in the pseudo-JSON that some hosts write', () => {
    const properties =
      "{'appName':'Func1','functionName':'Functions.Hello','message':'Executed','eventName':'FunctionCompleted','exceptionType':'System.Exception','exceptionMessage':'no'}"
    const record = { time: TIME, resourceId: SITE, category: 'FunctionAppLogs', level: 'Error', properties }
    expectFields(record, {
      'event.action': 'functioncompleted',
      'event.outcome': 'failure',
      'event.type': ['end'],
      'azure.functions.name': 'functions.hello',
      'error.message': 'no',
      'log.level': 'error',
    })
    expectFields(
      { ...record, properties: { eventName: 'FunctionCompleted' } },
      { 'event.outcome': 'success' },
    )
    expectFields({ ...record, properties: { message: 'hello' } }, { 'event.outcome': 'unknown' })
  })
})

describe('azure.platformlogs', () => {
  test('any other category: the envelope, and names that many services share', () => {
    const record = {
      time: TIME,
      resourceId: `${SUBSCRIPTION}/MICROSOFT.DBFORMYSQL/SERVERS/S1`,
      category: 'MySqlAuditLogs',
      operationName: 'LogEvent',
      properties: { event_class: 'connection_log', ip: '203.0.113.9', user: 'Grafana' },
    }
    expectFields(record, {
      'event.action': 'logevent',
      'event.outcome': 'unknown',
      'event.provider': 'MySqlAuditLogs',
      'user.name': 'grafana',
      'source.ip': '203.0.113.9',
      'azure.resource.type': 'microsoft.dbformysql/servers',
    })
  })
})
